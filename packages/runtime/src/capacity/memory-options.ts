/**
 * What the plan of the shared memory takes from the configuration.
 * Thread: main; pure.
 */
import type { MemoryPlanOptions } from '@ringmain/ring';
import type { RuntimeConfig } from '../config/config-schema.ts';

/** The options of `planMemory` for a configuration. */
export function memoryOptions({ shardsMax, lanes, mesh, bay }: RuntimeConfig): MemoryPlanOptions {
  return {
    // With no shards, handlers still publish as a thread of their own: in the lanes of the user, what they publish would wait behind
    // events that wait for them.
    shards: Math.max(1, shardsMax),
    laneBytes: [lanes.critical, lanes.high, lanes.normal, lanes.low].map((lane) => lane.capacityBytes),
    meshLaneBytes: mesh.capacityBytes,
    baySlots: bay.slots,
    bayBytes: bay.bytes,
  };
}
