/**
 * Words of bulkheads: the permits that the coordinator leases to each thread, and what the thread makes of them.
 *
 * ```
 *   one for the runtime   │ bell │
 *   one for each thread   ┌ by the coordinator ┐ ┌ by the consumer                         ┐
 *                         │ quota[]            │ │ inUse[] wanted[] limit[] cpuHeld[]      │
 *                         └────────────────────┘ └─────────────────────────────────────────┘
 * ```
 *
 * Arrays have a word for each bulkhead, by the number of the first subscriber that is in it. A quota says beside its count whether other threads want more
 * than they have. Where shards are 0 nobody leases anything.
 * Thread: any.
 */
import { LIMITS } from '@ringmain/core';
import { WRITER_STRIDE_BYTES, WRITER_STRIDE_WORDS } from './layout-builder.ts';

const BULKHEADS = LIMITS.groupsMax;

/** Word offsets in the region of a thread; add the number of the bulkhead. */
export const PermitWord = {
  /** Permits that the thread may use, and `CONTENDED` while others want more than they have. */
  quota: 0,
  /** Permits that it uses, one that it may be about to use included. */
  inUse: BULKHEADS,
  /** Deliveries that would begin at once if it had more. */
  wanted: 2 * BULKHEADS,
  /** Handlers that its own limit allows at a time, where that adapts; 0 elsewhere. */
  limit: 3 * BULKHEADS,
  /** Times that deliveries had to wait because the share of the processor was used up; wrapping. */
  cpuHeld: 4 * BULKHEADS,
} as const;

/** Bit of a quota: other threads want more than they have, so one that has permits to spare says so. */
export const CONTENDED = 0x4000_0000;

/** Bytes of the region of a thread. */
export const PERMIT_THREAD_BYTES = 5 * BULKHEADS * 4;

/** Bytes of the region of the runtime: the bell, written by its owner and by whoever rings it. */
export const PERMIT_BELL_BYTES = WRITER_STRIDE_BYTES;

if (LIMITS.baySlotsMax >= CONTENDED) throw new Error('a quota must leave the bit free');
if (BULKHEADS % WRITER_STRIDE_WORDS !== 0) throw new Error('arrays of different writers must begin on a stride');
