/**
 * How a delivery ends.
 * Thread: the consumer's.
 */
import type { DeadLetterReason } from './dead-letter-reason.ts';
import type { Group } from './group.ts';

/** A delivery that ended without success. */
export interface DeadLetter {
  readonly reason: DeadLetterReason;
  /** What the last attempt failed with; undefined where nothing was thrown. */
  readonly error: unknown;
  /** The same as its letter says it, once that was written: what was thrown may be unreadable later. */
  readonly text?: string;
}

/**
 * How a delivery ended: handled, declined by its group, dropped while its circuit breaker was open, as a repeat, for a newer one of its key, or without success: with
 * a letter, or where its group keeps none, because it failed or went down with its thread.
 */
export type Ending = 'delivered' | 'filtered' | 'dropped' | 'duplicate' | 'superseded' | 'failed' | 'lost' | DeadLetter;

/** Tells whether a delivery ended without success. */
export function isDead(ending: Ending): ending is DeadLetter {
  return typeof ending === 'object';
}

/** Tells whether whoever waits for a delivery is told that it failed. */
export function isFailure(ending: Ending): boolean {
  return isDead(ending) || ending === 'failed' || ending === 'lost';
}

/** How a delivery ends in its group: without a letter where that keeps none. */
export function endingIn(group: Group, ending: Ending): Ending {
  return group.isBestEffort && isDead(ending) ? 'failed' : ending;
}

/** The counter that an ending belongs to. */
export function cellOf(group: Group, ending: Ending): number {
  if (ending === 'delivered') return group.delivered;
  if (ending === 'dropped') return group.broken;
  if (ending === 'duplicate') return group.duplicate;
  if (ending === 'superseded') return group.superseded;
  if (ending === 'failed') return group.failed;
  if (ending === 'lost') return group.lost;
  return ending === 'filtered' ? group.filtered : group.deadLettered;
}
