/**
 * Keeps the handlers of a bulkhead within a share of a thread's time.
 * Pure: the caller says what time it is, and how long each handler computed. Thread: any; one instance per bulkhead and thread.
 *
 * A bucket of microseconds of the clock, each of which allows `share` of one to a handler. How long a handler will compute nobody knows before, so one may
 * begin while anything is left, and what it took is taken out afterwards: the bucket may owe, and is filled again before the next one begins.
 * Whole microseconds of the clock are added, not their share: what is owed then comes to its end exactly when `waitUs` says.
 * Invariant: what is charged within any stretch of t microseconds is at most `share * (t + windowUs)`, plus the longest single charge.
 */

/** Options of a {@link CpuShare}. */
export interface CpuShareOptions {
  /** Above 0, up to 1. */
  readonly share: number;
  /** Time whose share may be used up at once. */
  readonly windowUs: number;
}

/** Share of one bulkhead in one thread. */
export class CpuShare {
  private options: CpuShareOptions;
  private levelUs: number;
  private filledUs: number | undefined;

  constructor(options: CpuShareOptions) {
    this.options = options;
    this.levelUs = options.windowUs;
  }

  /** Takes another share from now on; what is owed stays. */
  configure(options: CpuShareOptions, nowUs: number): void {
    this.fill(nowUs);
    this.levelUs = Math.min((this.levelUs * this.options.share) / options.share, options.windowUs);
    this.options = options;
  }

  /** True when nothing is left. */
  isSpent(nowUs: number): boolean {
    this.fill(nowUs);
    return this.levelUs <= 0;
  }

  /** Takes out what a handler took. */
  charge(us: number, nowUs: number): void {
    this.fill(nowUs);
    this.levelUs -= Math.max(0, us) / this.options.share;
  }

  /** Whole microseconds until something is left; 0 when there is. */
  waitUs(nowUs: number): number {
    this.fill(nowUs);
    return this.levelUs > 0 ? 0 : Math.floor(-this.levelUs) + 1;
  }

  private fill(nowUs: number): void {
    const elapsedUs = nowUs - (this.filledUs ?? nowUs);
    if (elapsedUs < 0) return;
    this.filledUs = nowUs;
    this.levelUs = Math.min(this.options.windowUs, this.levelUs + elapsedUs);
  }
}
