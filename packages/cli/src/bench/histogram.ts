/**
 * Log-linear histogram of whole numbers, such as microseconds or queue depths: 32 buckets per power of two, so a percentile is at
 * most 1/32 too high.
 * Thread: one.
 * Source: the bucket scheme of HdrHistogram with 5 significant bits; differs in: fixed range 0 to 2^31 - 1.
 */

const SUB_BITS = 5;
const SUB_COUNT = 1 << SUB_BITS;
const BUCKETS = (31 - SUB_BITS + 1) * SUB_COUNT;
const VALUE_MAX = 0x7fff_ffff;

/** Percentiles and extremes of what was recorded; zeros when nothing was. */
export interface HistogramSummary {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Counts values and answers percentiles, also of the time since the last look. */
export class Histogram {
  private readonly counts = new Float64Array(BUCKETS);
  /** The counts at the last look. */
  private readonly seen = new Float64Array(BUCKETS);
  private max = 0;
  private maxSinceLook = 0;

  /** Records one value; fractions are cut off, values below 0 count as 0. */
  record(value: number): void {
    const whole = value < 0 ? 0 : value > VALUE_MAX ? VALUE_MAX : value | 0;
    const bucket = bucketOf(whole);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    if (whole > this.maxSinceLook) this.maxSinceLook = whole;
  }

  /** Figures of everything recorded. */
  summary(): HistogramSummary {
    return summarize(this.counts, Math.max(this.max, this.maxSinceLook));
  }

  /** Figures of what was recorded since the last call. */
  takeInterval(): HistogramSummary {
    const fresh = this.counts.map((count, bucket) => count - (this.seen[bucket] ?? 0));
    const summary = summarize(fresh, this.maxSinceLook);
    this.seen.set(this.counts);
    this.max = Math.max(this.max, this.maxSinceLook);
    this.maxSinceLook = 0;
    return summary;
  }
}

function summarize(counts: Float64Array, max: number): HistogramSummary {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const percentile = (share: number): number => {
    let left = Math.ceil(total * share);
    for (let bucket = 0; bucket < BUCKETS && total > 0; bucket++) {
      left -= counts[bucket] ?? 0;
      if (left <= 0) return Math.min(topOf(bucket), max);
    }
    return 0;
  };
  return { count: total, p50: percentile(0.5), p90: percentile(0.9), p95: percentile(0.95), p99: percentile(0.99), max };
}

function bucketOf(value: number): number {
  if (value < SUB_COUNT) return value;
  const shift = 31 - Math.clz32(value) - SUB_BITS;
  return (shift + 1) * SUB_COUNT + ((value >>> shift) - SUB_COUNT);
}

/** Largest value that the bucket counts. */
function topOf(bucket: number): number {
  if (bucket < SUB_COUNT) return bucket;
  const shift = Math.floor(bucket / SUB_COUNT) - 1;
  return ((bucket % SUB_COUNT) + SUB_COUNT + 1) * 2 ** shift - 1;
}
