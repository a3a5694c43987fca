/**
 * Events of the breaker measurements.
 * Thread: main thread and shards.
 */
import { defineEvents } from 'ringmain';
import { z } from 'zod';

const call = z.object({ id: z.int(), key: z.int() });

export const events = defineEvents({
  'call.plain': { schema: call, codec: 'struct', key: ({ key }) => key },
  'call.guarded': { schema: call, codec: 'struct', key: ({ key }) => key },
  'call.failing': { schema: call, codec: 'struct', key: ({ key }) => key },
  'call.probe': { schema: call, codec: 'struct', key: ({ key }) => key },
  'probe.began': { schema: z.object({ id: z.int() }), codec: 'struct' },
  'probe.fail': { schema: z.object({ key: z.int() }), codec: 'struct', key: ({ key }) => key },
  'starts.ask': { schema: z.object({ key: z.int() }), codec: 'struct', key: ({ key }) => key },
  'starts.told': { schema: z.object({ startsUs: z.array(z.number()) }), codec: 'json' },
});
