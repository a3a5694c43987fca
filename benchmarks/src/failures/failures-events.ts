/**
 * Events of the run of failures.
 * Thread: main thread and shards.
 */
import { defineEvents } from 'ringmain';
import { z } from 'zod';

const count = z.object({ count: z.int() });

export const events = defineEvents({
  /** Its handler always fails. */
  'work.failing': { schema: z.object({ id: z.int(), text: z.string() }), codec: 'struct', key: ({ id }) => id },
  /** Asks one shard how often that was called there. */
  'calls.ask': { schema: z.object({ key: z.int() }), codec: 'struct', key: ({ key }) => key },
  'calls.told': { schema: count, codec: 'struct' },
});
