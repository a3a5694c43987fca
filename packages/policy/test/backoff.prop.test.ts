import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackoffOptions } from '@ringmain/policy';
import { backoffMs } from '@ringmain/policy';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const options: fc.Arbitrary<BackoffOptions> = fc.record({
  backoff: fc.oneof(
    fc.constantFrom('decorrelated' as const, 'exponential' as const, 'linear' as const, 'fixed' as const),
    fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1, maxLength: 8 }),
  ),
  initialMs: fc.integer({ min: 0, max: 10_000 }),
  maxMs: fc.integer({ min: 0, max: 100_000 }),
  jitter: fc.constantFrom('full' as const, 'none' as const),
});

describe('backoffMs', () => {
  it('gives whole milliseconds from 0 to the maximum, whatever is asked', () => {
    fc.assert(
      fc.property(
        options,
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 0, max: 100_000 }),
        chance,
        (given, failures, before, x) => {
          const delay = backoffMs(given, failures, before, x);
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(given.maxMs);
        },
      ),
    );
  });

  const delays = (backoff: BackoffOptions['backoff'], jitter: 'full' | 'none', x: number): number[] =>
    [1, 2, 3, 4, 5].map((failures) => backoffMs({ backoff, initialMs: 100, maxMs: 1000, jitter }, failures, 0, x));

  it('grows as its kind says, up to the maximum', () => {
    expect(delays('fixed', 'none', 0)).toEqual([100, 100, 100, 100, 100]);
    expect(delays('linear', 'none', 0)).toEqual([100, 200, 300, 400, 500]);
    expect(delays('exponential', 'none', 0)).toEqual([100, 200, 400, 800, 1000]);
    expect(delays([5, 50, 5000], 'none', 0)).toEqual([5, 50, 1000, 1000, 1000]);
  });

  it('takes a random part of each delay with full jitter', () => {
    expect(delays('exponential', 'full', 0.5)).toEqual([50, 100, 200, 400, 500]);
    expect(delays('exponential', 'full', 0)).toEqual([0, 0, 0, 0, 0]);
  });

  it('chooses between the first delay and three times the one before when decorrelated', () => {
    const decorrelated = { backoff: 'decorrelated', initialMs: 100, maxMs: 1000, jitter: 'none' } as const;
    expect(backoffMs(decorrelated, 1, 0, 0.99)).toBe(100);
    expect(backoffMs(decorrelated, 2, 100, 0)).toBe(100);
    expect(backoffMs(decorrelated, 2, 100, 0.5)).toBe(200);
    expect(backoffMs(decorrelated, 9, 900, 0.999)).toBe(1000);
  });
});
