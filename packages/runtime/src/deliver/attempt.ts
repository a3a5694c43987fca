/**
 * One call of a handler, as far as it does more than return: it settles the delivery by itself, asks for more time, or listens for the end of it.
 * Thread: the consumer's. Created at the first such use, and for every call that outlives its turn.
 * Invariant: `choose` succeeds at most once, and never after the attempt is over.
 */
import { RingmainError, describeValue } from '@ringmain/core';

/** How a handler settled its delivery: as handled, or as failed with an error that says what shall become of it. */
export type Choice = { readonly failure: undefined } | { readonly failure: { readonly error: unknown } };

/** The event was handled. */
export const HANDLED: Choice = Object.freeze({ failure: undefined });

/** Longest time that a handler may ask for: a day. */
const EXTEND_MS_MAX = 86_400_000;

/** One attempt at a delivery, or at a batch. */
export class Attempt {
  /** What the handler chose. */
  choice: Choice | undefined;
  /** True once the delivery has settled, or waits for another attempt. */
  isOver = false;
  /** Called when the handler has chosen, once the attempt outlives its turn. */
  onChoice: (() => void) | undefined;
  /** Called when the handler asks for more time, once the attempt outlives its turn. */
  onExtend: ((ms: number) => void) | undefined;
  /** Called when an attempt that outlives its turn is over, with what it failed with. */
  onOver: ((failure: { readonly error: unknown } | undefined) => void) | undefined;
  /** Time that was asked for before. */
  extendedMs = 0;

  /** The attempt at a whole batch, where this is one at an event of it. */
  private readonly whole: Attempt | undefined;
  /** Ends of the waits of what the handler staged; bounded by the stage. */
  private staged: Promise<void>[] | undefined;
  private controller: AbortController | undefined;
  private reason: unknown;

  constructor(whole?: Attempt) {
    this.whole = whole;
  }

  /** Settles the delivery; false when it has settled. */
  choose(choice: Choice): boolean {
    if (this.isOver || this.choice !== undefined) return false;
    this.choice = choice;
    this.onChoice?.();
    return true;
  }

  /**
   * Has the time limit begin anew.
   *
   * @returns false when the attempt is over
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`
   */
  extend(ms: number): boolean {
    if (typeof ms !== 'number' || !(ms > 0 && ms <= EXTEND_MS_MAX)) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `ms is ${describeValue(ms)}`, {
        allowed: `a number above 0, up to ${EXTEND_MS_MAX}`,
      });
    }
    if (this.whole !== undefined) return !this.isOver && this.whole.extend(ms);
    if (this.isOver) return false;
    this.extendedMs = ms;
    this.onExtend?.(ms);
    return true;
  }

  /** The handler published an event that waits in the stage: the delivery settles once that has left it. */
  stage(settled: Promise<void>): void {
    if (this.whole !== undefined) this.whole.stage(settled);
    else (this.staged ??= []).push(settled);
  }

  /** True while something may stand in the stage. */
  get hasStaged(): boolean {
    return this.staged !== undefined;
  }

  /** Resolves once all that was staged is committed or dropped, what was staged meanwhile included; until then it counts as staged for everyone. */
  async unstaged(): Promise<void> {
    while (this.staged !== undefined) {
      const count = this.staged.length;
      await Promise.all(this.staged);
      if (this.staged?.length === count) this.staged = undefined;
    }
  }

  /** Aborted when the attempt is given up. */
  get signal(): AbortSignal {
    if (this.whole !== undefined) return this.whole.signal;
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.reason !== undefined) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  /** Gives the attempt up: whoever listens is told why. */
  abort(reason: unknown): void {
    this.reason = reason;
    this.controller?.abort(reason);
  }
}
