/**
 * Log-linear histogram of microseconds in shared memory: 16 buckets per power of two, so a percentile is at most 1/16 too high.
 *
 * ```
 *   words | 0 … 463: counts (wrapping 32 bits) | 464: maximum |
 * ```
 *
 * Thread: `record` the owner only, plain stores; `readHistogram` any.
 * Source: the bucket scheme of HdrHistogram with 4 significant bits; differs in: one writer, fixed range 0 to 2^31 us.
 */

const SUB_BITS = 4;
const SUB_COUNT = 1 << SUB_BITS;
const BUCKETS = (31 - SUB_BITS + 1) * SUB_COUNT + SUB_COUNT;
const MAX_WORD = BUCKETS;

/** Bytes of one histogram. */
export const HISTOGRAM_BYTES = (BUCKETS + 1) * 4;

/** Figures read from one or more histograms. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Index of the bucket that counts a value. */
export function bucketOf(valueUs: number): number {
  const value = valueUs < 0 ? 0 : valueUs > 0x7fff_ffff ? 0x7fff_ffff : valueUs | 0;
  if (value < SUB_COUNT) return value;
  const exponent = 31 - Math.clz32(value);
  return ((exponent - SUB_BITS + 1) << SUB_BITS) + ((value >> (exponent - SUB_BITS)) & (SUB_COUNT - 1));
}

/** Largest value that the bucket counts. */
export function bucketTop(bucket: number): number {
  if (bucket < SUB_COUNT) return bucket;
  const exponent = (bucket >> SUB_BITS) + SUB_BITS - 1;
  const sub = bucket & (SUB_COUNT - 1);
  return (SUB_COUNT + sub + 1) * 2 ** (exponent - SUB_BITS) - 1;
}

/** Records `count` values of `valueUs` microseconds. Owner only. */
export function recordLatency(words: Int32Array, base: number, valueUs: number, count: number): void {
  const index = base + bucketOf(valueUs);
  words[index] = ((words[index] as number) + count) | 0;
  if (valueUs > (words[base + MAX_WORD] as number)) words[base + MAX_WORD] = valueUs > 0x7fff_ffff ? 0x7fff_ffff : valueUs;
}

/** Sums the histograms at the given word offsets and returns their percentiles in microseconds; zeros when empty. */
export function summarizeLatency(words: Int32Array, bases: readonly number[]): LatencySummary {
  const counts = new Float64Array(BUCKETS);
  let total = 0;
  let max = 0;
  for (const base of bases) {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = (words[base + bucket] as number) >>> 0;
      counts[bucket] = (counts[bucket] as number) + count;
      total += count;
    }
    max = Math.max(max, words[base + MAX_WORD] as number);
  }
  const percentile = (share: number): number => {
    let left = Math.ceil(total * share);
    for (let bucket = 0; bucket < BUCKETS && total > 0; bucket++) {
      left -= counts[bucket] as number;
      if (left <= 0) return Math.min(bucketTop(bucket), max);
    }
    return 0;
  };
  return { count: total, p50: percentile(0.5), p90: percentile(0.9), p95: percentile(0.95), p99: percentile(0.99), max };
}
