/**
 * What the plan of the shared memory takes from the configuration.
 * Thread: main; pure.
 */
import type { MemoryPlanOptions } from '@ringmain/ring';
import type { RuntimeConfig } from '../config/config-schema.ts';

/** Bytes of a letter beside the record: its header and the error, with some to spare. */
const LETTER_BYTES_MAX = 8 * 1024;

/** The options of `planMemory` for a configuration. */
export function memoryOptions({ shardsMax, lanes, mesh, bay, recordBytesMax, dedupe }: RuntimeConfig): MemoryPlanOptions {
  return {
    // With no shards, handlers still publish as a thread of their own: in the lanes of the user, what they publish would wait behind
    // events that wait for them.
    shards: Math.max(1, shardsMax),
    laneBytes: [lanes.critical, lanes.high, lanes.normal, lanes.low].map((lane) => lane.capacityBytes),
    meshLaneBytes: mesh.capacityBytes,
    // Two of the largest letters, in a ring that takes records of at most half of it.
    letterBytes: 2 ** Math.ceil(Math.log2(2 * (recordBytesMax + LETTER_BYTES_MAX))),
    baySlots: bay.slots,
    bayBytes: bay.bytes,
    repeatsMax: dedupe.events,
  };
}
