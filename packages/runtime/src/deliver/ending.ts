/**
 * How a delivery ends.
 * Thread: the consumer's.
 */
import type { Group } from './group.ts';

/** Why a delivery ended without success. */
export type DeadLetterReason =
  /** The last attempt that it had failed. */
  | 'attempts'
  /** The handler said that no attempt will do (`NonRetryableError`). */
  | 'non-retryable'
  /** The group's `retryIf` said so. */
  | 'retry-if'
  /** The event got older than `deadLetterAfterMs` allows. */
  | 'too-old'
  /** Its deadline passed before a handler could begin, or before its next attempt. */
  | 'expired'
  /** Too many retries in all of the runtime. */
  | 'retry-budget'
  /** It was in flight at too many deaths of its thread. */
  | 'crashes'
  /** The group's `where` threw. */
  | 'where'
  /** The group's circuit breaker let no handler be called, and the group does not wait for it. */
  | 'breaker-open';

/** A delivery that ended without success. */
export interface DeadLetter {
  readonly reason: DeadLetterReason;
  /** What the last attempt failed with; undefined where nothing was thrown. */
  readonly error: unknown;
}

/** How a delivery ended: handled, declined by its group, dropped while its circuit breaker was open, or without success. */
export type Ending = 'delivered' | 'filtered' | 'dropped' | DeadLetter;

/** Tells whether a delivery ended without success. */
export function isDead(ending: Ending): ending is DeadLetter {
  return typeof ending === 'object';
}

/** The counter that an ending belongs to. */
export function cellOf(group: Group, ending: Ending): number {
  if (ending === 'delivered') return group.delivered;
  if (ending === 'dropped') return group.broken;
  return ending === 'filtered' ? group.filtered : group.deadLettered;
}
