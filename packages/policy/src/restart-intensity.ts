/**
 * Allows a number of restarts within a period, and says no after that, so that a crash loop ends loudly.
 * Pure: the caller says what time it is. Source: restart intensity and period of Erlang/OTP supervisors.
 */

/** Counts restarts in a sliding period. */
export class RestartIntensity {
  private restartsMax: number;
  private periodMs: number;
  private readonly times: number[] = [];

  /**
   * @param restartsMax - restarts allowed within the period, from 0
   * @param periodMs - length of the period in milliseconds
   */
  constructor(restartsMax: number, periodMs: number) {
    this.restartsMax = restartsMax;
    this.periodMs = periodMs;
  }

  /** Takes other bounds from now on; restarts counted before count within the new period. */
  configure(restartsMax: number, periodMs: number): void {
    this.restartsMax = restartsMax;
    this.periodMs = periodMs;
  }

  /**
   * Asks for one restart.
   *
   * @returns false when the period already holds as many as are allowed; such a request is not counted
   */
  request(nowMs: number): boolean {
    while (this.times.length > 0 && nowMs - (this.times[0] as number) >= this.periodMs) this.times.shift();
    if (this.times.length >= this.restartsMax) return false;
    this.times.push(nowMs);
    return true;
  }

  /** Restarts within the period that ended at the last request; never more than allowed. */
  get count(): number {
    return this.times.length;
  }
}
