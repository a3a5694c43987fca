/**
 * Decides how many events may share one reading of the clock: few enough that a stamp is at most about the tolerance old.
 * Pure: no clock, no timer; the caller says what time it is.
 *
 * Events that come every 0.1 us share a reading with dozens of others; events 1 ms apart get one each.
 * Thread: any; one instance per stream of events.
 */

/** Adaptive sharing of clock readings. */
export class StampInterval {
  private readonly toleranceUs: number;
  private readonly shareMax: number;
  private lastUs = 0;
  private shared = 0;

  /**
   * @param toleranceUs - age in microseconds that a stamp may reach in a steady stream
   * @param shareMax - most events that share one reading
   */
  constructor(toleranceUs = 20, shareMax = 64) {
    this.toleranceUs = toleranceUs;
    this.shareMax = shareMax;
  }

  /**
   * Takes a reading of the clock.
   *
   * @returns how many events, the present one included, may carry this reading
   */
  read(nowUs: number): number {
    const gapUs = this.shared === 0 ? this.toleranceUs : (nowUs - this.lastUs) / this.shared;
    this.lastUs = nowUs;
    const share = gapUs <= 0 ? this.shareMax : Math.floor(this.toleranceUs / gapUs);
    // Never more than twice the last share, so that one burst does not make the next quiet stretch coarse.
    this.shared = Math.max(1, Math.min(this.shareMax, share, this.shared * 2 + 1));
    return this.shared;
  }
}
