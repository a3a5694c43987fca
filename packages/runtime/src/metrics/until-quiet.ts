/**
 * Waits until everything accepted has settled, in all threads, by looking at shared memory.
 * Thread: main.
 */
import { RingmainError } from '@ringmain/core';
import type { ThreadContext } from '../thread-context.ts';
import { isQuiet, tailSum } from './snapshot.ts';

const POLL_MS = 1;

/**
 * Resolves with true once nothing is under way.
 *
 * @param timeoutMs - time after which it resolves with false
 * @param gaveUp - looked at between polls; true ends the wait with false
 * @param publishRest - publishes what was gathered; true when nothing of it is left
 */
export async function untilQuiet(
  context: ThreadContext,
  timeoutMs: number,
  gaveUp: () => boolean,
  publishRest: () => boolean,
): Promise<boolean> {
  const deadlineUs = context.clock.monotonicUs() + timeoutMs * 1000;
  for (;;) {
    // Looked at twice: a handler publishes before its own record is released, so work cannot hide from both looks.
    const isPublished = publishRest();
    const before = tailSum(context);
    if (isPublished && isQuiet(context) && isQuiet(context) && tailSum(context) === before) return true;
    if (gaveUp() || context.clock.monotonicUs() >= deadlineUs) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The error of whoever waited for everything to settle, in vain. */
export function notSettled(inFlight: number, timeoutMs: number): RingmainError {
  return new RingmainError('RINGMAIN_DELIVERY_TIMEOUT', `${inFlight} deliveries did not settle within ${timeoutMs} ms`, {
    details: { inFlight, timeoutMs },
  });
}
