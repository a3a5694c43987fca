/**
 * Finds a limit of calls at a time by how their latency compares with what is usual.
 * Pure. Thread: any; part of an `AdaptiveLimit`.
 *
 * 1. Of each window of calls it gets the mean latency, and compares it with the usual one: gradient = tolerance * usual / present, at most 1 and at least 1/2.
 * 2. While the gradient is 1, the limit grows by a part of its root. Else it goes a part of the way towards `limit * gradient`.
 * 3. A limit that is too high makes its own latency seem usual. So after 30 windows, or five slow ones in a row, half of the limit is in force until a window of calls
 *    has passed that began with that: their latency is the usual one from then on. If that is no lower, the called has become slower by itself, and the
 *    limit is kept.
 * Source: Gradient2 of Netflix's concurrency-limits (github.com/Netflix/concurrency-limits); differs in: the usual latency is measured (step 3) and no average of all
 * latencies, windows of means in place of single calls, and growth by the root while nothing speaks against it in place of a constant at all times.
 */

/** Options of a {@link LatencyGradient}. */
export interface GradientOptions {
  /** Times the usual latency that is still taken for usual, from 1. */
  readonly tolerance: number;
  /** Part of a change that is made at once, up to 1. */
  readonly smoothing: number;
}

/** Windows after which latency is measured again, and slow ones in a row. */
const PROBE_WINDOWS = 30;
const SLOW_WINDOWS = 5;
const GRADIENT_MIN = 0.5;
/** What a probe leaves in force. */
const PROBE_PART = 0.5;

/** How a limit follows latency. */
export class LatencyGradient {
  private options: GradientOptions;
  private usualUs = 0;
  private windows = 0;
  private slow = 0;
  private probing = false;

  constructor(options: GradientOptions) {
    this.options = options;
  }

  /** True while latency is measured with half of the limit in force. */
  get isProbing(): boolean {
    return this.probing;
  }

  /** Takes other options. */
  configure(options: GradientOptions): void {
    this.options = options;
  }

  /** The limit that is in force: less than the one that is known while latency is measured. */
  capped(limit: number, min: number): number {
    return Math.max(min, Math.floor(this.probing ? limit * PROBE_PART : limit));
  }

  /**
   * Takes a window of calls.
   *
   * @param limit - limit so far, fractions included
   * @param latencyUs - mean latency of its calls that did not fail
   * @returns the next limit, not yet kept within bounds
   */
  next(limit: number, latencyUs: number): number {
    if (this.usualUs === 0) this.usualUs = latencyUs;
    if (this.probing) {
      Object.assign(this, { usualUs: latencyUs, probing: false, windows: 0, slow: 0 });
      return limit;
    }
    const { tolerance, smoothing } = this.options;
    const gradient = Math.max(GRADIENT_MIN, Math.min(1, (tolerance * this.usualUs) / Math.max(1, latencyUs)));
    this.windows++;
    this.slow = gradient < 1 ? this.slow + 1 : 0;
    this.probing = this.windows >= PROBE_WINDOWS || this.slow >= SLOW_WINDOWS;
    return limit + smoothing * (gradient < 1 ? limit * gradient - limit : Math.sqrt(limit));
  }
}
