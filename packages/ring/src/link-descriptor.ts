/**
 * Control words of one link: the lanes from one producer thread to one consumer thread, one per priority, one for answers and one for dead letters.
 *
 * ```
 *   line 0, written by the producer          line 1, written by the consumer     line 2, written by the consumer, read
 *   ┌───────────────────────────────┐        ┌──────────────────────────┐        by its successor only (plain words)
 *   │ 0..5  tail of lane 0..5       │        │ 0..5  head of lane 0..5  │        ┌──────────────────────────────────┐
 *   │ 6     lanes in use (bit mask) │        │ 6..7  free               │        │ 0..5  progress of lane 0..5      │
 *   │ 7     room wanted (bit mask)  │        └──────────────────────────┘        │ 6..7  free                       │
 *   └───────────────────────────────┘                                            └──────────────────────────────────┘
 * ```
 *
 * then the credit words; see `credit-descriptor.ts`. One poll of a producer touches line 0 alone. Invariant per lane: head ≤ progress ≤ tail, as wrapping differences.
 * Thread: any.
 */
import { PRIORITY_COUNT } from '@ringmain/core';
import { CREDIT_BYTES } from './credit-descriptor.ts';
import { WRITER_STRIDE_BYTES, WRITER_STRIDE_WORDS } from './layout-builder.ts';

/** Lanes of a link: one per priority, then the one for answers, then the one for dead letters. */
export const LANE_COUNT = PRIORITY_COUNT + 2;

/**
 * The lane that carries answers to waiting senders. They never wait behind events: an event may be handled only once they have arrived.
 */
export const ANSWER_LANE = PRIORITY_COUNT;

/** The lane that carries dead letters from a shard to the main thread; of no size between other threads. */
export const LETTER_LANE = PRIORITY_COUNT + 1;

/** Word offsets inside a link. */
export const LinkWord = {
  tail: 0,
  lanesInUse: 6,
  roomWanted: 7,
  head: WRITER_STRIDE_WORDS,
  progress: 2 * WRITER_STRIDE_WORDS,
  credit: 3 * WRITER_STRIDE_WORDS,
} as const;

/** What a producer waits for, as bits of `roomWanted`. */
export const RoomWanted = { lane: 1, credit: 2 } as const;

/** Bytes of a link's control words. */
export const LINK_BYTES = 3 * WRITER_STRIDE_BYTES + CREDIT_BYTES;
