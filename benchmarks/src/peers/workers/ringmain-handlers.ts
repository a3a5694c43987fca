/**
 * Handler module of the ringmain contenders: the same handlers as every other contender, as subscribers.
 * Thread: shard.
 */
import { type RingmainEvent, subscriber } from 'ringmain';
import { MIXED_GROUPS, type ReadFields } from '../../workload/bench-events.ts';
import { BinaryReader, INVOICE_DOUBLES } from '../../workload/binary-layout.ts';
import { type ControlRequest, control, handle, handleInGroup } from '../../workload/consumer.ts';
import { BYTES_PATTERNS, CONTROL_TYPE, events, MIXED_PATTERNS, ORDER_PATTERNS, REPORT_TYPE } from '../ringmain-events.ts';

const record = new Float64Array(INVOICE_DOUBLES);
const recordBytes = new Uint8Array(record.buffer);
const recordReader = new BinaryReader(record);

const handleData = subscriber({
  events,
  pattern: ORDER_PATTERNS,
  group: 'objects',
  handle: (event: RingmainEvent) => handle(event.data as ReadFields),
});

const handleBytes = subscriber({
  events,
  pattern: BYTES_PATTERNS,
  group: 'bytes',
  handle: (event: RingmainEvent) => {
    // Copied into aligned memory: asking a small array for its buffer would move it out of the heap first.
    recordBytes.set(event.data as Uint8Array);
    handle(recordReader);
  },
});

const handleMixed = Array.from({ length: MIXED_GROUPS }, (_, group) =>
  subscriber({
    events,
    pattern: MIXED_PATTERNS,
    group: `mixed-${group}`,
    handle: (event: RingmainEvent) => handleInGroup(group, event.data as ReadFields),
  }),
);

/** In the same lane as the events, so it comes after everything published before. */
const answerControl = subscriber({
  events,
  pattern: CONTROL_TYPE,
  group: 'control',
  handle: async (event: RingmainEvent, ctx) => {
    await ctx.send(REPORT_TYPE, control(event.data as ControlRequest));
  },
});

export default [handleData, handleBytes, ...handleMixed, answerControl];
