/**
 * Control words and record shape that the two single-producer single-consumer loops of the ring comparison share.
 * Thread: any. Words are 128 bytes apart.
 */

export const TAIL_WORD = 0;
export const HEAD_WORD = 32;
export const PROGRESS_WORD = 64;
/** Set to 1 by the producer after its last commit. */
export const END_WORD = 96;
export const CONTROL_BYTES = 512;

/** 64 bytes. */
export const RECORD_WORDS = 16;
export const RECORD_BYTES = RECORD_WORDS * 4;
/** Records per commit. */
export const COMMIT_EVERY = 16;
/** Records the consumer reads at most before it gives room back. */
export const RELEASE_EVERY = 256;
export const RING_DATA_BYTES = 1 << 20;

const RELAX_STEPS = 700;
let relaxSink = 0;

/** About a microsecond without a look at shared memory; both loops trail their producer in the same way. */
export function relax(): void {
  for (let step = 0; step < RELAX_STEPS; step++) relaxSink = (relaxSink + step) | 0;
}

/** What one side of a slice saw. */
export interface SideTotals {
  readonly records: number;
  /** Sum of all words, modulo 2^32. */
  readonly sum: number;
}
