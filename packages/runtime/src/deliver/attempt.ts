/**
 * One call of a handler, as far as it does more than return: it settles the delivery by itself, asks for more time, or listens for the end of it.
 * Thread: the consumer's. Created at the first such use, and for every call that outlives its turn.
 * 1. The handler runs: it may choose, ask for time, publish.
 * 2. Its end closes the attempt, whatever that is: what it returned, what it chose, its time limit. Nothing that is left of it changes anything any more.
 * 3. What it staged leaves the stage; then the attempt is over.
 * Invariant: `choose` succeeds at most once, and never once the attempt is closed; nothing is staged for an attempt that is closed, so 3 ends when the
 * stage's own time limits say so.
 */
import { DAY_MS, RingmainError, describeValue } from '@ringmain/core';

/** How a handler settled its delivery: as handled, or as failed with an error that says what shall become of it. */
export type Choice = { readonly failure: undefined } | { readonly failure: { readonly error: unknown } };

/** Why an attempt failed; undefined when it did not. */
export type Failure = Choice['failure'];

/** The event was handled. */
export const HANDLED: Choice = Object.freeze({ failure: undefined });

/** Who follows an attempt that outlives its turn. */
export interface AttemptFollower {
  /** The handler has chosen. */
  chosen(): void;
  /** The handler may take so many milliseconds from now on. */
  extended(ms: number): void;
}

/** Longest time that a handler may ask for: a day. */
const EXTEND_MS_MAX = DAY_MS;

/** One attempt at a delivery, or at a batch. */
export class Attempt {
  /** What the handler chose. */
  choice: Choice | undefined;
  /** Who follows it, once it outlives its turn. */
  follower: AttemptFollower | undefined;
  /** Called when a handler in another thread begins. */
  onBegin: (() => void) | undefined;
  /** Called once, when the handler of an attempt that outlives its turn has ended, or was given up, with what that failed with: before what was staged has left. */
  onEnd: ((failure: Failure) => void) | undefined;
  /** What becomes of an attempt that ended so; itself where nothing says otherwise. */
  verdictOn: ((failure: Failure) => Failure) | undefined;
  /** Time that was asked for before. */
  extendedMs = 0;
  /** When the handler began, in microseconds of the runtime, where somebody has read the clock then; else 0. */
  beganUs = 0;

  /** The attempt at a whole batch, where this is one at an event of it. */
  private readonly whole: Attempt | undefined;
  /** Events that the handler staged and that have not left the stage. */
  private staged = 0;
  /** Called when the last of them has left; there is one wait at most, since an attempt is closed once. */
  private emptied: (() => void) | undefined;
  private controller: AbortController | undefined;
  private gone: AbortController | undefined;
  private reason: unknown;
  private closed = false;

  constructor(whole?: Attempt) {
    this.whole = whole;
  }

  /** True once the handler has ended, or was given up. */
  get isClosed(): boolean {
    return this.closed || this.whole?.isClosed === true;
  }

  /** The handler has ended, or was given up. */
  close(): void {
    this.closed = true;
  }

  /** Settles the delivery; false when it has settled. */
  choose(choice: Choice): boolean {
    if (this.isClosed || this.choice !== undefined) return false;
    this.choice = choice;
    this.follower?.chosen();
    return true;
  }

  /**
   * Has the time limit begin anew.
   *
   * @returns false when the attempt is closed
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`
   */
  extend(ms: number): boolean {
    if (typeof ms !== 'number' || !(ms > 0 && ms <= EXTEND_MS_MAX)) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `ms is ${describeValue(ms)}`, {
        allowed: `a number above 0, up to ${EXTEND_MS_MAX}`,
      });
    }
    if (this.whole !== undefined) return this.whole.extend(ms);
    if (this.closed) return false;
    this.extendedMs = ms;
    this.follower?.extended(ms);
    return true;
  }

  /** The handler published an event that waits in the stage: the delivery settles once that has left it. */
  stage(settled: Promise<void>): void {
    if (this.whole !== undefined) return this.whole.stage(settled);
    this.staged++;
    void settled.then(() => {
      this.staged--;
      if (this.staged === 0) this.emptied?.();
    });
  }

  /** True while something stands in the stage. */
  get hasStaged(): boolean {
    return this.staged > 0;
  }

  /** Resolves once all that was staged is committed or dropped. The attempt is closed, so that nothing more comes. */
  unstaged(): Promise<void> {
    return new Promise((resolve) => (this.staged === 0 ? resolve() : (this.emptied = resolve)));
  }

  /** The handler ended within its turn, and staged something: settles as it ended, once that has left the stage. */
  async endStaged(failure: Failure): Promise<void> {
    this.close();
    const { onEnd } = this;
    this.onEnd = undefined;
    onEnd?.(this.verdictOn === undefined ? failure : this.verdictOn(failure));
    await this.unstaged();
    if (failure !== undefined) throw failure.error;
  }

  /** Aborted when the handler is to stop. */
  get signal(): AbortSignal {
    if (this.whole !== undefined) return this.whole.signal;
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.reason !== undefined) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  /** Tells the handler to stop. */
  abort(reason: unknown): void {
    this.reason = reason;
    this.controller?.abort(reason);
  }

  /** Aborted when the handler is given up, and only then: what it waits to send is not sent any more. */
  get givenUp(): AbortSignal {
    if (this.whole !== undefined) return this.whole.givenUp;
    return (this.gone ??= new AbortController()).signal;
  }

  /** Tells the handler that nobody waits for it any more. */
  giveUp(reason: unknown): void {
    this.abort(reason);
    this.gone?.abort(reason);
  }
}
