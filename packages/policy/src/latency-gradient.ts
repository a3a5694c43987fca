/**
 * Finds a limit of calls at a time by how their latency compares with what is usual.
 * Pure. Thread: any; part of an `AdaptiveLimit`.
 *
 * 1. Of each window it gets the mean latency. The usual latency is a slow average of these.
 * 2. gradient = tolerance * usual / present, kept between 1/2 and 1: how much of the limit the called seems to bear.
 * 3. The limit goes a part of the way towards `limit * gradient + sqrt(limit)`; the root lets it grow while nothing speaks against it.
 * 4. A limit that is too high makes its own latency usual sooner or later. So every 30th window half of the limit is in force, until a window has
 *    been measured with that: what the latency is then is the usual one. If that is no lower, the called has become slower by itself, and the limit is kept.
 * Source: Gradient2 of Netflix's concurrency-limits (github.com/Netflix/concurrency-limits); differs in: step 4, windows of means in place of single calls, and
 * the root in place of a constant.
 */
/** Options of a {@link LatencyGradient}. */
export interface GradientOptions {
  /** Times the usual latency that is still taken for usual, from 1. */
  readonly tolerance: number;
  /** Part of a change that is made at once, up to 1. */
  readonly smoothing: number;
}

/** Windows over which the usual latency is an average. */
const USUAL_WINDOWS = 100;
/** Windows from one probe to the next. */
const PROBE_WINDOWS = 30;
const GRADIENT_MIN = 0.5;
/** What a probe leaves in force. */
const PROBE_PART = 0.5;

/** How a limit follows latency. */
export class LatencyGradient {
  private options: GradientOptions;
  private usualUs = 0;
  private windows = 0;
  private isProbing = false;

  constructor(options: GradientOptions) {
    this.options = options;
  }

  /** Takes other options. */
  configure(options: GradientOptions): void {
    this.options = options;
  }

  /** The limit that is in force: less than the one that is known while latency is measured. */
  capped(limit: number, min: number): number {
    return Math.max(min, Math.floor(this.isProbing ? limit * PROBE_PART : limit));
  }

  /**
   * Takes a window of calls.
   *
   * @param limit - limit so far, fractions included
   * @param latencyUs - mean latency of the calls that did not fail
   * @param peak - most calls at a time
   * @returns the next limit, not yet kept within bounds
   */
  next(limit: number, latencyUs: number, peak: number): number {
    if (this.usualUs === 0) this.usualUs = latencyUs;
    if (this.isProbing) return this.probed(limit, latencyUs, peak);
    this.usualUs += (latencyUs - this.usualUs) / USUAL_WINDOWS;
    this.windows++;
    if (this.windows % PROBE_WINDOWS === 0) {
      this.isProbing = true;
      return limit;
    }
    const { tolerance, smoothing } = this.options;
    const gradient = Math.max(GRADIENT_MIN, Math.min(1, (tolerance * this.usualUs) / Math.max(1, latencyUs)));
    return limit + smoothing * (limit * gradient + Math.sqrt(limit) - limit);
  }

  private probed(limit: number, latencyUs: number, peak: number): number {
    // Calls that began before are still counted in this window.
    if (peak > Math.max(1, Math.floor(limit * PROBE_PART))) return limit;
    this.usualUs = latencyUs;
    this.isProbing = false;
    return limit;
  }
}
