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

/** How a delivery ended: handled, declined by its group, dropped while its circuit breaker was open, dropped as a repeat, or without success. */
export type Ending = 'delivered' | 'filtered' | 'dropped' | 'duplicate' | DeadLetter;

/** Tells whether a delivery ended without success. */
export function isDead(ending: Ending): ending is DeadLetter {
  return typeof ending === 'object';
}

/** The counter that an ending belongs to. */
export function cellOf(group: Group, ending: Ending): number {
  if (ending === 'delivered') return group.delivered;
  if (ending === 'dropped') return group.broken;
  if (ending === 'duplicate') return group.duplicate;
  return ending === 'filtered' ? group.filtered : group.deadLettered;
}
