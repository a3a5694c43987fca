/**
 * Counters in shared memory: cells of two 32-bit words (low, high) that one thread writes with plain stores and anyone reads.
 * Thread: `add` the owner only; `readCell` any, exact once the owner is quiet, at most a moment stale otherwise.
 */

/** Bytes of one cell. */
export const CELL_BYTES = 8;

/** Cells every thread has: the first three as a producer, the others as a consumer. */
export const ThreadCell = { unrouted: 0, rejected: 1, batches: 2, criticalCapped: 3, outOfTurn: 4 } as const;

/** Number of {@link ThreadCell}s reserved. */
export const THREAD_CELLS = 8;

/**
 * Cells of one group in one consumer thread. `offered` counts deliveries begun for groups whose subscriptions change at run time, `retried` those
 * that wait for another attempt after a failure.
 */
export const GroupCell = {
  delivered: 0,
  filtered: 1,
  deadLettered: 2,
  redelivered: 3,
  offered: 4,
  retried: 5,
  /** First of the cells that count drops, one per reason. */
  dropped: 6,
  /** Threads of an isolated group that are up now. */
  isolationThreads: 14,
  /** Threads of an isolated group that ended before their time. */
  isolationThreadsLost: 15,
} as const;

/**
 * Why a group's deliveries were dropped, in the order of their cells from `GroupCell.dropped`. `shed`: the group had no credit. `breaker-open`:
 * its circuit breaker let no handler run, and its group would rather lose events than have them wait. `duplicate`: the group had handled an event with the
 * same `dedupeKey` not long ago. `superseded`: a newer event of its key came before it began, and its group wants the latest only. `failed`, `lost`: its group takes
 * what it gets, and its handler failed, or ended with its thread.
 */
export const DROP_REASONS = ['shed', 'breaker-open', 'duplicate', 'superseded', 'failed', 'lost'] as const;

/**
 * Why a publisher dropped events of a type, in the order of their cells. Such events are in no lane and in no other count. `sampled`, `coalesced`,
 * `drop-new` and `drop-old`: by policy; `expired`: they waited in the stage for too long; `closed`: they waited there when the runtime closed.
 */
export const PUBLISH_DROPS = ['sampled', 'coalesced', 'drop-new', 'drop-old', 'expired', 'closed'] as const;

/** One of {@link PUBLISH_DROPS}. */
export type PublishDrop = (typeof PUBLISH_DROPS)[number];

/** Number of {@link GroupCell}s reserved per group. */
export const GROUP_CELLS = 16;

/** Adds to a cell, with carry. Owner only. */
export function addToCell(words: Int32Array, index: number, amount: number): void {
  const before = (words[index] as number) >>> 0;
  const after = before + amount;
  words[index] = after | 0;
  if (after > 0xffff_ffff) words[index + 1] = (words[index + 1] as number) + 1;
}

/** Reads a cell as a number, exact up to 2^53. */
export function readCell(words: Int32Array, index: number): number {
  for (;;) {
    const high = words[index + 1] as number;
    const low = (words[index] as number) >>> 0;
    // The owner writes low, then high; a carry between the two reads shows as a change of high.
    if (high === words[index + 1]) return (high >>> 0) * 0x1_0000_0000 + low;
  }
}
