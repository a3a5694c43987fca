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
  /** Has those probes fail that it names: others may have begun since they were asked for. */
  'probe.fail': { schema: z.object({ key: z.int(), ids: z.array(z.int()) }), codec: 'json', key: ({ key }) => key },
  'starts.ask': { schema: z.object({ key: z.int() }), codec: 'struct', key: ({ key }) => key },
  'starts.told': { schema: z.object({ startsUs: z.array(z.number()) }), codec: 'json' },
});
