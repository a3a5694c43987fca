/** Types that follow from definitions; the assertions are the compiler's, checked by `expectTypeOf` and by `@ts-expect-error`. */
import { createCodec } from '@ringmain/codec';
import type { InferEvents, Runtime } from 'ringmain';
import { bytesSchema, defineEvents, subscriber } from 'ringmain';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

const dates = createCodec<Date>({
  name: 'date',
  id: 16,
  contentType: 'text/plain',
  measure: () => 8,
  encode(date, { f64 }, offset) {
    f64[offset >> 3] = date.getTime();
    return 8;
  },
  decode: ({ f64 }, offset) => new Date(f64[offset >> 3] ?? 0),
  view: ({ f64 }, offset) => new Date(f64[offset >> 3] ?? 0),
  rebase() {},
  release() {},
});

const closed = defineEvents({
  'order.placed': { schema: z.object({ id: z.int() }), codec: 'struct' },
  'order.blob': { schema: bytesSchema, codec: 'bytes' },
});
const mixed = defineEvents(
  { 'metric.disk': { schema: z.object({ free: z.number() }) } },
  { open: { 'metric.*': {}, 'frame.*': { codec: 'bytes' }, 'nats:tick.*': { codec: dates } } },
);

type Publish<Registry> = Runtime<InferEvents<Registry>>['publish'];

describe('defineEvents', () => {
  it('maps names to payloads, and nothing else without open patterns', () => {
    expectTypeOf<InferEvents<typeof closed>>().toEqualTypeOf<{ 'order.placed': { id: number }; 'order.blob': Uint8Array }>();
    const publish: Publish<typeof closed> = () => ({ status: 'accepted', accepted: true, targets: 0 });
    // @ts-expect-error -- no such type
    publish('order.lost', {});
  });

  it('makes open patterns part of the map; a name wins over the patterns that cover it', () => {
    expect(mixed.open.map(({ pattern }) => pattern)).toEqual(['metric.*', 'frame.*', 'nats:tick.*']);
    type Events = InferEvents<typeof mixed>;
    expectTypeOf<Events['metric.disk']>().toEqualTypeOf<{ free: number }>();
    expectTypeOf<Events['metric.cpu']>().toEqualTypeOf<unknown>();
    expectTypeOf<Events['frame.left']>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<Events['tick.second']>().toEqualTypeOf<Date>();
    const publish: Publish<typeof mixed> = () => ({ status: 'accepted', accepted: true, targets: 0 });
    publish('metric.cpu', { load: 0.5 });
    publish(`metric.${'cpu' as string}`, [1]);
    publish('metric.disk', { free: 1 });
    publish('frame.left', new Uint8Array(1));
    publish('tick.second', new Date(0));
    // @ts-expect-error -- the named type decides what its payload is
    publish('metric.disk', { load: 0.5 });
    // @ts-expect-error -- an open type of the bytes codec takes bytes
    publish('frame.left', { width: 1 });
    // @ts-expect-error -- covered by no pattern
    publish('order.placed', {});
  });

  it('types handlers of open patterns', () => {
    const { group } = subscriber({
      events: mixed,
      pattern: ['metric.disk', 'frame.*'],
      handle(event) {
        expectTypeOf(event.type).toEqualTypeOf<'metric.disk' | `frame.${string}`>();
        return event.type === 'metric.disk' ? event.data.free : event.data.length;
      },
    });
    expect(group).toBe('metric.disk,frame.*');
  });
});
