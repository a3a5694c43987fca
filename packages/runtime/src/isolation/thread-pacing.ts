/**
 * Slows a group down whose threads end one after another: every new thread costs the time to load its modules, which others could use.
 * Thread: the consumer's. The first loss costs nothing; each that follows with no success between doubles the pause before the next call.
 */
import type { Clock } from '@ringmain/core';

const FIRST_US = 10_000;
const MOST_US = 1_000_000;
const US_PER_MS = 1000;

/** Pauses of one pool. */
export class ThreadPacing {
  private readonly clock: Clock;
  private inARow = 0;
  private untilUs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** A thread has ended before its time. */
  lost(): void {
    this.inARow++;
    if (this.inARow === 1) return;
    this.untilUs = this.clock.monotonicUs() + Math.min(MOST_US, FIRST_US * 2 ** (this.inARow - 2));
  }

  /** A handler has ended, and its thread goes on. */
  went(): void {
    this.inARow = 0;
    this.untilUs = 0;
  }

  /** Milliseconds to wait before the next call; 0 for none. */
  waitMs(): number {
    return this.untilUs === 0 ? 0 : Math.max(0, Math.ceil((this.untilUs - this.clock.monotonicUs()) / US_PER_MS));
  }
}

/** Resolves after a time, or when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms).unref();
    signal.addEventListener('abort', over);
  });
}
