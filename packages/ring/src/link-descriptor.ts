/**
 * Control words of one link: the lanes from one producer thread to one consumer thread, one per priority and one for answers.
 *
 * ```
 *   line 0, written by the producer          line 1, written by the consumer     line 2, written by the consumer, read
 *   ┌───────────────────────────────┐        ┌──────────────────────────┐        by its successor only (plain words)
 *   │ 0..4  tail of lane 0..4       │        │ 0..4  head of lane 0..4  │        ┌──────────────────────────────────┐
 *   │ 5     lanes in use (bit mask) │        │ 5..7  free               │        │ 0..4  progress of lane 0..4      │
 *   │ 6     room wanted (bit mask)  │        └──────────────────────────┘        │ 5..7  free (epoch at progress)   │
 *   │ 7     free (fences, epoch)    │                                            └──────────────────────────────────┘
 *   └───────────────────────────────┘
 * ```
 *
 * then the credit words; see `credit-descriptor.ts`. One poll of a producer touches line 0 alone. Invariant per lane: head ≤ progress ≤ tail, as wrapping differences.
 * Thread: any.
 */
import { PRIORITY_COUNT } from '@ringmain/core';
import { CREDIT_BYTES } from './credit-descriptor.ts';
import { WRITER_STRIDE_BYTES, WRITER_STRIDE_WORDS } from './layout-builder.ts';

/** Lanes of a link: one per priority, then the one for answers. */
export const LANE_COUNT = PRIORITY_COUNT + 1;

/**
 * The lane that carries answers to waiting senders. They never wait behind events: an event may be handled only once they have arrived.
 */
export const ANSWER_LANE = PRIORITY_COUNT;

/** Word offsets inside a link. */
export const LinkWord = {
  tail: 0,
  lanesInUse: 5,
  roomWanted: 6,
  head: WRITER_STRIDE_WORDS,
  progress: 2 * WRITER_STRIDE_WORDS,
  credit: 3 * WRITER_STRIDE_WORDS,
} as const;

/** What a producer waits for, as bits of `roomWanted`. */
export const RoomWanted = { lane: 1, credit: 2 } as const;

/** Bytes of a link's control words. */
export const LINK_BYTES = 3 * WRITER_STRIDE_BYTES + CREDIT_BYTES;
