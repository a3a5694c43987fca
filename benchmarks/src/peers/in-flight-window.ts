/**
 * Bounds what is in flight for transports without backpressure: the consumer acknowledges in large steps, the publisher
 * pauses when the window is full and goes on when half of it has drained. Only the `flood` scenario goes around it.
 * Thread: publishing thread.
 */

/** Events in flight at most: about 10 ms of work for the fastest message-based transport. */
export const WINDOW_EVENTS = 4096;
/** The consumer acknowledges every so many events, so that acknowledgements cost nothing that shows. */
export const ACK_EVERY = 512;

export class InFlightWindow {
  #sent = 0;
  #acknowledged = 0;
  #resume: (() => void) | undefined;

  /** True when the publisher has to pause. */
  get full(): boolean {
    return this.#sent - this.#acknowledged >= WINDOW_EVENTS;
  }

  sent(count: number): void {
    this.#sent += count;
  }

  /** Takes the consumer's running count since the last reset. */
  acknowledge(handled: number): void {
    this.#acknowledged = handled;
    if (this.#resume !== undefined && this.#sent - handled <= WINDOW_EVENTS / 2) {
      const resume = this.#resume;
      this.#resume = undefined;
      resume();
    }
  }

  /** Resolves when half of the window is free. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  reset(): void {
    this.#sent = 0;
    this.#acknowledged = 0;
  }
}
