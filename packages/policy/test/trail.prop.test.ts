/** The trail against a small model, and the two promises it makes: an idle thread parks almost at once, a busy one does not park. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Trail } from '@ringmain/policy';

/** Looks granted before the trail says park. */
function looksUntilPark(trail: Trail): number {
  let looks = 0;
  while (trail.empty()) looks++;
  return looks;
}

describe('Trail', () => {
  it('grants its budget of looks in a row and then parks, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), fc.nat(4), fc.nat(20), (found, looksMin, more) => {
        const looksMax = looksMin + more;
        const trail = new Trail(looksMin, looksMax);
        let budget = looksMax;
        let looks = 0;
        for (const work of found) {
          if (work) {
            trail.worked();
            // Only a look that paid lengthens the next trail; work found at once needed none.
            if (looks > 0) budget = Math.min(looksMax, budget + 2);
            looks = 0;
          } else if (looks < budget) {
            expect(trail.empty()).toBe(true);
            looks++;
          } else {
            expect(trail.empty()).toBe(false);
            looks = 0;
            budget = Math.max(looksMin, budget - 1);
          }
          expect(trail.budget).toBe(budget);
          expect(budget).toBeGreaterThanOrEqual(looksMin);
          expect(budget).toBeLessThanOrEqual(looksMax);
        }
      }),
    );
  });

  it('empty() parks sooner each time nothing comes, down to the least', () => {
    const trail = new Trail(1, 10);
    expect(Array.from({ length: 12 }, () => looksUntilPark(trail))).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1, 1]);
  });

  it('worked() lengthens a trail that paid, up to the most', () => {
    const trail = new Trail(1, 10);
    for (let round = 0; round < 9; round++) looksUntilPark(trail);
    const budgets = Array.from({ length: 6 }, () => {
      trail.empty();
      trail.worked();
      return trail.budget;
    });
    expect(budgets).toEqual([3, 5, 7, 9, 10, 10]);
  });

  it('parks at once when no looks are allowed', () => {
    const trail = new Trail(0, 0);
    trail.worked();
    expect([trail.empty(), trail.empty()]).toEqual([false, false]);
  });
});
