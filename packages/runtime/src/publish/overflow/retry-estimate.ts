/**
 * Estimates when it is worth trying again, from how fast a position moved between refusals.
 * Thread: the publisher's; one per lane or account that refused, so bounded by those.
 */

const MS_MIN = 1;
const MS_MAX = 60_000;
/** Weight of the newest observation. */
const NEWEST = 0.3;

/** Estimate of one lane or account. */
export class RetryEstimate {
  private position: number | undefined;
  private seenUs = 0;
  /** Units per microsecond; 0 while unknown. */
  private rate = 0;

  /**
   * Takes in how far the consumer came, a wrapping count of units.
   *
   * @returns milliseconds after which `wanted` more units should be free, from 1 to 60,000
   */
  observe(position: number, wanted: number, nowUs: number): number {
    const moved = this.position === undefined ? 0 : (position - this.position) | 0;
    const elapsedUs = nowUs - this.seenUs;
    // Many refusals come within one microsecond; the rate is that of the time between.
    if (this.position === undefined || elapsedUs >= 1000) {
      if (this.position !== undefined) {
        const rate = moved / elapsedUs;
        this.rate = this.rate === 0 ? rate : this.rate + NEWEST * (rate - this.rate);
      }
      this.position = position;
      this.seenUs = nowUs;
    }
    if (this.rate <= 0) return this.position === position && elapsedUs < 1000 ? MS_MIN : MS_MAX / 60;
    return Math.min(MS_MAX, Math.max(MS_MIN, Math.ceil(wanted / this.rate / 1000)));
  }
}
