/** The histogram against a sorted list. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from '../../dist/bench/histogram.js';

/** Smallest value that the given share of a sample does not exceed. */
function exact(sample: readonly number[], share: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}

describe('Histogram', () => {
  test('gives percentiles at most 1/32 above the exact ones, and the exact maximum', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1 }), (sample) => {
        const histogram = new Histogram();
        for (const value of sample) histogram.record(value);
        const summary = histogram.summary();
        expect(summary).toMatchObject({ count: sample.length, max: Math.max(...sample) });
        for (const [figure, share] of [
          [summary.p50, 0.5],
          [summary.p90, 0.9],
          [summary.p95, 0.95],
          [summary.p99, 0.99],
        ] as const) {
          expect(figure).toBeGreaterThanOrEqual(exact(sample, share));
          expect(figure).toBeLessThanOrEqual(exact(sample, share) * (1 + 1 / 32));
        }
      }),
    );
  });

  test('takeInterval() gives what came since the last call and leaves the whole alone', () => {
    const histogram = new Histogram();
    for (const value of [5, 1000]) histogram.record(value);
    expect(histogram.takeInterval()).toMatchObject({ count: 2, max: 1000 });
    histogram.record(7);
    expect(histogram.takeInterval()).toMatchObject({ count: 1, p50: 7, max: 7 });
    expect(histogram.takeInterval()).toMatchObject({ count: 0, p50: 0, max: 0 });
    expect(histogram.summary()).toMatchObject({ count: 3, max: 1000 });
  });
});
