/** Events of the chaos run. Thread: any. */
import { defineEvents } from 'ringmain';
import { z } from 'zod';

export const events = defineEvents({
  'load.offered': {
    schema: z.object({ key: z.int(), step: z.int() }),
    codec: 'struct',
    key: ({ key }) => key,
  },
  'fault.raised': {
    schema: z.object({ fault: z.int(), mode: z.string(), moment: z.string(), poison: z.boolean() }),
    codec: 'struct',
    priority: 'high',
  },
  /** Its payload has the thread die while it is written: after the first field, when the lane has been claimed. */
  'fault.written': { schema: z.object({ first: z.int(), deadly: z.int() }), codec: 'struct' },
});

/** Payloads by type. */
export interface ChaosEvents {
  readonly 'load.offered': { readonly key: number; readonly step: number };
  readonly 'fault.raised': { readonly fault: number; readonly mode: string; readonly moment: string; readonly poison: boolean };
  readonly 'fault.written': { readonly first: number; readonly deadly: number };
}
