/**
 * Handler module of the ringmain contenders: the same handlers as every other contender, as subscribers.
 * Thread: shard.
 */
import { type RingmainEvent, subscriber } from 'ringmain';
import { MIXED_GROUPS, type ReadFields } from '../../workload/bench-events.ts';
import { type ControlRequest, control, handle, handleInGroup } from '../../workload/consumer.ts';
import {
  BYTES_PATTERNS,
  CONTROL_TYPE,
  events,
  MIXED_PATTERN,
  ORDER_PATTERNS,
  REPORT_TYPE,
} from '../ringmain-events.ts';

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
  handle: (event: RingmainEvent) => handle(new BytesFields(event.data as Uint8Array)),
});

const handleMixed = Array.from({ length: MIXED_GROUPS }, (_, group) =>
  subscriber({
    events,
    pattern: MIXED_PATTERN,
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

/** The two fields handlers read, and the publish time, out of a record in the hand-written binary layout. */
class BytesFields implements ReadFields {
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get id(): number {
    return this.#view.getFloat64(0, true);
  }

  get at(): number {
    return this.#view.getFloat64(8, true);
  }

  get quantity(): number {
    return this.#view.getFloat64(32, true);
  }
}
