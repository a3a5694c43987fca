/**
 * Calls that run behind a circuit breaker, in the order in which they began: a list through the calls themselves, so that beginning and ending one cost the
 * same however many run.
 * Thread: the consumer's.
 */

/** A call of a handler. */
export interface BreakerCall {
  startedUs: number;
  readonly round: number;
  /** Events that the handler got. */
  readonly events: number;
  /** Probes that they took. */
  readonly probes: number;
  before: BreakerCall | undefined;
  after: BreakerCall | undefined;
}

/** Running calls of one group. */
export class RunningCalls {
  private first: BreakerCall | undefined;
  private last: BreakerCall | undefined;

  /** When the oldest of them began, in microseconds; 0 when none runs. */
  get sinceUs(): number {
    return this.first?.startedUs ?? 0;
  }

  /** Adds one that begins now. */
  add(call: BreakerCall): void {
    call.before = this.last;
    if (this.last === undefined) this.first = call;
    else this.last.after = call;
    this.last = call;
  }

  /** Removes one; does nothing to those that were forgotten. */
  remove(call: BreakerCall): void {
    const { before, after } = call;
    if (before !== undefined) before.after = after;
    else if (this.first === call) this.first = after;
    if (after !== undefined) after.before = before;
    else if (this.last === call) this.last = before;
    // A call that has grown old and is dead would keep all that came after it alive until a full collection, through each other.
    call.before = undefined;
    call.after = undefined;
  }

  /** Counts those that run as none: they are of a time that is over. */
  forget(): void {
    this.first = undefined;
    this.last = undefined;
  }
}
