/**
 * One timer for many deadlines: runs at the earliest.
 * Thread: its owner's.
 */
import type { ThreadContext } from './thread-context.ts';
import { runtimeUs } from './thread-context.ts';

/** No deadline. */
export const FOR_EVER = Infinity;

/** Longest wait of the platform's timers; whoever is called before its time asks again. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const US_PER_MS = 1000;

/** Timer of one owner. */
export class DeadlineTimer {
  private readonly context: ThreadContext;
  private readonly due: () => void;
  private readonly leastMs: number;
  private timer: NodeJS.Timeout | undefined;
  private timerUs = FOR_EVER;

  /**
   * @param due - called once the earliest deadline has passed, or before; says by `wakeAt` when to be called again
   * @param leastMs - least time until a call, so that deadlines that lie closely one after another are found together
   */
  constructor(context: ThreadContext, due: () => void, leastMs = 1) {
    this.context = context;
    this.due = due;
    this.leastMs = leastMs;
  }

  /** Asks for a call at a deadline, in microseconds of the runtime. */
  wakeAt(deadlineUs: number): void {
    if (deadlineUs >= this.timerUs) return;
    clearTimeout(this.timer);
    this.timerUs = deadlineUs;
    const waitMs = Math.max(this.leastMs, Math.ceil((deadlineUs - runtimeUs(this.context)) / US_PER_MS));
    // Whoever waits for it holds the thread by other means.
    this.timer = setTimeout(this.wake, Math.min(waitMs, TIMER_MS_MAX)).unref();
  }

  /** Calls nobody any more. */
  stop(): void {
    clearTimeout(this.timer);
  }

  private readonly wake = (): void => {
    this.timerUs = FOR_EVER;
    this.due();
  };
}
