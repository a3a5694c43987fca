/**
 * Tells a thread that is stuck in a handler from one that is slow, parked or was suspended.
 * Pure: the caller reads the thread's heartbeat and says what time it is. Thread: any; one instance per watched thread, asked at even intervals.
 *
 * 1. A check is stale when the thread is in a handler and neither its heartbeat nor the start of that handler has moved since the check before. Only
 *    consecutive stale checks count: after a suspended laptop wakes, threads get as many checks as ever before anyone calls them dead.
 * 2. Slow is a warning, so it may use time: a handler that runs for `slowUs` is reported, once per start. A stall is reported as slow once more, when its
 *    stale checks reach `staleChecksWarn`, because then not even the event loop of the thread turns.
 * Invariant: `dead` comes only after `staleChecksDead` stale checks in a row, however much time has passed.
 */

/** What a {@link StallWatch} says about a thread. */
export type StallVerdict = 'fine' | 'slow' | 'dead';

/** Options of a {@link StallWatch}. */
export interface StallWatchOptions {
  /** Stale checks in a row at which a stall is reported as slow, from 1. */
  readonly staleChecksWarn: number;
  /** Stale checks in a row from which on the thread counts as dead; `Infinity` for never. */
  readonly staleChecksDead: number;
  /**
   * Time in one handler from which on it is reported as slow, in microseconds.
   *
   * @defaultValue 100_000
   */
  readonly slowUs?: number;
}

/** The thread is in no handler. */
const IDLE = 0;

/** Watches one thread. */
export class StallWatch {
  /** Consecutive checks at which the thread was in a handler and nothing moved. */
  staleChecks = 0;

  private readonly staleChecksWarn: number;
  private readonly staleChecksDead: number;
  private readonly slowUs: number;
  private lastHeartbeat: number | undefined;
  private lastBusySinceUs = IDLE;
  /** Start of the handler that was reported as slow last. */
  private reportedUs = IDLE;

  constructor(options: StallWatchOptions) {
    this.staleChecksWarn = options.staleChecksWarn;
    this.staleChecksDead = options.staleChecksDead;
    this.slowUs = options.slowUs ?? 100_000;
  }

  /**
   * Makes one check.
   *
   * @param heartbeat - counter that the thread moves while it makes progress; may wrap
   * @param busySinceUs - start of the running handler; 0 when there is none
   * @param nowUs - present time, on the clock of `busySinceUs`
   * @returns `dead` at every check while the thread counts as dead; `slow` once for each reason to warn; else `fine`
   */
  check(heartbeat: number, busySinceUs: number, nowUs: number): StallVerdict {
    const moved = heartbeat !== this.lastHeartbeat || busySinceUs !== this.lastBusySinceUs;
    this.lastHeartbeat = heartbeat;
    this.lastBusySinceUs = busySinceUs;
    this.staleChecks = moved || busySinceUs === IDLE ? 0 : this.staleChecks + 1;
    const slow = this.isNewlySlow(busySinceUs, nowUs);
    if (this.staleChecks >= this.staleChecksDead) return 'dead';
    return slow || this.staleChecks === this.staleChecksWarn ? 'slow' : 'fine';
  }

  private isNewlySlow(busySinceUs: number, nowUs: number): boolean {
    if (busySinceUs === IDLE || busySinceUs === this.reportedUs || nowUs - busySinceUs < this.slowUs) return false;
    this.reportedUs = busySinceUs;
    return true;
  }
}
