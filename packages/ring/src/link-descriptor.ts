/**
 * Control words of one link: the four lanes from one producer thread to one consumer thread.
 *
 * ```
 *   line 0, written by the producer          line 1, written by the consumer     line 2, written by the consumer, read
 *   ┌───────────────────────────────┐        ┌──────────────────────────┐        by its successor only (plain words)
 *   │ 0..3  tail of lane 0..3       │        │ 0..3  head of lane 0..3  │        ┌──────────────────────────────────┐
 *   │ 4     lanes in use (bit mask) │        │ 4..7  free               │        │ 0..3  progress of lane 0..3      │
 *   │ 5     room wanted (bit mask)  │        └──────────────────────────┘        │ 4..7  free (epoch at progress)   │
 *   │ 6..7  free (fences, epoch)    │                                            └──────────────────────────────────┘
 *   └───────────────────────────────┘
 * ```
 *
 * then the credit words; see `credit-descriptor.ts`. One poll of a producer touches line 0 alone. Invariant per lane: head ≤ progress ≤ tail, as wrapping differences.
 * Thread: any.
 */
import { CREDIT_BYTES } from './credit-descriptor.ts';
import { WRITER_STRIDE_BYTES, WRITER_STRIDE_WORDS } from './layout-builder.ts';

/** Word offsets inside a link. */
export const LinkWord = {
  tail: 0,
  lanesInUse: 4,
  roomWanted: 5,
  head: WRITER_STRIDE_WORDS,
  progress: 2 * WRITER_STRIDE_WORDS,
  credit: 3 * WRITER_STRIDE_WORDS,
} as const;

/** What a producer waits for, as bits of `roomWanted`. */
export const RoomWanted = { lane: 1, credit: 2 } as const;

/** Bytes of a link's control words. */
export const LINK_BYTES = 3 * WRITER_STRIDE_BYTES + CREDIT_BYTES;
