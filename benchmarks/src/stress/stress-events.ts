/**
 * Events of the stress scenarios. Each carries the time at which it was due, so that its handler can tell how long it really took.
 * Thread: main thread and shards.
 */
import { defineEvents } from 'ringmain';
import { z } from 'zod';

const load = z.object({
  /** When it was due, on the clock all threads share. */
  dueUs: z.number(),
  key: z.int(),
  /** Row of the board that its latency is recorded in. */
  slot: z.int(),
  /** Counts up per key. */
  seq: z.int(),
});

/** Payload of every stress event. */
export type StressLoad = z.infer<typeof load>;

export const events = defineEvents({
  'load.offered': { schema: load, codec: 'struct', key: (offered) => offered.key },
  'load.beside': { schema: load, codec: 'struct', key: (offered) => offered.key },
  /** Has a handler publish as fast as it can, until the end. */
  'load.flood': { schema: z.object({ key: z.int(), slot: z.int(), to: z.array(z.int()) }), key: (flood) => flood.key },
  /** For groups that do harm. */
  'load.noise': { schema: load, codec: 'struct', key: (offered) => offered.key },
});
