/**
 * Credit words of one link: what a producer may publish to each group of a consumer, in bay units of 64 bytes.
 *
 * ```
 *   written by the producer            written by the consumer            written by the coordinator
 *   ┌─────────────┬────────────┐       ┌─────────────┬──────────────┐     ┌─────────────┐
 *   │ published[] │ refused[]  │       │ limit[]     │ returned[]   │     │ share[]     │     each by group, 64 words
 *   └─────────────┴────────────┘       └─────────────┴──────────────┘     └─────────────┘
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
  returned: 3 * GROUPS,
  /** Units that may be outstanding; 0 until the coordinator decides. */
  share: 4 * GROUPS,
} as const;

/** Bytes of a link's credit words. */
export const CREDIT_BYTES = 5 * GROUPS * 4;

/**
 * What a delivery costs: the chunks that its body takes in the bay, at least 1.
 *
 * @param bodyBytes - bytes of the record behind its frame
 */
export function creditUnits(bodyBytes: number): number {
  const chunks = (bodyBytes + LIMITS.bayChunkBytes - 1) >> 6;
  // A block of the bay is a power of two of chunks.
  return chunks <= 1 ? 1 : 1 << (32 - Math.clz32(chunks - 1));
}

if (LIMITS.bayChunkBytes !== 64) throw new Error('creditUnits shifts by the size of a chunk');
