/**
 * A limit of calls at a time that follows what the called bears: two ways to find it, behind one interface.
 * Pure: the caller tells of calls that ended, and what time it is. Thread: any; one instance per bulkhead and thread.
 *
 * Calls are judged by windows: of at least `windowUs`, ten calls, and as many calls as the limit, so that a change has shown before the next one. A window in which
 * never half of the limit was in use says nothing about the limit, and changes nothing.
 * - `aimd`: after a window without a bad call the limit grows by 1; after one with any it shrinks to `backoff` of what it was. Bad are calls that failed, and
 *   calls slower than `slowUs`. Right where overload shows as errors.
 * - `gradient`: see `LatencyGradient`. Right where overload shows as latency.
 * Invariant: `min <= limit <= max`; the limit is an integer.
 * Source: Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance" (1989), for the first.
 */
import type { GradientOptions } from './latency-gradient.ts';
import { LatencyGradient } from './latency-gradient.ts';

/** Options of an {@link AdaptiveLimit}. */
export interface AdaptiveLimitOptions extends GradientOptions {
  readonly algorithm: 'aimd' | 'gradient';
  /** Bounds of the limit, integers from 1. */
  readonly min: number;
  readonly max: number;
  /** Limit to begin with. */
  readonly initial: number;
  /** Least length of a window. */
  readonly windowUs: number;
  /** Part of the limit that is left after a bad window, below 1. Of `aimd`. */
  readonly backoff: number;
  /** Time after which a call is bad; Infinity for never. Of `aimd`. */
  readonly slowUs: number;
}

/** Calls without which a window is not closed. */
const CALLS_MIN = 10;

/** Limit of one bulkhead in one thread. */
export class AdaptiveLimit {
  private options: AdaptiveLimitOptions;
  private gradient: LatencyGradient;
  /** With a fraction, so that small steps add up. */
  private exact: number;
  private startedUs: number | undefined;
  private calls = 0;
  private bad = 0;
  private good = 0;
  private goodUs = 0;
  private peak = 0;
  /** Calls that began before are not of the present limit; only while the gradient measures. */
  private freshUs = 0;

  constructor(options: AdaptiveLimitOptions) {
    this.options = options;
    this.exact = within(options, options.initial);
    this.gradient = new LatencyGradient(options);
  }

  /** Takes other options; the limit stays where it is, as far as they allow. What was learned of latencies stays as well. */
  configure(options: AdaptiveLimitOptions): void {
    this.options = options;
    this.gradient.configure(options);
    this.exact = within(options, this.exact);
  }

  /** Calls that may run at a time. */
  get limit(): number {
    const { exact } = this;
    return this.options.algorithm === 'gradient' ? this.gradient.capped(exact, this.options.min) : Math.floor(exact);
  }

  /**
   * Tells of a call that ended.
   *
   * @param running - calls under way when it did, itself included
   * @returns true when the limit is another one now
   */
  ended(tookUs: number, failed: boolean, running: number, nowUs: number): boolean {
    this.startedUs ??= nowUs;
    if (this.gradient.isProbing && this.isStale(tookUs, running, nowUs)) return false;
    this.calls++;
    this.peak = Math.max(this.peak, running);
    if (failed || tookUs > this.options.slowUs) this.bad++;
    if (!failed) {
      this.good++;
      this.goodUs += tookUs;
    }
    if (this.calls < Math.max(CALLS_MIN, this.limit) || nowUs - this.startedUs < this.options.windowUs) return false;
    const before = this.limit;
    this.close();
    this.freshUs = nowUs;
    Object.assign(this, { startedUs: nowUs, calls: 0, bad: 0, good: 0, goodUs: 0, peak: 0 });
    return this.limit !== before;
  }

  /** True for a call that began while more were under way than the halved limit allows. */
  private isStale(tookUs: number, running: number, nowUs: number): boolean {
    if (running > this.limit) this.freshUs = nowUs;
    return nowUs - tookUs < this.freshUs;
  }

  private close(): void {
    const { options, peak } = this;
    if (peak * 2 < this.limit) return;
    if (options.algorithm === 'aimd') {
      // A step down is one of at least 1, or a small limit would not shrink.
      const next = this.bad === 0 ? this.exact + 1 : Math.min(Math.floor(this.exact) - 1, this.exact * options.backoff);
      this.exact = within(options, next);
    } else if (this.good > 0) this.exact = within(options, this.gradient.next(this.exact, this.goodUs / this.good));
  }
}

function within({ min, max }: AdaptiveLimitOptions, limit: number): number {
  return Math.max(min, Math.min(max, limit));
}
