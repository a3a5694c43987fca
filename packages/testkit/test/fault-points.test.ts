/** Fault points: which events meet a fault, and that the seed and the event decide it, and nothing that came before. */
import { systemAtomics } from '@ringmain/ring';
import { FaultPoints } from '@ringmain/testkit';
import type { FaultRule, FaultSubject } from '@ringmain/testkit';
import { describe, expect, test } from 'vitest';

function pointsOf(seed: number, ...rules: readonly FaultRule[]): FaultPoints {
  return new FaultPoints(seed, rules, new Int32Array(new SharedArrayBuffer(rules.length * 4 + 4)), systemAtomics);
}

const subject = (number: number, others: Partial<FaultSubject> = {}): FaultSubject => ({
  type: 'order.placed',
  number,
  ...others,
});
const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number);
const throws: FaultRule = { at: 'handler', action: 'throw' };

describe('FaultPoints.hit()', () => {
  test('fires for every event of its point, and of no other', () => {
    const points = pointsOf(1, { ...throws, ms: 3 });
    expect(points.hit('handler', subject(1))).toEqual({ action: 'throw', ms: 3, rule: 0 });
    expect(points.hit('settle', subject(1))).toBeUndefined();
    expect([points.concerns('handler'), points.concerns('settle')]).toEqual([true, false]);
    expect(points.fired()).toEqual([1]);
  });

  test.each<[NonNullable<FaultRule['match']>, Partial<FaultSubject>, boolean]>([
    [{ type: 'order.*' }, {}, true],
    [{ type: 'stock.*' }, {}, false],
    [{ group: 'billing' }, { group: 'billing' }, true],
    [{ group: 'billing' }, { group: 'shipping' }, false],
    [{ group: 'billing' }, {}, false],
    [{ key: '7' }, { key: '7' }, true],
    [{ key: '7' }, {}, false],
    [{ type: 'order.*', key: '7' }, { key: '8' }, false],
  ])('of the match %o, an event with %o: %s', (match, others, fires) => {
    expect(pointsOf(1, { ...throws, match }).hit('handler', subject(1, others)) !== undefined).toBe(fires);
  });

  test('hands out the action of the first rule that fires, and counts each rule', () => {
    const points = pointsOf(1, { ...throws, limit: 1 }, { at: 'handler', action: 'delay' });
    expect(numbers(3).map((number) => points.hit('handler', subject(number))?.action)).toEqual(['throw', 'delay', 'delay']);
    expect(points.fired()).toEqual([1, 2]);
  });

  test('shares its limit with the other threads of the runtime', () => {
    const counts = new Int32Array(new SharedArrayBuffer(4));
    const threads = [1, 2].map(() => new FaultPoints(1, [{ ...throws, limit: 3 }], counts, systemAtomics));
    const fired = numbers(10).filter((number) => threads[number % 2]?.hit('handler', subject(number)) !== undefined);
    expect(fired).toEqual([0, 1, 2]);
    expect(threads.map((points) => points.fired())).toEqual([[3], [3]]);
  });

  test('ends or blocks a thread at the first attempt only, unless it is told otherwise', () => {
    const meets = (rule: FaultRule): number[] =>
      [1, 2, 3].filter((attempt) => pointsOf(1, rule).hit('handler', subject(1, { attempt })) !== undefined);
    expect(meets(throws)).toEqual([1, 2, 3]);
    expect(meets({ ...throws, attemptsMax: 2 })).toEqual([1, 2]);
    for (const action of ['kill', 'oom', 'block'] as const) expect(meets({ at: 'handler', action })).toEqual([1]);
    expect(meets({ at: 'handler', action: 'kill', attemptsMax: 3 })).toEqual([1, 2, 3]);
  });

  test('draws the same for the same seed whatever the order, about as often as the rate says, and otherwise for another seed', () => {
    const fired = (seed: number, order: readonly number[], rate = 0.25): number[] => {
      const points = pointsOf(seed, { ...throws, rate });
      return order.filter((number) => points.hit('handler', subject(number)) !== undefined).toSorted((one, other) => one - other);
    };
    const order = numbers(2000);
    const first = fired(42, order);
    expect(fired(42, order.toReversed())).toEqual(first);
    expect(fired(43, order)).not.toEqual(first);
    expect(first.length).toBeGreaterThan(400);
    expect(first.length).toBeLessThan(600);
    expect([fired(1, order, 0), fired(1, order, 1).length]).toEqual([[], 2000]);
  });

  test('draws anew for each attempt, group and rule', () => {
    const rule = { ...throws, rate: 0.5 };
    const points = pointsOf(7, rule, rule);
    const drawn = (others: Partial<FaultSubject>): string =>
      numbers(64)
        .map((number) => points.hit('handler', subject(number, others))?.rule ?? '-')
        .join('');
    const all = [drawn({}), drawn({ attempt: 2 }), drawn({ group: 'billing' })];
    expect(new Set(all).size).toBe(3);
    for (const one of all) expect(new Set(one)).toEqual(new Set(['0', '1', '-']));
  });
});

describe('new FaultPoints()', () => {
  test.each<[unknown, string]>([
    [{ ...throws, rate: 1.1 }, 'faults[0].rate is 1.1'],
    [{ ...throws, rate: Number.NaN }, 'faults[0].rate is NaN'],
    [{ ...throws, limit: -1 }, 'faults[0].limit is -1'],
    [{ ...throws, attemptsMax: 0 }, 'faults[0].attemptsMax is 0'],
    [{ ...throws, ms: -1 }, 'faults[0].ms is -1'],
    [{ ...throws, at: 'store' }, 'faults[0].at is "store"'],
    [{ ...throws, action: 'explode' }, 'faults[0].action is "explode"'],
    [{ at: 'publish', action: 'kill' }, 'faults[0].at is "publish" (allowed: handler, settle for the action kill)'],
    [{ ...throws, points: 1 }, 'faults[0].points is "unknown"'],
    [{ ...throws, match: { shard: 1 } }, 'faults[0].match.shard is "unknown"'],
    [{ ...throws, match: { key: 7 } }, 'faults[0].match.key is 7'],
    [null, 'faults[0] is null'],
  ])('refuses %o', (rule, message) => {
    expect(() => pointsOf(1, rule as FaultRule)).toThrow(message);
  });

  test('allows a clock to jump back', () => {
    expect(pointsOf(1, { at: 'publish', action: 'clock-jump', ms: -5 }).hit('publish', subject(1))?.ms).toBe(-5);
  });
});
