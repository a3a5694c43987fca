/** The histogram against a sorted list: every value within a sixteenth, every percentile too, several histograms as one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HISTOGRAM_BYTES, bucketOf, bucketTop, recordLatency, summarizeLatency } from '@ringmain/ring';

const WORDS = HISTOGRAM_BYTES / 4;
const LARGEST = 0x7fff_ffff;
const value = fc.oneof(fc.nat(40), fc.nat(5000), fc.integer({ min: 0, max: LARGEST }));

/** The smallest value that at least this share of the sorted values does not exceed. */
function rank(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}

describe('bucketOf() and bucketTop()', () => {
  it('hold a value between the top of the bucket before and the top of its own, at most a sixteenth above', () => {
    fc.assert(
      fc.property(value, (us) => {
        const bucket = bucketOf(us);
        expect(bucketTop(bucket)).toBeGreaterThanOrEqual(us);
        expect(bucketTop(bucket) - us).toBeLessThanOrEqual(us / 16);
        if (bucket > 0) expect(bucketTop(bucket - 1)).toBeLessThan(us);
      }),
      { numRuns: 5000 },
    );
  });

  it('cover 0 to 2^31 - 1 with buckets that follow one another, inside the counts', () => {
    let bucket = 0;
    for (let us = 0; us < LARGEST; us = bucketTop(bucket) + 1) {
      bucket = bucketOf(us);
      expect(bucketOf(bucketTop(bucket))).toBe(bucket);
      expect(us === 0 || bucketOf(us - 1) === bucket - 1).toBe(true);
    }
    expect(bucketTop(bucketOf(LARGEST))).toBe(LARGEST);
    expect(bucketOf(LARGEST)).toBeLessThan(WORDS - 1);
  });

  it.each([
    [-1, 0],
    [-LARGEST, 0],
    [2 ** 31, LARGEST],
    [2 ** 40, LARGEST],
    [Infinity, LARGEST],
    [Number.NaN, 0],
    [15.9, 15],
  ])('count %d as %d', (us, counted) => {
    expect(bucketOf(us)).toBe(bucketOf(counted));
  });
});

describe('summarizeLatency()', () => {
  it('gives percentiles within a sixteenth of the sorted list, over any number of histograms', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, fc.integer({ min: 1, max: 5 }), fc.nat(2)), { minLength: 1, maxLength: 60 }),
        (records) => {
          const words = new Int32Array(3 * WORDS);
          const sorted: number[] = [];
          for (const [us, count, which] of records) {
            recordLatency(words, which * WORDS, us, count);
            for (let index = 0; index < count; index++) sorted.push(us);
          }
          sorted.sort((a, b) => a - b);
          const summary = summarizeLatency(words, [0, WORDS, 2 * WORDS]);
          expect([summary.count, summary.max]).toEqual([sorted.length, sorted.at(-1)]);
          for (const [share, found] of [
            [0.5, summary.p50],
            [0.9, summary.p90],
            [0.95, summary.p95],
            [0.99, summary.p99],
          ] as const) {
            const exact = rank(sorted, share);
            expect(found).toBeGreaterThanOrEqual(exact);
            expect(found).toBeLessThanOrEqual(exact + exact / 16);
          }
        },
      ),
    );
  });

  it('gives zeros when nothing was recorded', () => {
    const nothing = { count: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 };
    expect(summarizeLatency(new Int32Array(WORDS), [0])).toEqual(nothing);
    expect(summarizeLatency(new Int32Array(WORDS), [])).toEqual(nothing);
  });

  it('takes negative latencies, which two clock readings may give, for zero', () => {
    const words = new Int32Array(WORDS);
    recordLatency(words, 0, -5, 3);
    expect(summarizeLatency(words, [0])).toEqual({ count: 3, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 });
  });

  it('counts up to 2^32 in one bucket, and keeps to its own words', () => {
    const words = new Int32Array(WORDS + 2).fill(-7, WORDS);
    recordLatency(words, 0, 2 ** 40, 2 ** 31);
    recordLatency(words, 0, 3, 2 ** 31 - 1);
    const summary = summarizeLatency(words, [0]);
    expect([summary.count, summary.max, summary.p50, summary.p99]).toEqual([2 ** 32 - 1, LARGEST, LARGEST, LARGEST]);
    expect([...words.subarray(WORDS)]).toEqual([-7, -7]);
  });
});
