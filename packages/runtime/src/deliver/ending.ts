/**
 * How a delivery ends.
 * Thread: the consumer's.
 */
import type { Group } from './group.ts';

/** Why a delivery can end without success. Letters on their way name a reason by its place here. */
export const DEAD_LETTER_REASONS = Object.freeze([
  /** The last attempt that it had failed. */
  'attempts',
  /** The handler said that no attempt will do (`NonRetryableError`). */
  'non-retryable',
  /** The group's `retryIf` said so. */
  'retry-if',
  /** The event got older than `deadLetterAfterMs` allows. */
  'too-old',
  /** Its deadline passed before a handler could begin, or before its next attempt. */
  'expired',
  /** Too many retries in all of the runtime. */
  'retry-budget',
  /** It was in flight at too many deaths of its thread. */
  'crashes',
  /** The group's `where` threw. */
  'where',
] as const);

/** Why a delivery ended without success. */
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** A delivery that ended without success. */
export interface DeadLetter {
  readonly reason: DeadLetterReason;
  /** What the last attempt failed with; undefined where nothing was thrown. */
  readonly error: unknown;
  /** The same as its letter says it, once that was written: what was thrown may be unreadable later. */
  readonly text?: string;
}

/** How a delivery ended: handled, declined by its group, or without success. */
export type Ending = 'delivered' | 'filtered' | DeadLetter;

/** Tells whether a delivery ended without success. */
export function isDead(ending: Ending): ending is DeadLetter {
  return typeof ending === 'object';
}

/** The counter that an ending belongs to. */
export function cellOf(group: Group, ending: Ending): number {
  if (ending === 'delivered') return group.delivered;
  return ending === 'filtered' ? group.filtered : group.deadLettered;
}
