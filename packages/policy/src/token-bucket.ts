/**
 * Limits a rate: at most `burst` at once, and in the long run at most `ratePerSecond`.
 * Pure: the caller says what time it is. Thread: any; one instance per limited publisher.
 *
 * The level is counted in millionths of a token, because a rate per second is the same number of millionths per microsecond: with whole rates and whole
 * microseconds every sum is exact, so a bucket that runs for a year has lost nothing and granted nothing too much.
 * Invariant: in any stretch of t seconds no more than `burst + ratePerSecond * t` are granted; 0 <= level <= burst.
 * Source: Turner, "New directions in communications" (1986), the leaky bucket as a meter.
 */

/** Options of a {@link TokenBucket}. */
export interface TokenBucketOptions {
  /** Tokens that come in per second, from 0. */
  readonly ratePerSecond: number;
  /** Tokens the bucket holds; it starts full. */
  readonly burst: number;
}

/** Parts of a token in which the level is counted. */
const PARTS = 1_000_000;

/** Rate limit of one publisher. */
export class TokenBucket {
  /** Millionths of a token per microsecond. */
  private rate: number;
  private capacity: number;
  private level: number;
  private filledUs: number | undefined;

  constructor(options: TokenBucketOptions) {
    this.rate = options.ratePerSecond;
    this.capacity = options.burst * PARTS;
    this.level = this.capacity;
  }

  /**
   * Takes another rate and burst from now on. Tokens that are there stay, as far as the bucket holds them: a change grants nothing.
   *
   * @param nowUs - present time
   */
  configure(options: TokenBucketOptions, nowUs: number): void {
    this.fill(nowUs);
    this.rate = options.ratePerSecond;
    this.capacity = options.burst * PARTS;
    this.level = Math.min(this.level, this.capacity);
  }

  /**
   * Takes tokens, all of them or none.
   *
   * @param count - tokens wanted, an integer from 0
   * @param nowUs - present time; a clock that steps back counts as standing still
   * @returns false when there are fewer, and always when `count` is above the burst
   */
  take(count: number, nowUs: number): boolean {
    this.fill(nowUs);
    const wanted = count * PARTS;
    if (wanted > this.level) return false;
    this.level -= wanted;
    return true;
  }

  /**
   * Says how long to wait until `count` tokens are there, if nobody else takes any.
   *
   * @returns whole microseconds after `nowUs`, rounded up, so that `take` then succeeds; 0 when they are there; `Infinity` when they never will be,
   * because `count` is above the burst or the rate is 0
   */
  waitUs(count: number, nowUs: number): number {
    const wanted = count * PARTS;
    if (wanted > this.capacity) return Infinity;
    this.fill(nowUs);
    const missing = wanted - this.level;
    if (missing <= 0) return 0;
    // While the clock is behind the furthest time it showed, nothing comes in.
    const behindUs = (this.filledUs ?? nowUs) - nowUs;
    return Math.ceil(behindUs + missing / this.rate);
  }

  /** Whole tokens that are there now. */
  available(nowUs: number): number {
    this.fill(nowUs);
    return Math.floor(this.level / PARTS);
  }

  private fill(nowUs: number): void {
    const elapsedUs = nowUs - (this.filledUs ?? nowUs);
    if (elapsedUs < 0) return;
    this.filledUs = nowUs;
    this.level = Math.min(this.capacity, this.level + elapsedUs * this.rate);
  }
}
