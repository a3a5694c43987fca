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

/** Schemas of a member `a` that the JSON codec must refuse, with the path and what is found there. */
const refused: readonly (readonly [string, z.ZodType, path: string, found: string])[] = [
  ['a default', z.number().default(5), 'a', 'a default'],
  ['a default before the check', z.string().prefault('x'), 'a', 'a default'],
  ['a fallback', z.number().catch(0), 'a', 'a fallback'],
  ['a transform', z.string().transform((text) => text.length), 'a', 'a transform'],
  ['preprocessing', z.preprocess(String, z.string()), 'a', 'a transform'],
  ['a codec', z.stringbool(), 'a', 'a codec'],
  ['coercion', z.coerce.number(), 'a', 'a coercion'],
  ['trim', z.string().trim(), 'a', 'rewrites'],
  ['a default in an array', z.array(z.object({ b: z.number().default(1) })), 'a[].b', 'a default'],
  ['a default in a tuple', z.tuple([z.string(), z.number().default(1)]), 'a[1]', 'a default'],
  ['a coercion in a record', z.record(z.string(), z.coerce.number()), 'a.*', 'a coercion'],
  ['a transform in a union', z.union([z.number(), z.string().transform(Number)]).optional(), 'a', 'a transform'],
  ['a default in a lazy schema', z.lazy(() => z.object({ b: z.int().default(1) })), 'a.b', 'a default'],
  ['a date', z.date(), 'a', 'JSON cannot carry'],
  ['a bigint', z.bigint().nullable(), 'a', 'JSON cannot carry'],
  ['a map', z.map(z.string(), z.string()), 'a', 'JSON cannot carry'],
  ['a set', z.set(z.string()).readonly(), 'a', 'JSON cannot carry'],
  ['a list of what may be undefined', z.array(z.string().optional()), 'a', 'writes as null'],
  ['the same behind a union', z.array(z.union([z.int(), z.string().optional().nullable()])), 'a', 'writes as null'],
];

describe('defineEvents() with the JSON codec', () => {
  it.each(refused)('refuses what would not arrive as its type says, naming the path: %s', (_, schema, path, found) => {
    expect(() => defineEvents({ 'order.placed': { schema: z.object({ a: schema }) } })).toThrow(
      expect.objectContaining({
        code: 'RINGMAIN_SCHEMA_UNSUPPORTED',
        message: expect.stringContaining(`event type order.placed: ${path} `),
        details: { type: 'order.placed', path },
      }),
    );
    expect(() => defineEvents({ 'order.placed': { schema: z.object({ a: schema }) } })).toThrow(found);
  });

  it('takes changes where the schema is not run, and dates where the codec is not JSON', () => {
    const changing = { 'order.placed': { schema: z.object({ a: z.number().default(1) }), validate: false } };
    expect(defineEvents(changing).definitions.size).toBe(1);
    expect(defineEvents({ 'order.placed': { schema: z.date(), codec: dates } }).definitions.size).toBe(1);
    expect(() => defineEvents({ 'order.placed': { schema: z.coerce.date(), codec: dates } })).toThrow(
      /RINGMAIN_SCHEMA_UNSUPPORTED/,
    );
  });

  it('takes checks of every kind, and schemas that contain themselves', () => {
    const node = z.object({
      name: z.email().max(9).regex(/a/),
      even: z.number().refine((count) => count % 2 === 0),
      piped: z.string().pipe(z.string().min(1)),
      tag: z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.enum(['b', 'c']) })]),
      both: z.intersection(z.object({ x: z.int() }), z.object({ y: z.int() })),
      get children() {
        return z.array(node).optional();
      },
    });
    const endless = (): z.ZodType => z.lazy(() => z.array(endless()));
    expect(defineEvents({ 'tree.grown': { schema: node }, 'tree.endless': { schema: endless() } }).definitions.size).toBe(2);
  });

  it('leaves topics that belong to the runtime to it', () => {
    const schema = z.object({});
    expect(() => defineEvents({ 'system.degradation': { schema } })).toThrow('RINGMAIN_TOPIC_RESERVED');
    expect(() => defineEvents({}, { open: { 'system.*': {} } })).toThrow('RINGMAIN_TOPIC_RESERVED');
    expect(() => defineEvents({}, { open: { 'nats:system.>': {} } })).toThrow('RINGMAIN_TOPIC_RESERVED');
    expect(defineEvents({ systematic: { schema } }, { open: { '*': {} } }).open).toHaveLength(1);
  });
});
