/**
 * Bounds how many attempts are retries, so that a service that is down is not hit by a multiple of its usual load.
 * Pure: the caller says what time it is and how many deliveries there were. Thread: any; one instance per thread that delivers.
 *
 * Every delivery earns `ratio` of a retry, and every second `perSecondMin` of them; what is not used within ten seconds is gone. Since all that
 * a budget allows is a sum over deliveries, budgets of several threads together allow what one budget over all of them would.
 * Invariant: retries in any stretch of t seconds <= ratio * (deliveries in it and in the 10 s before) + perSecondMin * (t + 10).
 * Source: the retry budget of Finagle (ratio, a floor per second, credits that live for ten seconds).
 */

/** Options of a {@link RetryBudget}. */
export interface RetryBudgetOptions {
  /** Retries per delivery, from 0. */
  readonly ratio: number;
  /** Retries per second that are allowed however little is delivered, from 0; may be a fraction. */
  readonly perSecondMin: number;
}

const SLICES = 10;
const SLICE_US = 1_000_000;
/** Sums of fractions may fall short of a whole by rounding. */
const EPSILON = 1e-9;

/** Budget of one thread. */
export class RetryBudget {
  private options: RetryBudgetOptions;
  /** What was earned in each of the last seconds and not spent yet. */
  private readonly earned: Float64Array = new Float64Array(SLICES);
  private slice: number | undefined;
  private seen: number;

  /** @param deliveries - deliveries that were counted before, by a predecessor; they earn nothing */
  constructor(options: RetryBudgetOptions, deliveries = 0) {
    this.options = options;
    this.seen = deliveries;
  }

  /** Takes other options from now on; what was earned stays, until it is ten seconds old. */
  configure(options: RetryBudgetOptions): void {
    this.options = options;
  }

  /**
   * Adds what deliveries have earned since the last call; at least once a second, so that they earn it for the right second.
   *
   * @param deliveries - deliveries of the thread so far; a count that falls earns nothing
   * @param nowUs - present time; a clock that steps back counts as standing still
   */
  earn(deliveries: number, nowUs: number): void {
    this.turnTo(Math.floor(nowUs / SLICE_US));
    const current = (this.slice as number) % SLICES;
    this.earned[current] = (this.earned[current] as number) + Math.max(0, deliveries - this.seen) * this.options.ratio;
    this.seen = deliveries;
  }

  /**
   * Takes one retry, after {@link RetryBudget.earn}.
   *
   * @returns false when nothing is left
   */
  take(deliveries: number, nowUs: number): boolean {
    this.earn(deliveries, nowUs);
    if (this.left() < 1 - EPSILON) return false;
    this.spend();
    return true;
  }

  /** Retries that are left, with fractions. */
  left(): number {
    let sum = 0;
    for (const part of this.earned) sum += part;
    return sum;
  }

  /** What goes first is what would be lost first. */
  private spend(): void {
    let wanted = 1;
    for (let age = SLICES - 1; age >= 0 && wanted > 0; age--) {
      const index = ((this.slice as number) - age + SLICES) % SLICES;
      const part = Math.min(wanted, this.earned[index] as number);
      this.earned[index] = (this.earned[index] as number) - part;
      wanted -= part;
    }
  }

  /** A new second earns its floor, and takes the place of the one that is ten seconds old. At the start ten seconds are there. */
  private turnTo(slice: number): void {
    const from = this.slice === undefined ? slice - SLICES : this.slice;
    if (slice <= from) return;
    for (let next = Math.max(from + 1, slice - SLICES + 1); next <= slice; next++) {
      this.earned[((next % SLICES) + SLICES) % SLICES] = this.options.perSecondMin;
    }
    this.slice = slice;
  }
}
