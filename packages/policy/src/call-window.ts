/**
 * Counts of the calls of late, over the last so many calls or over the last so many seconds.
 * Pure: the caller says what time it is. Thread: any; one instance per circuit breaker.
 *
 * Calls arrive in lots, as they were found since the last look, and a lot says nothing of the order within. So a window drops whole lots only:
 * - `CallCountWindow` drops its oldest lot as long as what is left has as many calls as it is asked for. It holds the last `calls` calls and at most
 *   one lot more, and so at most `calls` lots.
 * - `CallTimeWindow` adds lots up in ten slices and drops those that ended before the window began. It covers the last `periodUs`, or up to a tenth less.
 * Source: the sliding windows of resilience4j; differs in: lots in place of single calls.
 */

/** Counts of calls. */
export interface CallCounts {
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
  /** Failed, slow, or both. */
  readonly bad: number;
}

/** Calls of late. */
export interface CallWindow {
  /** Adds a lot. */
  add(lot: CallCounts, nowUs: number): void;
  /** What the window holds. */
  totals(nowUs: number): CallCounts;
  /** Forgets everything. */
  clear(): void;
}

/** No calls. */
export const NO_CALLS: CallCounts = Object.freeze({ calls: 0, failed: 0, slow: 0, bad: 0 });

const SLICES = 10;

/** The last so many calls. */
export class CallCountWindow implements CallWindow {
  private readonly calls: number;
  private lots: CallCounts[] = [];
  private sum: CallCounts = NO_CALLS;

  /** @param calls - calls wanted, from 1 */
  constructor(calls: number) {
    this.calls = calls;
  }

  add(lot: CallCounts): void {
    if (lot.calls === 0) return;
    this.lots.push(lot);
    this.sum = plus(this.sum, lot, 1);
    for (;;) {
      const [oldest] = this.lots;
      if (oldest === undefined || this.sum.calls - oldest.calls < this.calls) return;
      this.lots.shift();
      this.sum = plus(this.sum, oldest, -1);
    }
  }

  totals(): CallCounts {
    return this.sum;
  }

  clear(): void {
    this.lots = [];
    this.sum = NO_CALLS;
  }
}

/** The last so many microseconds. */
export class CallTimeWindow implements CallWindow {
  private readonly sliceUs: number;
  private slices: { readonly number: number; counts: CallCounts }[] = [];

  /** @param periodUs - length, from 10 */
  constructor(periodUs: number) {
    this.sliceUs = periodUs / SLICES;
  }

  add(lot: CallCounts, nowUs: number): void {
    if (lot.calls === 0) return;
    const last = this.slices.at(-1);
    // A clock that steps back adds to the newest slice.
    const number = Math.max(Math.floor(nowUs / this.sliceUs), last?.number ?? -Infinity);
    if (last?.number === number) last.counts = plus(last.counts, lot, 1);
    else this.slices.push({ number, counts: lot });
    this.drop(nowUs);
  }

  totals(nowUs: number): CallCounts {
    this.drop(nowUs);
    return this.slices.reduce((sum, { counts }) => plus(sum, counts, 1), NO_CALLS);
  }

  clear(): void {
    this.slices = [];
  }

  private drop(nowUs: number): void {
    const first = Math.floor(nowUs / this.sliceUs) - SLICES + 1;
    while (this.slices.length > 0 && (this.slices[0]?.number ?? 0) < first) this.slices.shift();
  }
}

function plus(one: CallCounts, other: CallCounts, sign: 1 | -1): CallCounts {
  return {
    calls: one.calls + sign * other.calls,
    failed: one.failed + sign * other.failed,
    slow: one.slow + sign * other.slow,
    bad: one.bad + sign * other.bad,
  };
}
