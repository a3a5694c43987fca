/** The histogram against the sorted list of the same latencies. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencySamples } from '../../dist/measure/latency-samples.js';

const RELATIVE_ERROR = 0.035;
const ABSOLUTE_ERROR_US = 0.1;
const latencies = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 300 });

function filled(values: readonly number[]): LatencySamples {
  const samples = new LatencySamples();
  for (const value of values) samples.record(value);
  return samples;
}

describe('LatencySamples.percentiles()', () => {
  it('is within a bucket of the exact percentile', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(values.length * 0.95) - 1] ?? 0;
        const p95 = filled(values).percentiles()?.p95 ?? Number.NaN;
        expect(Math.abs(p95 - exact)).toBeLessThanOrEqual(exact * RELATIVE_ERROR + ABSOLUTE_ERROR_US);
      }),
    );
  });

  it('is the same after the samples crossed a process as their buckets', () => {
    fc.assert(
      fc.property(latencies, latencies, (one, two) => {
        const merged = new LatencySamples();
        merged.merge(JSON.parse(JSON.stringify(filled(one).buckets())));
        merged.merge(filled(two).buckets());
        expect(merged.total).toBe(one.length + two.length);
        expect(merged.percentiles()).toEqual(filled([...one, ...two]).percentiles());
      }),
    );
  });

  it('has none without samples, and none after clear()', () => {
    const samples = filled([1, 2]);
    samples.clear();
    expect(samples.percentiles()).toBeNull();
  });
});
