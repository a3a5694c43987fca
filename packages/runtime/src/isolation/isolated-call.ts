/**
 * One call of an isolated handler in its thread: what its contexts share, and what its thread wants to know of it.
 * Thread: one of an isolated group's.
 */

/** A call. */
export class IsolatedCall {
  /** Number of the task. */
  readonly task: number;
  /** Called before anybody asks whether the call was given up: it may have been told so and not heard it yet. */
  onLook: (() => void) | undefined;
  /** Called before the handler is. */
  onBegin: (() => void) | undefined;
  /** Called when the handler has returned, or thrown. */
  onReturn: (() => void) | undefined;

  private controller: AbortController | undefined;
  private aborted: { readonly reason: unknown } | undefined;

  constructor(task: number) {
    this.task = task;
  }

  /** True when nobody waits for it any more. */
  get isGivenUp(): boolean {
    this.onLook?.();
    return this.aborted !== undefined;
  }

  /** Aborted when the attempt is given up and the thread goes on. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.aborted !== undefined) this.controller.abort(this.aborted.reason);
    }
    return this.controller.signal;
  }

  /** Nobody waits for it any more. */
  abort(reason: unknown): void {
    this.aborted = { reason };
    this.controller?.abort(reason);
  }
}
