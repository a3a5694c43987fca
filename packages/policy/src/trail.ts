/**
 * Decides whether a consumer that found nothing looks again after a short relax, or parks.
 * Trailing the producer a little is cheaper than meeting it: each wake costs the producer 7 to 15 us, each look a cache miss.
 * Futile trails shorten the next ones, so that an idle or slowly paced consumer parks almost at once; there is no spin trap.
 * Pure: no clock, no thread. Source: LiteBlockingWaitStrategy and SleepingWaitStrategy of the Disruptor; differs in: adaptive.
 */

/** Adaptive trail of one consumer thread. */
export class Trail {
  /** Looks granted to the next trail. */
  budget: number;

  private readonly looksMin: number;
  private readonly looksMax: number;
  private looks = 0;

  constructor(looksMin = 1, looksMax = 10) {
    this.looksMin = looksMin;
    this.looksMax = looksMax;
    this.budget = looksMax;
  }

  /** The last look found work. */
  worked(): void {
    if (this.looks !== 0) {
      this.looks = 0;
      this.budget = Math.min(this.looksMax, this.budget + 2);
    }
  }

  /**
   * The last look found nothing.
   *
   * @returns true to relax and look again, false to park
   */
  empty(): boolean {
    if (this.looks < this.budget) {
      this.looks++;
      return true;
    }
    this.looks = 0;
    this.budget = Math.max(this.looksMin, this.budget - 1);
    return false;
  }
}
