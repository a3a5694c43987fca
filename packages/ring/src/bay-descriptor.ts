/**
 * Layout of a bay: where a delivery waits that outlives its drain turn.
 *
 * ```
 *   slots: 80 bytes each                                       bodies: contiguous blocks, a power of two of 64-byte chunks
 *   ┌───────┬──────┬──────────┬──────────┬──────┬───────┐      ┌──────────────────────────────────────────────┐
 *   │ state │ lane │ position │ sequence │ step │ order │ …    │ header | extension | payload  (as in the ring) │
 *   └───────┴──────┴──────────┴──────────┴──────┴───────┘      └──────────────────────────────────────────────┘
 * ```
 *
 * Slots of one record share its body. Which blocks are free follows from the slots, so a successor needs no free list.
 * All words are plain and have one writer, the consumer; its successor reads them after its exit.
 */

/** Bytes of one slot. */
export const BAY_SLOT_BYTES = 80;

/** Words of one slot. */
export const BAY_SLOT_WORDS = BAY_SLOT_BYTES / 4;

/** Word offsets inside a slot. */
export const SlotWord = {
  state: 0,
  lane: 1,
  position: 2,
  sequenceLow: 3,
  sequenceHigh: 4,
  /** Ordinal in the record's match list. */
  step: 5,
  /** Age among the bay's slots; a successor takes them up in this order. */
  order: 6,
  /** Deliveries begun, the running one included; 0 while it never ran. */
  attempt: 7,
  /** Thread deaths charged to this delivery. */
  crashes: 8,
  /** When the next attempt of a waiting delivery is due, in milliseconds of the runtime, wrapping; see `delay`. */
  due: 9,
  /** Number of the run in which its handler was called, while it runs; a waiting delivery needs the word for `due`. */
  run: 9,
  redoHigh: 10,
  /** When its first attempt failed, in milliseconds of the runtime, wrapping, and never 0; 0 when none did. Until it settles, which then needs the word. */
  firstMs: 10,
  keyHash: 11,
  /** First chunk of the body. */
  bodyChunk: 12,
  bodyBytes: 13,
  redoCell: 14,
  redoValue: 15,
  /** Word of the credit that the delivery returns, and the value it then has. */
  redoCredit: 16,
  redoReturned: 17,
  /** How long the delivery waits for its next attempt, in milliseconds and 1; negative once that has begun, 0 when it never failed. */
  delay: 18,
  /** Attempts that failed; times {@link FAILURE_UNIT}, plus why the delivery has ended without success, from 1, once only its letter is still to be sent. */
  ended: 19,
} as const;

/** What a failed attempt adds to {@link SlotWord.ended}; reasons are smaller. */
export const FAILURE_UNIT = 256;

/** States of a slot. `free` is 0, what untouched memory holds. */
export const SlotState = {
  free: 0,
  filling: 1,
  waiting: 2,
  running: 3,
  settled: 4,
} as const;
