/**
 * Events of the recovery measurement.
 * Thread: main thread and shards.
 */
import { defineEvents } from 'ringmain';
import { z } from 'zod';

export const events = defineEvents({
  'load.offered': { schema: z.object({ id: z.int(), key: z.int() }), codec: 'struct', key: (load) => load.key },
  'fault.raised': { schema: z.object({ key: z.int() }), codec: 'struct', key: (fault) => fault.key },
});
