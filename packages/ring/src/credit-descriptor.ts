/**
 * Credit words of one link: what a producer may publish to each group of a consumer, in bay units of 64 bytes.
 *
 * ```
 *   written by the producer             written by the consumer           by the coordinator
 *   ┌─────────────────────────────────┐ ┌─────────────────────────────┐ ┌─────────┐
 *   │ published[] refused[] waitsAt[] │ │ limit[] window[] returned[] │ │ share[] │     each by group, 64 words
 *   └─────────────────────────────────┘ └─────────────────────────────┘ └─────────┘
 * ```
 *
 * All are wrapping 32-bit counts. A producer publishes to a group while `published < limit`, and adds the size of the record to `published`;
 * the consumer adds it to `returned` when the delivery settled, and keeps `limit` at `returned + share`. What is outstanding is thus at
 * most the share and one record. `returned` is plain and moves with the redo values of the delivery, so it is exact after a death too.
 * Thread: any.
 * Source: Aeron's publisher limit; differs in: counted per group, and in what the bay will take.
 */
import { LIMITS } from '@ringmain/core';

const GROUPS = LIMITS.groupsMax;

/** Word offsets inside a link's credit words; add the number of the group. */
export const CreditWord = {
  published: 0,
  /** Publishes refused for want of credit; tells the coordinator who asks for more. */
  refused: GROUPS,
  limit: 2 * GROUPS,
  /** What `limit` was ahead of `returned` at the last grant: half of it is worth waking a producer for. */
  window: 3 * GROUPS,
  returned: 4 * GROUPS,
  /** Units that may be outstanding; 0 until the coordinator decides. */
  share: 5 * GROUPS,
  /** `published` at the producer's last look while it waits for credit; from there the consumer knows what it has left. */
  waitsAt: 6 * GROUPS,
} as const;

/** Bytes of a link's credit words. */
export const CREDIT_BYTES = 7 * GROUPS * 4;

/**
 * What a delivery costs: the 64-byte chunks of its record.
 *
 * @remarks In the bay the record takes up to twice as much, a power of two of chunks; the pool of credit allows for that.
 * @param bodyBytes - bytes of the record behind its frame, from 1
 */
export function creditUnits(bodyBytes: number): number {
  return (bodyBytes + LIMITS.bayChunkBytes - 1) >> 6;
}

if (LIMITS.bayChunkBytes !== 64) throw new Error('creditUnits shifts by the size of a chunk');
