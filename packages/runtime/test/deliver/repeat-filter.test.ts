/** What a group takes for a repeat: texts, groups, time, and what other threads remember, by a clock of the test. */
import { TableWord, allocateMemory, createPartitionTable, planMemory } from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../dist/config/parse-config.js';
import type { DeliveredEvent } from '../../dist/deliver/delivered-event.js';
import { RepeatFilter, repeatMark } from '../../dist/deliver/repeat-filter.js';
import { threadContext } from '../../dist/thread-context.js';

const WINDOW_MS = 2000;

function filters() {
  const config = parseConfig({ shards: 2, dedupe: { windowMs: WINDOW_MS, events: 100 } });
  const lanes = { laneBytes: [4096, 4096, 4096, 4096], meshLaneBytes: 4096 };
  const plan = planMemory({ shards: 2, ...lanes, baySlots: 64, bayBytes: 16_384, repeatsMax: config.dedupe.events });
  const memory = allocateMemory(plan);
  createPartitionTable(plan, memory, 2);
  const clock = manualClock();
  const fixed = { epochUs: 0, epochWallMs: 0, nonceHigh: 7, nonceLow: 9, subscribers: [], eventsModule: undefined };
  const seed = { ...fixed, config, plan, memory, eventsHash: 1, types: [] };
  const filter = (thread: number, group: number): RepeatFilter => new RepeatFilter(threadContext(seed, thread, { clock }), group);
  const move = (): void => {
    new Int32Array(memory.control)[(plan.partitionTable >> 2) + TableWord.epoch] = 1;
  };
  return { clock, filter, move };
}

const event = (ordinal: number, dedupeKey: string | undefined, source = 'here'): DeliveredEvent =>
  ({ ordinal, dedupeKey, source }) as unknown as DeliveredEvent;

describe('RepeatFilter', () => {
  it('tells repeats by source and dedupeKey, in its group alone, and an event is no repeat of itself', () => {
    const { filter } = filters();
    const [one, other] = [filter(1, 0), filter(1, 1)];
    const isTaken = one.around(undefined);
    expect(isTaken(event(1, 'a'))).toBe(true);
    one.remember(event(1, 'a'));
    expect([isTaken(event(1, 'a')), isTaken(event(2, 'a')), one.hasFound]).toEqual([true, false, true]);
    expect([isTaken(event(2, 'b')), isTaken(event(2, 'a', 'there')), one.hasFound]).toEqual([true, true, false]);
    // Where one text ends and the next begins is part of it.
    one.remember(event(3, 'bc', 'a'));
    expect([isTaken(event(4, 'c', 'ab')), isTaken(event(4, 'bc', 'a'))]).toEqual([true, false]);
    expect(other.around(undefined)(event(2, 'a'))).toBe(true);
    one.remember(event(5, undefined));
    expect(isTaken(event(6, undefined))).toBe(true);
  });

  it('asks what the group wants first', () => {
    const { filter } = filters();
    const one = filter(1, 0);
    one.remember(event(1, 'a'));
    expect([one.around(() => false)(event(2, 'a')), one.hasFound]).toEqual([false, false]);
    expect([one.around(() => true)(event(2, 'a')), one.hasFound]).toEqual([false, true]);
  });

  it('forgets what is older than the window, and so does a successor', () => {
    const { clock, filter } = filters();
    filter(1, 0).remember(event(1, 'a'));
    clock.advance((WINDOW_MS - 100) * 1000);
    expect(filter(1, 0).around(undefined)(event(2, 'a'))).toBe(false);
    clock.advance(100_000);
    expect(filter(1, 0).around(undefined)(event(2, 'a'))).toBe(true);
  });

  it('looks at what other threads remember once partitions have moved', () => {
    const { filter, move } = filters();
    filter(1, 0).remember(event(1, 'a'));
    expect(filter(2, 0).around(undefined)(event(2, 'a'))).toBe(true);
    move();
    expect(filter(2, 0).around(undefined)(event(2, 'a'))).toBe(false);
  });
});

describe('repeatMark()', () => {
  it('has 64 bits that do not follow from one another, for texts that hardly differ', () => {
    const count = 100_000;
    const [hashes, checks, both, low] = [new Set<number>(), new Set<number>(), new Set<string>(), new Int32Array(256)];
    for (let id = 0; id < count; id++) {
      const { hash, check } = repeatMark(1, 2, 'shop', `order-${id}`, 0);
      hashes.add(hash);
      checks.add(check);
      both.add(`${hash} ${check}`);
      // Those that are alike in one half must not be alike in the other.
      const at = (hash ^ check) & 0xff;
      low[at] = (low[at] ?? 0) + 1;
    }
    // Of 100,000 random words of 32 bits, one or two meet another.
    expect(count - hashes.size).toBeLessThan(10);
    expect(count - checks.size).toBeLessThan(10);
    expect(both.size).toBe(count);
    expect(Math.min(...low)).toBeGreaterThan(count / 256 / 1.5);
    expect(Math.max(...low)).toBeLessThan((count / 256) * 1.5);
  });
});
