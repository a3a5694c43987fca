/**
 * Words of circuit breakers: what the coordinator decided for each group, and what each consumer tells of its calls.
 *
 * ```
 *   one for the runtime   ┌ written by the coordinator ┐ ┌ by the main thread ┐ ┌ bell ┐
 *                         │ state[] opened[] figures…  │ │ command[]          │ │      │
 *                         └────────────────────────────┘ └────────────────────┘ └──────┘
 *   one for each thread   ┌ by the coordinator ┐ ┌ by the consumer                                            ┐
 *                         │ gate[]             │ │ taken[] returned[] wanted[] calls[] … running[]            │
 *                         └────────────────────┘ └────────────────────────────────────────────────────────────┘
 * ```
 *
 * Arrays have a word for each group, 64 of them. A gate is one word, so that a consumer that reads it has all of it from one moment:
 * `round << 16 | value << 8 | mode`. The value is the number of probes that are leased to the thread in that round, or the step of the ramp. What a consumer
 * tells of probes names their round as well; words of another round mean nothing. Where shards are 0, the main thread is the coordinator.
 * Thread: any.
 */
import { LIMITS } from '@ringmain/core';
import { WRITER_STRIDE_BYTES, WRITER_STRIDE_WORDS } from './layout-builder.ts';

const GROUPS = LIMITS.groupsMax;

/** What a consumer does with deliveries of a group. */
export const GateMode = {
  /** Handlers run. */
  open: 0,
  /** No handler is called. */
  shut: 1,
  /** So many calls as the thread has leases for. */
  probing: 2,
  /** As many calls per second as the step of the ramp says. */
  ramp: 3,
} as const;

/** Word offsets in the region of a thread; add the number of the group. */
export const BreakerWord = {
  gate: 0,
  /** `round << 16 | probes that began`. */
  taken: GROUPS,
  /** `round << 16 | probes that ended well << 8 | probes that did not`. */
  returned: 2 * GROUPS,
  /** `round << 16 | deliveries that would be probes at once`, at most 255. */
  wanted: 3 * GROUPS,
  /** Calls that ended; wrapping, like the three counts behind it. */
  calls: 4 * GROUPS,
  failed: 5 * GROUPS,
  slow: 6 * GROUPS,
  /** Calls that failed, were slow, or both. */
  bad: 7 * GROUPS,
  /** When the oldest call that runs began, low word of microseconds and never 0; 0 for none. */
  running: 8 * GROUPS,
} as const;

/** Bytes of the region of a thread. */
export const BREAKER_THREAD_BYTES = 9 * GROUPS * 4;

/** Word offsets in the region of the runtime; add the number of the group, except to `bell`. */
export const BreakerBoardWord = {
  /** Position in the list of states plus 1; 0 for a group without a breaker. */
  state: 0,
  /** Times that it opened; wrapping. */
  opened: GROUPS,
  /** Calls in the window, and rates in thousandths. */
  calls: 2 * GROUPS,
  failureRate: 3 * GROUPS,
  slowRate: 4 * GROUPS,
  /** Probes leased; wrapping. */
  probes: 5 * GROUPS,
  /** Length of the last open time, in milliseconds. */
  openMs: 6 * GROUPS,
  /** Written by the main thread: position in the list of commands. */
  command: 7 * GROUPS,
  /** Written by its owner and by whoever rings it. */
  bell: 8 * GROUPS,
} as const;

/** Bytes of the region of the runtime. */
export const BREAKER_BOARD_BYTES = 8 * GROUPS * 4 + WRITER_STRIDE_BYTES;

/** Most probes of one round. */
export const PROBES_MAX = 100;

/** Largest count in a byte. */
export const BYTE_MAX = 0xff;

/** Rounds after which they repeat. */
export const ROUND_MASK = 0xffff;

/** A gate word. */
export function gateOf(round: number, mode: number, value: number): number {
  return (round << 16) | (value << 8) | mode;
}

if (GROUPS % WRITER_STRIDE_WORDS !== 0) throw new Error('arrays of different writers must begin on a stride');
if (PROBES_MAX > BYTE_MAX) throw new Error('probes are counted in a byte');
