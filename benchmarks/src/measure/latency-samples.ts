/**
 * Log-linear histogram of latencies: 32 buckets per octave of tenths of a microsecond, so a percentile is within 3 %.
 * Thread: one; it travels between threads as its non-empty buckets.
 */

const SUB_BITS = 5;
const SUB_COUNT = 1 << SUB_BITS;
const UNITS_PER_US = 10;
const BUCKETS = SUB_COUNT * (32 - SUB_BITS);

/** Non-empty buckets as pairs of bucket number and count. */
export type LatencyBuckets = readonly (readonly [bucket: number, count: number])[];

/** Percentiles in microseconds. */
export interface LatencyPercentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Counts latencies and answers percentiles. */
export class LatencySamples {
  #counts = new Float64Array(BUCKETS);
  #total = 0;

  /** Number of latencies recorded. */
  get total(): number {
    return this.#total;
  }

  /** Adds one latency in microseconds; negative values count as 0. */
  record(latencyUs: number): void {
    const bucket = bucketOf(latencyUs);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  /** Adds what another thread or process recorded. */
  merge(buckets: LatencyBuckets): void {
    for (const [bucket, count] of buckets) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
      this.#total += count;
    }
  }

  buckets(): LatencyBuckets {
    const filled: [number, number][] = [];
    this.#counts.forEach((count, bucket) => {
      if (count > 0) filled.push([bucket, count]);
    });
    return filled;
  }

  /** The usual percentiles, or null when nothing was recorded. */
  percentiles(): LatencyPercentiles | null {
    if (this.#total === 0) return null;
    return { p50: this.#quantile(0.5), p95: this.#quantile(0.95), p99: this.#quantile(0.99) };
  }

  #quantile(fraction: number): number {
    let left = Math.ceil(this.#total * fraction);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket] ?? 0;
      if (left <= 0) return middleOf(bucket);
    }
    return middleOf(BUCKETS - 1);
  }
}

function bucketOf(latencyUs: number): number {
  const units = Math.min(Math.max(0, Math.round(latencyUs * UNITS_PER_US)), 0x7fffffff);
  if (units < SUB_COUNT) return units;
  const shift = 31 - Math.clz32(units) - SUB_BITS;
  return (shift + 1) * SUB_COUNT + ((units >>> shift) - SUB_COUNT);
}

function middleOf(bucket: number): number {
  if (bucket < SUB_COUNT) return bucket / UNITS_PER_US;
  const shift = Math.floor(bucket / SUB_COUNT) - 1;
  const low = ((bucket % SUB_COUNT) + SUB_COUNT) * 2 ** shift;
  return (low + (2 ** shift - 1) / 2) / UNITS_PER_US;
}
