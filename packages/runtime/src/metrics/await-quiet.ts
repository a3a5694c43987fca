/**
 * Waits until everything accepted has settled, by looking at shared memory now and then.
 * Thread: main.
 */
import type { ThreadContext } from '../thread-context.ts';
import { isQuiet, tailSum } from './snapshot.ts';

const POLL_MS = 1;

/** What is known beside shared memory. */
export interface QuietWatch {
  /** Publishes what was gathered; true when nothing of it is left. */
  readonly isPublished: () => boolean;
  /** True when waiting is of no use any more. */
  readonly isOver: () => boolean;
}

/** Resolves with true when all is quiet, with false when that takes longer than `timeoutMs`, or is over before. */
export async function awaitQuiet(context: ThreadContext, timeoutMs: number, watch: QuietWatch): Promise<boolean> {
  const deadlineUs = context.clock.monotonicUs() + timeoutMs * 1000;
  for (;;) {
    // Looked at twice: a handler publishes before its own record is released, so work cannot hide from both looks.
    const published = watch.isPublished();
    const before = tailSum(context);
    if (published && isQuiet(context) && isQuiet(context) && tailSum(context) === before) return true;
    if (watch.isOver() || context.clock.monotonicUs() >= deadlineUs) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
