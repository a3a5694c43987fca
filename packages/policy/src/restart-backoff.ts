/**
 * How long to wait before a thread that died is replaced: not at all after a single death, longer and longer while its successors die young.
 * Pure: the caller says what time it is. Thread: any; one instance per thread that is replaced.
 *
 * A thread dies young when it lived for less than `calmMs`: the time at which its kind may die for ever without reaching the restart limit. The first
 * that dies young is replaced at once, the next after `initialMs`, and each further one after twice the time before, at most `maxMs`.
 * Invariant: 0 <= delay <= maxMs. No jitter: threads of one process that wait apart do not storm anything.
 * Source: backoff supervisors of Akka; differs in: what a restart limit allows in the long run is never delayed.
 */

/** Options of a {@link RestartBackoff}. */
export interface RestartBackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Life of a thread from which on its death is a single one. */
  readonly calmMs: number;
}

/** Doublings after which every delay is at its maximum. */
const DOUBLINGS_MAX = 40;

/** Delays between the restarts of one thread. */
export class RestartBackoff {
  private options: RestartBackoffOptions;
  private startedMs: number | undefined;
  private young = 0;

  constructor(options: RestartBackoffOptions) {
    this.options = options;
  }

  /** Takes other options from the next death on. */
  configure(options: RestartBackoffOptions): void {
    this.options = options;
  }

  /** Says that a thread is up. */
  started(nowMs: number): void {
    this.startedMs = nowMs;
  }

  /**
   * Says that the thread died, or that its successor did not come up.
   *
   * @returns milliseconds to wait before the next one
   */
  died(nowMs: number): number {
    const { initialMs, maxMs, calmMs } = this.options;
    if (this.startedMs !== undefined && nowMs - this.startedMs >= calmMs) this.young = 0;
    // One that never comes up is as young as can be.
    this.startedMs = nowMs;
    this.young++;
    if (this.young < 2) return 0;
    return Math.min(maxMs, initialMs * 2 ** Math.min(this.young - 2, DOUBLINGS_MAX));
  }
}
