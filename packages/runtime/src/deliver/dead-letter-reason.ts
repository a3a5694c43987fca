/**
 * Why deliveries end without success.
 * Thread: any.
 */

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
  /** The group's circuit breaker let no handler be called, and the group does not wait for it. */
  'breaker-open',
] as const);

/** Why a delivery ended without success. */
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** Why no handler begins with a delivery, as far as that does not depend on its group. */
export function reasonAgainst(crashes: number, crashesMax: number, isLate: boolean): DeadLetterReason | undefined {
  if (crashes > 0 && crashes >= crashesMax) return 'crashes';
  return isLate ? 'expired' : undefined;
}
