/**
 * One timer for many deadlines: runs at the earliest.
 * Thread: its owner's.
 */
import type { ThreadContext } from '../../thread-context.ts';
import { runtimeUs } from '../../thread-context.ts';

/** No deadline. */
export const FOR_EVER = Infinity;

/** Timer of one stage. */
export class DeadlineTimer {
  private readonly context: ThreadContext;
  private readonly due: () => void;
  private timer: NodeJS.Timeout | undefined;
  private timerUs = FOR_EVER;

  /** @param due - called once the earliest deadline has passed; says by `wakeAt` when to be called again */
  constructor(context: ThreadContext, due: () => void) {
    this.context = context;
    this.due = due;
  }

  /** Asks for a call at a deadline, in microseconds of the runtime. */
  wakeAt(deadlineUs: number): void {
    if (deadlineUs >= this.timerUs) return;
    clearTimeout(this.timer);
    this.timerUs = deadlineUs;
    const delayMs = Math.max(1, Math.ceil((deadlineUs - runtimeUs(this.context)) / 1000));
    this.timer = setTimeout(() => {
      this.timerUs = FOR_EVER;
      this.due();
    }, delayMs).unref();
  }

  /** Calls nobody any more. */
  stop(): void {
    clearTimeout(this.timer);
  }
}
