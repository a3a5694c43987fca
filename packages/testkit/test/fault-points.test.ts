/**
 * Fault points: when a rule fires, and that nothing but the seed and its own hits decides it.
 */
import { describe, expect, test } from 'vitest';
import { FaultPoints } from '@ringmain/testkit';
import type { FaultRule } from '@ringmain/testkit';

/** The hits, of so many, at which a point fires. */
function firedAt(seed: number, rule: FaultRule, hits = 10): number[] {
  const points = new FaultPoints(seed, [rule]);
  return Array.from({ length: hits }, (_, hit) => hit).filter(() => points.hit(rule.point) !== undefined);
}

describe('FaultPoints.hit()', () => {
  test('fires at each hit of its point, and of no other', () => {
    const points = new FaultPoints(1, [{ point: 'journal.write' }]);
    expect(points.hit('journal.write')).toEqual({ point: 'journal.write', action: 'throw', ordinal: 1 });
    expect(points.hit('journal.read')).toBeUndefined();
    expect(points.hit('journal.write')?.ordinal).toBe(2);
    expect(points.fired).toBe(2);
  });

  test.each([
    ['after', { after: 3 }, [3, 4, 5, 6, 7, 8, 9]],
    ['times', { times: 2 }, [0, 1]],
    ['after and times', { after: 4, times: 1 }, [4]],
    ['rate 0', { rate: 0 }, []],
    ['rate 1', { rate: 1 }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ])('obeys %s', (_, conditions, expected) => {
    expect(firedAt(1, { point: 'p', ...conditions })).toEqual(expected);
  });

  test('hands out the action of the first rule that fires', () => {
    const points = new FaultPoints(1, [
      { point: 'p', action: 'delay', times: 1 },
      { point: 'p', action: 'exit' },
    ]);
    expect([points.hit('p'), points.hit('p')].map((fault) => fault?.action)).toEqual(['delay', 'exit']);
  });

  test('counts only hits whose details match', () => {
    const points = new FaultPoints(1, [{ point: 'p', after: 1, match: ({ shard }) => shard === 2 }]);
    expect([1, 2, 1, 2].map((shard) => points.hit('p', { shard })?.ordinal)).toEqual([undefined, undefined, undefined, 1]);
    expect(points.hit('p')).toBeUndefined();
  });

  test('draws the same for the same seed, about as often as the rate says, and otherwise for another seed', () => {
    const rule = { point: 'p', rate: 0.25 };
    const fired = firedAt(42, rule, 1_000);
    expect(firedAt(42, rule, 1_000)).toEqual(fired);
    expect(firedAt(43, rule, 1_000)).not.toEqual(fired);
    expect(fired.length).toBeGreaterThan(200);
    expect(fired.length).toBeLessThan(300);
  });

  test('does not let the hits of one point change what another draws', () => {
    const rules = [
      { point: 'busy', rate: 0.5 },
      { point: 'p', rate: 0.5 },
    ];
    const draw = (hitsBetween: number): boolean[] => {
      const points = new FaultPoints(9, rules);
      return Array.from({ length: 50 }, () => {
        for (let hit = 0; hit < hitsBetween; hit++) points.hit('busy');
        return points.hit('p') !== undefined;
      });
    };
    expect(draw(3)).toEqual(draw(0));
  });
});

describe('new FaultPoints()', () => {
  test.each([-0.1, 1.1, Number.NaN])('throws for the rate %s', (rate) => {
    expect(() => new FaultPoints(1, [{ point: 'p', rate }])).toThrow(`fault point p has rate ${rate}`);
  });
});
