/** Weights that adapt: within their bounds, up for who does not get through, and back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdaptiveWeights, WEIGHT_GROWTH_MAX } from '@ringmain/policy';

const INTERVAL_US = 100;
const looks = fc.array(fc.tuple(fc.nat(15), fc.nat(500)), { maxLength: 100 });

describe('AdaptiveWeights', () => {
  it('keeps every factor between 1 and the largest, leaves critical alone, and says when something changed', () => {
    fc.assert(
      fc.property(looks, (script) => {
        const weights = new AdaptiveWeights(INTERVAL_US);
        let now = 0;
        for (const [standing, passed] of script) {
          const before = [...weights.factors];
          now += passed;
          expect(weights.update(standing, now)).toBe(weights.factors.join() !== before.join());
          expect(weights.factors[0]).toBe(1);
          for (const [priority, factor] of weights.factors.entries()) {
            expect(factor).toBeGreaterThanOrEqual(1);
            expect(factor).toBeLessThanOrEqual(WEIGHT_GROWTH_MAX);
            if ((standing & (1 << priority)) === 0 || (standing & 14) === 14)
              expect(factor).toBeLessThanOrEqual(before[priority] as number);
          }
        }
      }),
    );
  });

  it('is as configured again some intervals after nothing stands, whatever was before', () => {
    fc.assert(
      fc.property(looks, (script) => {
        const weights = new AdaptiveWeights(INTERVAL_US);
        let now = 0;
        for (const [standing, passed] of script) weights.update(standing, (now += passed));
        for (let interval = 0; interval < 8; interval++) weights.update(0, (now += INTERVAL_US));
        expect(weights.isConfigured).toBe(true);
      }),
    );
  });

  it('grows by a quarter per interval, however often it is looked at', () => {
    const weights = new AdaptiveWeights(INTERVAL_US);
    for (let now = 0; now <= 3 * INTERVAL_US; now += 10) weights.update(0b1000, now);
    expect(weights.factors).toEqual([1, 1, 1, 1.25 ** 3]);
  });

  it('raises high and takes the others back while service is given up, whatever stands', () => {
    fc.assert(
      fc.property(looks, fc.nat(15), (script, standing) => {
        const weights = new AdaptiveWeights(INTERVAL_US);
        let now = 0;
        for (const [before, passed] of script) weights.update(before, (now += passed));
        for (let interval = 0; interval < 8; interval++) weights.update(standing, (now += INTERVAL_US), true);
        expect(weights.factors).toEqual([1, WEIGHT_GROWTH_MAX, 1, 1]);
      }),
    );
  });
});
