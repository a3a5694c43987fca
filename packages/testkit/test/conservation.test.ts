/**
 * The conservation law over counts that hold, leak, and lie.
 */
import { describe, expect, test } from 'vitest';
import { assertConservation, checkConservation } from '@ringmain/testkit';
import type { GroupCounts } from '@ringmain/testkit';

const balanced: GroupCounts = {
  name: 'billing',
  published: 10,
  delivered: 4,
  filtered: 1,
  deadLettered: 1,
  dropped: { expired: 2, evicted: 1 },
  inFlight: 1,
};

describe('checkConservation()', () => {
  test('holds where every event is somewhere, dropped ones by any reason', () => {
    expect(checkConservation([balanced])).toEqual({ holds: true, imbalances: [] });
    expect(checkConservation([]).holds).toBe(true);
  });

  test('names the group that lost an event, and only that', () => {
    const leaking = { ...balanced, name: 'audit', delivered: 3 };
    const { holds, imbalances } = checkConservation([balanced, leaking]);
    expect(holds).toBe(false);
    expect(imbalances).toEqual([{ group: 'audit', published: 10, accounted: 9, message: expect.any(String) as string }]);
    expect(imbalances[0]?.message).toBe(
      'group audit: published=10 but delivered=3 + filtered=1 + dropped=3 + deadLettered=1 + inFlight=1 = 9',
    );
  });

  test.each([
    ['an event too many', { delivered: 5 }],
    ['a negative count that makes up for another', { delivered: 6, inFlight: -1 }],
    ['a negative reason of dropping', { dropped: { expired: 4, evicted: -1 } }],
    ['a fraction', { delivered: 3.5, inFlight: 1.5 }],
    ['no number', { delivered: Number.NaN }],
  ])('does not hold for %s', (_, wrong) => {
    expect(checkConservation([{ ...balanced, ...wrong }]).holds).toBe(false);
  });
});

describe('assertConservation()', () => {
  test('throws the numbers of every group that does not balance', () => {
    expect(() => assertConservation([balanced])).not.toThrow();
    const wrong = ['first', 'second'].map((name) => ({ ...balanced, name, published: 11 }));
    expect(() => assertConservation([balanced, ...wrong])).toThrow(/^group first: published=11 .*= 10\ngroup second: .*= 10$/);
  });
});
