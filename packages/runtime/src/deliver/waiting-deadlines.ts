/**
 * Deadlines of deliveries that wait at gates: one that passes ends its delivery there, however long the gate stays shut, so that its slot and its credit are free
 * for others.
 * Thread: the consumer's. Bounded by the bay's slots.
 */
import { DeadlineTimer, FOR_EVER } from '../deadline-timer.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';

/** A delivery with a deadline that waits. */
export interface Deadline {
  /** In microseconds of the runtime. */
  readonly deadlineUs: number;
  /** Ends the delivery, which has left this list by then. */
  readonly expire: () => void;
}

/** Least time between two looks, each of which goes through all that waits. */
const LOOK_MS_MIN = 5;
/** Time to the next look while nothing may end. */
const PAUSE_US = 100_000;

/** Deadlines of one thread. */
export class WaitingDeadlines {
  private readonly context: ThreadContext;
  private readonly mayEnd: () => boolean;
  private readonly deadlines = new Set<Deadline>();
  private readonly timer: DeadlineTimer;

  /** @param mayEnd - false while no code of the user may be called, which is asked whether it wants the event */
  constructor(context: ThreadContext, mayEnd: () => boolean) {
    this.context = context;
    this.mayEnd = mayEnd;
    this.timer = new DeadlineTimer(context, () => this.look(), LOOK_MS_MIN);
  }

  /** Adds one; nothing happens to it before this returns. */
  add(deadline: Deadline): void {
    this.deadlines.add(deadline);
    this.timer.wakeAt(deadline.deadlineUs);
  }

  /** Its delivery waits no longer. */
  remove(deadline: Deadline): void {
    this.deadlines.delete(deadline);
  }

  /** Ends nothing any more. */
  stop(): void {
    this.timer.stop();
  }

  private look(): void {
    const nowUs = runtimeUs(this.context);
    if (!this.mayEnd()) return this.timer.wakeAt(nowUs + PAUSE_US);
    let nextUs = FOR_EVER;
    for (const deadline of this.deadlines) {
      if (deadline.deadlineUs >= nowUs) {
        nextUs = Math.min(nextUs, deadline.deadlineUs);
        continue;
      }
      this.deadlines.delete(deadline);
      deadline.expire();
    }
    this.timer.wakeAt(nextUs);
  }
}
