/** What the coordinator leases, from words that the test writes in place of shards. */
import { CONTENDED, PermitWord, ThreadPhase, ThreadWord, allocateMemory, planMemory } from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RuntimeConfigInput } from '../../dist/config/config-schema.js';
import { parseConfig } from '../../dist/config/parse-config.js';
import { chargeDeath } from '../../dist/coordinator/charge-death.js';
import { bulkheadSeats } from '../../dist/limits/bulkhead-seats.js';
import { PermitControl } from '../../dist/limits/permit-control.js';
import type { GroupDescription } from '../../dist/subscribers/load-subscribers.js';
import { threadContext } from '../../dist/thread-context.js';

const TICK_US = 100_000;
const MIB = 1024 * 1024;
const ARMED = 1;

function group(name: string, bulkhead: GroupDescription['bulkhead']): GroupDescription {
  return {
    name,
    patterns: ['order.*'],
    whenFull: 'backpressure',
    isolation: 'inline',
    ...(bulkhead !== undefined && { bulkhead }),
  };
}

const GROUPS = [group('free', undefined), group('own', { globalConcurrency: 2 }), group('left', 'db'), group('right', 'db')];
const OWN = 1;
const SHARED = 2;

function memory(bulkheads: RuntimeConfigInput['bulkheads'], shards = 3) {
  const plan = planMemory({ shards, laneBytes: [4096, 4096, 4096, 4096], meshLaneBytes: 4096, baySlots: 64, bayBytes: MIB });
  const clock = manualClock();
  const configOf = (named: typeof bulkheads) => parseConfig({ shards, bulkheads: named ?? {} });
  const fixed = {
    epochUs: 0,
    epochWallMs: 0,
    nonceHigh: 1,
    nonceLow: 1,
    subscribers: [],
    eventsModule: undefined,
    eventsHash: 0,
  };
  const seed = { ...fixed, config: configOf(bulkheads), plan, memory: allocateMemory(plan), types: [] };
  const context = threadContext(seed, 0, { clock });
  const { control } = context;
  const wordsOf = (shard: number): number => (plan.threads[shard + 1]?.words ?? 0) >> 2;
  const index = (shard: number, number: number, word: keyof typeof PermitWord): number =>
    ((plan.threads[shard + 1]?.permits ?? 0) >> 2) + PermitWord[word] + number;
  const setPhase = (shard: number, phase: number): void => void (control[wordsOf(shard) + ThreadWord.phase] = phase);
  for (let shard = 0; shard < shards; shard++) setPhase(shard, ThreadPhase.running);
  let hurries = 0;
  const begin = (): PermitControl => {
    const created = new PermitControl(context, GROUPS, () => hurries++);
    onTestFinished(() => created.stop());
    created.start();
    return created;
  };
  return {
    begin,
    setPhase,
    hurries: () => hurries,
    reload: (named: typeof bulkheads) => context.live.replace(configOf(named)),
    set: (shard: number, number: number, word: 'inUse' | 'wanted', value: number) =>
      (control[index(shard, number, word)] = value),
    used: (shard: number, number: number) => control[index(shard, number, 'inUse')],
    die: (shard: number) => chargeDeath(context, shard + 1),
    quotas: (number: number) =>
      Array.from({ length: shards }, (_, shard) => (control[index(shard, number, 'quota')] as number) & ~CONTENDED),
    isContended: (number: number) => ((control[index(0, number, 'quota')] as number) & CONTENDED) !== 0,
    arm: (shard: number) => (control[wordsOf(shard) + ThreadWord.bell] = ARMED),
    isRung: (shard: number) => control[wordsOf(shard) + ThreadWord.bell] !== ARMED,
    tick(permits: PermitControl): boolean {
      clock.advance(TICK_US);
      return permits.tick(clock.monotonicUs());
    },
  };
}

describe('PermitControl', () => {
  it('spreads all permits at the start, and none of bulkheads without a bound over all shards', () => {
    const { begin, quotas, hurries } = memory({ db: { concurrency: 3 } });
    begin();
    expect([quotas(OWN), quotas(SHARED), hurries()]).toEqual([[1, 1, 0], [0, 0, 0], 0]);
  });

  it('gives a shard that wants more what others have no use for, wakes it, and asks for another look', () => {
    const { begin, quotas, set, arm, isRung, tick, isContended } = memory({ db: { globalConcurrency: 9 } });
    const permits = begin();
    expect(quotas(SHARED)).toEqual([3, 3, 3]);
    set(2, SHARED, 'inUse', 3);
    set(2, SHARED, 'wanted', 20);
    for (const shard of [0, 1, 2]) arm(shard);
    expect(tick(permits)).toBe(true);
    expect(quotas(SHARED)).toEqual([0, 0, 9]);
    expect([isRung(0), isRung(1), isRung(2)]).toEqual([false, false, true]);
    set(2, SHARED, 'inUse', 9);
    expect([tick(permits), isContended(SHARED)]).toEqual([true, true]);
    set(2, SHARED, 'wanted', 0);
    expect([tick(permits), isContended(SHARED), quotas(SHARED)]).toEqual([false, false, [0, 0, 9]]);
  });

  it('gives a permit that is in use beyond a quota only when it has come back', () => {
    const { begin, quotas, set, tick } = memory({});
    const permits = begin();
    for (const shard of [0, 1]) set(shard, OWN, 'inUse', 1);
    for (const shard of [0, 1, 2]) set(shard, OWN, 'wanted', 5);
    for (let ticks = 0; ticks < 3; ticks++) tick(permits);
    expect(quotas(OWN)).toEqual([0, 1, 0]);
    set(0, OWN, 'inUse', 0);
    tick(permits);
    expect(quotas(OWN)).toEqual([0, 1, 1]);
  });

  it('has back what a shard used when it died, before its successor is there', () => {
    const { begin, quotas, set, die, tick, used } = memory({});
    const permits = begin();
    for (const shard of [0, 1]) set(shard, OWN, 'inUse', 1);
    for (let ticks = 0; ticks < 2; ticks++) {
      set(2, OWN, 'wanted', 1);
      tick(permits);
    }
    expect([quotas(OWN), used(0, OWN)]).toEqual([[1, 1, 0], 1]);
    die(0);
    expect([tick(permits), quotas(OWN), used(0, OWN)]).toEqual([true, [0, 1, 1], 0]);
  });

  it('takes the permits of a shard that is gone, and goes on with the quotas of a predecessor', () => {
    const { begin, quotas, set, setPhase, tick } = memory({});
    const first = begin();
    expect(quotas(OWN)).toEqual([1, 1, 0]);
    first.stop();
    setPhase(1, ThreadPhase.stopped);
    set(0, OWN, 'inUse', 1);
    set(2, OWN, 'wanted', 1);
    const second = begin();
    tick(second);
    expect(quotas(OWN)).toEqual([1, 0, 1]);
  });

  it('follows a reload: to a larger bound, to a smaller one, to none, and to one again', () => {
    const { begin, quotas, reload } = memory({ db: { globalConcurrency: 3 } });
    begin();
    expect(quotas(SHARED)).toEqual([1, 1, 1]);
    reload({ db: { globalConcurrency: 7 } });
    expect(quotas(SHARED).reduce((sum, quota) => sum + quota)).toBe(7);
    reload({ db: { globalConcurrency: 2 } });
    expect(quotas(SHARED).reduce((sum, quota) => sum + quota)).toBe(2);
    reload({ db: {} });
    expect(quotas(SHARED)).toEqual([0, 0, 0]);
    reload({ db: { globalConcurrency: 4 } });
    expect(quotas(SHARED).reduce((sum, quota) => sum + quota)).toBe(4);
  });
});

describe('bulkheadSeats()', () => {
  it('gives a shared bulkhead the number of its first subscriber, and each of a single group its own', () => {
    const users = GROUPS.map((one, number) => ({ number, ...one }));
    const seats = bulkheadSeats({ bulkheads: { db: { concurrency: 4 } } }, users.toReversed());
    expect(seats).toEqual([
      { number: OWN, name: 'own', groups: ['own'], options: { globalConcurrency: 2 } },
      { number: SHARED, name: 'db', groups: ['left', 'right'], options: { concurrency: 4 } },
    ]);
  });
});
