/** Time that nobody accounts for is divided without a rest, and ends up with those who take it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContinuationShares } from '@ringmain/policy';

const counts = fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }).filter((all) => all.some((count) => count > 0));
const sum = (parts: readonly number[]): number => parts.reduce((total, part) => total + part, 0);

/** What each priority was given of the last quarter of stretches in which a delivery takes `costUs`, all that were under way having moved. */
function given(costUs: readonly number[], underWay: readonly (readonly number[])[]): number[] {
  const shares = new ContinuationShares();
  const totals = [0, 0, 0, 0];
  for (const [stretch, now] of underWay.entries()) {
    if (sum(now) === 0) continue;
    shares.divide(sum(now.map((count, priority) => count * (costUs[priority] as number))), now, now);
    if (stretch < underWay.length * 0.75) continue;
    for (const [priority, us] of shares.partsUs.entries()) totals[priority] = (totals[priority] as number) + us;
  }
  return totals;
}

describe('ContinuationShares', () => {
  it('gives all of a stretch to priorities that have something under way, and nothing to others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1_000_000), counts, fc.array(fc.nat(2000), { minLength: 4, maxLength: 4 }))),
        (stretches) => {
          const shares = new ContinuationShares();
          for (const [activeUs, underWay, moved] of stretches) {
            shares.divide(activeUs, underWay, moved);
            const { partsUs } = shares;
            expect(sum(partsUs)).toBeCloseTo(activeUs, 3);
            expect(partsUs.every((us, priority) => (underWay[priority] === 0 ? us === 0 : us >= 0))).toBe(true);
          }
        },
      ),
    );
  });

  it('divides by the number of deliveries as long as it knows nothing else, an eighth each for those that only stay', () => {
    const shares = new ContinuationShares();
    shares.divide(1000, [0, 1, 4, 5], [0, 1, 4, 5]);
    expect(shares.partsUs).toEqual([0, 100, 400, 500]);
    const others = new ContinuationShares();
    others.divide(1000, [0, 0, 4, 8 * 96], [0, 0, 9, 0]);
    expect(others.partsUs).toEqual([0, 0, 40, 960]);
  });

  it('finds out who computes and who waits, once what is under way has changed often enough', () => {
    fc.assert(
      fc.property(
        fc.constantFrom([1, 3] as const, [3, 1] as const, [3, 2] as const, [2, 0] as const),
        fc.integer({ min: 200, max: 5000 }),
        fc.integer({ min: 1, max: 2 ** 31 - 2 }),
        ([computing, waiting], costUs, seed) => {
          let state = seed;
          const number = (): number => ((state = (state * 48_271) % (2 ** 31 - 1)) / (2 ** 31 - 1)) * 20;
          const underWay = Array.from({ length: 800 }, () => {
            const now = [0, 0, 0, 0];
            now[computing] = Math.floor(number());
            now[waiting] = Math.floor(number());
            return now;
          });
          const costs = [1, 1, 1, 1];
          costs[computing] = costUs;
          const totals = given(costs, underWay);
          expect((totals[computing] as number) / sum(totals)).toBeGreaterThan(0.8);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('finds out that one begins to compute', () => {
    const shares = new ContinuationShares();
    const both = [0, 0, 1, 1];
    const one = [0, 0, 1, 0];
    for (let stretch = 0; stretch < 100; stretch++) shares.divide(1000, stretch % 3 === 0 ? both : one, both);
    shares.divide(1000, both, both);
    expect(shares.partsUs[3]).toBeLessThan(600);
    for (let stretch = 0; stretch < 100; stretch++)
      shares.divide(stretch % 3 === 0 ? 10 : 1000, stretch % 3 === 0 ? one : both, both);
    shares.divide(1000, both, both);
    expect(shares.partsUs[3]).toBeGreaterThan(850);
  });
});
