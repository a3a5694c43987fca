/** What supervisors see of handlers that are called out of the bay, and whom a death in one of them is charged to; the shipped consumer, without threads. */
import { LIMITS } from '@ringmain/core';
import { describe, expect, it } from 'vitest';
import { MortalShard } from './mortal-shard.ts';
import type { MortalGroup } from './mortal-shard.ts';

const always = (): boolean => true;
const never = (): boolean => false;
const atFirst = (_: number, attempt: number): boolean => attempt === 1;

/** Looks at the shard from outside in every call of a handler; names what it finds. */
function watched(
  group: MortalGroup,
  others: readonly MortalGroup[] = [],
): { readonly shard: MortalShard; readonly found: string[] } {
  const found: string[] = [];
  const look = (id: number, { attempt }: { readonly attempt: number }): void => {
    const seen = shard.foundIn();
    found.push(`event ${id}, attempt ${attempt}: ${seen?.type} of ${seen?.group}${seen?.run === 0 ? '' : ' from the bay'}`);
  };
  const shard = new MortalShard({ events: 2, keys: 1, groups: [{ ...group, extra: look }, ...others] });
  return { shard, found };
}

describe('a supervisor', () => {
  it('finds a handler in its lane, in another attempt, and behind another event of its key', () => {
    const { shard, found } = watched({ isAsync: never, fails: atFirst });
    expect(shard.live()).toBe(true);
    expect(found).toEqual([
      'event 0, attempt 1: placed of group 0',
      'event 0, attempt 2: placed of group 0 from the bay',
      'event 1, attempt 1: placed of group 0 from the bay',
      'event 1, attempt 2: placed of group 0 from the bay',
    ]);
    expect(shard.foundIn()).toBeUndefined();
  });

  it('finds the handler of a batch, and what is left of it alone', () => {
    const { shard, found } = watched({ isAsync: never, batch: 2, fails: atFirst });
    expect(shard.live()).toBe(true);
    expect(found.length).toBe(4);
    for (const line of found) expect(line).toMatch(/: placed of group 0 from the bay$/);
    expect(shard.foundIn()).toBeUndefined();
  });

  it('finds a handler that has returned a promise no longer', () => {
    const { shard, found } = watched({ isAsync: (id) => id === 0 });
    const seen: unknown[] = [];
    const other = new MortalShard({
      events: 4,
      keys: 1,
      groups: [
        { isAsync: always, batch: 2 },
        { isAsync: never, extra: () => seen.push(other.foundIn()?.group) },
      ],
    });
    expect([shard.live(), other.live()]).toEqual([true, true]);
    expect(found[1]).toBe('event 1, attempt 1: placed of group 0 from the bay');
    expect(seen).toEqual(['group 1', 'group 1', 'group 1', 'group 1']);
  });

  it('tells calls out of the bay apart', () => {
    const runs: (number | undefined)[] = [];
    const shard: MortalShard = new MortalShard({
      events: 3,
      keys: 1,
      groups: [{ isAsync: never, fails: atFirst, extra: () => runs.push(shard.foundIn()?.run) }],
    });
    expect(shard.live()).toBe(true);
    expect(new Set(runs).size).toBe(runs.length);
  });
});

/** Dies in the call of that number. */
function killsAt(call: number): () => boolean {
  let calls = 0;
  return () => ++calls === call;
}

describe('a death in a handler that was called out of the bay', () => {
  it.each([
    ['another attempt', { isAsync: never, fails: atFirst, kills: killsAt(2) }, 1],
    [
      'the first attempt behind its key',
      { isAsync: never, fails: (id, attempt) => id === 0 && attempt === 1, kills: killsAt(3) },
      1,
    ],
    ['a batch', { isAsync: never, batch: 2, kills: killsAt(2) }, 2],
  ] satisfies readonly [string, MortalGroup, number][])(
    'is charged to it alone, and not to what waits for a promise: %s',
    (_, group, charged) => {
      const shard = new MortalShard({ events: 2, keys: 1, groups: [{ isAsync: always, batch: 2 }, group] });
      expect(shard.live()).toBe(false);
      const { 0: promised, 1: called } = shard.chargesByStep();
      expect(promised).toEqual([0, 0]);
      expect(called?.filter((crashes) => crashes === 1).length).toBe(charged);
      expect(shard.live()).toBe(true);
      shard.check();
    },
  );

  it('is charged once, although the next thread dies before it runs anything', () => {
    const shard = new MortalShard({
      events: 1,
      keys: 1,
      groups: [{ isAsync: always }, { isAsync: never, fails: atFirst, kills: killsAt(2) }],
    });
    expect([shard.live(), shard.live(0)]).toEqual([false, false]);
    expect(shard.chargesByStep()).toEqual({ 0: [0], 1: [1] });
    expect(shard.live()).toBe(true);
    shard.check();
  });
});

describe('a death in the where of an event that waited behind its key, and is not handled', () => {
  it('is charged to it alone, each time, until it is set aside', () => {
    const shard: MortalShard = new MortalShard({
      events: 2,
      keys: 1,
      groups: [
        { isAsync: always, hasBreaker: true, killsAsked: (id) => id === 1, extra: () => shard.openBreaker() },
        { isAsync: always, batch: 2 },
      ],
    });
    for (let deaths = 1; deaths <= LIMITS.crashesMax; deaths++) {
      expect(shard.live()).toBe(false);
      expect(shard.chargesByStep()).toEqual({ 0: [deaths], 1: [0, 0] });
    }
    expect(shard.live()).toBe(true);
    expect(shard.letters.map(({ group, reason }) => [group, reason])).toEqual([['group 0', 'crashes']]);
    expect([shard.counted(0), shard.counted(1)]).toMatchObject([
      { delivered: 1, deadLettered: 1 },
      { delivered: 2, deadLettered: 0 },
    ]);
  });
});
