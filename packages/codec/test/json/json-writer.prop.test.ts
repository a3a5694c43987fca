/** JSON written by generated code: whatever the schema says and the data is, it reads back as what JSON.stringify would have written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createJsonCodec } from '@ringmain/codec';
import { codeOf, memory, roundTrip } from '../memory.ts';

const leaf = fc.constantFrom(
  z.number(),
  z.int(),
  z.string(),
  z.email(),
  z.boolean(),
  z.enum(['a', 'b"']),
  z.literal(3),
  z.any(),
  z.record(z.string(), z.number()),
  z.date(),
);
const names = fc.oneof(fc.constantFrom('id', 'toString', 'constructor', 'é"\\', '__proto__', '1'), fc.string({ maxLength: 5 }));

/** Schemas of nested objects and arrays, with members that may be absent. */
const schemas = fc.letrec<{ schema: z.ZodType; object: z.ZodType }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    leaf,
    tie('object'),
    tie('schema').map((inner) => z.array(inner)),
    tie('schema').map((inner) => inner.optional()),
    tie('schema').map((inner) => inner.nullable()),
  ),
  object: fc.dictionary(names, tie('schema'), { maxKeys: 5 }).map((shape) => z.object(shape)),
})).object;

/** Data that fits a schema by its definition, apart from some that does not. */
function dataFor(schema: z.ZodType): fc.Arbitrary<unknown> {
  const def = schema.def as unknown as {
    type: string;
    shape: Record<string, z.ZodType>;
    element: z.ZodType;
    innerType: z.ZodType;
  };
  const odd = { arbitrary: fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, Number.NaN, -0, 1e21, new Date(0))), weight: 1 };
  const usual = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.oneof({ arbitrary, weight: 12 }, odd);
  switch (def.type) {
    case 'object':
      return usual(fc.record(Object.fromEntries(Object.entries(def.shape).map(([name, inner]) => [name, dataFor(inner)]))));
    case 'array':
      return usual(fc.array(dataFor(def.element), { maxLength: 4 }));
    case 'optional':
      return fc.oneof(dataFor(def.innerType), fc.constant(undefined));
    case 'nullable':
      return fc.oneof(dataFor(def.innerType), fc.constant(null));
    case 'number':
      return usual(fc.oneof(fc.integer(), fc.double(), fc.nat(100), fc.maxSafeInteger()));
    case 'boolean':
      return usual(fc.boolean());
    default:
      return usual(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ minLength: 60, maxLength: 90 })));
  }
}

describe('createJsonCodec(schema)', () => {
  it('gives back what JSON gives back, for any schema and any data', () => {
    fc.assert(
      fc.property(
        schemas.chain((schema) => fc.tuple(fc.constant(schema), dataFor(schema))),
        ([schema, data]) => {
          fc.pre(JSON.stringify(data) !== undefined);
          expect(roundTrip(createJsonCodec(schema), data)).toEqual(JSON.parse(JSON.stringify(data)));
        },
      ),
      { numRuns: 600 },
    );
  });

  const schema = z.object({
    id: z.int(),
    name: z.string().optional(),
    tags: z.array(z.string()),
    at: z.object({ x: z.number() }),
  });
  const plain = { id: 7, name: 'n', tags: ['a', 'b'], at: { x: 0.5 } };
  const codec = createJsonCodec(schema);
  const inherited = Object.assign(Object.create({ id: 1 }), { name: 'n', tags: [], at: { x: 1 } });
  const sparse: string[] = [];
  sparse[2] = 'c';
  class Order {
    id = 1;
    tags = ['t'];
    at = { x: 1 };
    get name(): string {
      return 'of the class';
    }
  }
  const cases: [string, unknown][] = [
    ['members in another order', { at: { x: 1 }, tags: [], id: 3 }],
    ['more members', { ...plain, more: 1 }],
    ['more members further in', { ...plain, at: { x: 1, y: 2 } }],
    ['an absent member', { id: 1, tags: [], at: { x: 1 } }],
    ['a member that is undefined', { ...plain, name: undefined }],
    ['a missing member', { id: 1, name: 'n', at: { x: 1 } }],
    ['a wrong type', { ...plain, id: '7' }],
    ['a number object', { ...plain, id: Object(7) }],
    ['null instead of an object', { ...plain, at: null }],
    ['an array instead of an object', { ...plain, at: [1] }],
    ['an inherited member', inherited],
    ['an instance of a class', new Order()],
    ['a null prototype', Object.assign(Object.create(null), plain)],
    ['a hidden member', Object.defineProperty({ ...plain }, 'id', { enumerable: false })],
    ['a getter', Object.defineProperty({ ...plain }, 'id', { get: () => 9, enumerable: true })],
    ['toJSON', { ...plain, toJSON: () => ({ instead: 1 }) }],
    ['toJSON further in', { ...plain, at: { x: 1, toJSON: () => 5 } }],
    ['toJSON of an array', { ...plain, tags: Object.assign(['a'], { toJSON: () => 'tags' }) }],
    ['a sparse array', { ...plain, tags: sparse }],
    ['a proxy', new Proxy(plain, {})],
    ['numbers without text', { ...plain, at: { x: Infinity } }],
    ['minus zero', { ...plain, id: -0 }],
    ['large and small numbers', { ...plain, id: Number.MAX_SAFE_INTEGER, at: { x: 5e-324 } }],
    ['the ends of 32 bits', { ...plain, id: 0x7fff_ffff, at: { x: -0x8000_0000 } }],
    ['texts to escape', { ...plain, name: '"\\\n\u2028', tags: ['é', '😀', '\ud800', '\u0000'] }],
    ['a text as long as the scratch', { ...plain, name: 'x'.repeat(40_000) }],
    ['an array beyond the scratch', { ...plain, tags: Array.from({ length: 9000 }, () => 'abcd') }],
    ['a payload that just fits the scratch', { ...plain, tags: Array.from({ length: 230 }, () => 'y'.repeat(64)) }],
  ];
  it.each(cases)('writes %s as JSON.stringify does', (_name, data) => {
    expect(roundTrip(codec, data)).toEqual(JSON.parse(JSON.stringify(data)));
    expect(roundTrip(codec, plain)).toEqual(plain);
  });

  it('survives a payload that publishes while it is written, also one that throws', () => {
    const views = memory(512);
    const nested = Object.defineProperty({ ...plain }, 'id', {
      enumerable: true,
      get: () => {
        const bytes = codec.measure({ ...plain, name: 'the inner one' });
        codec.encode({ ...plain, name: 'the inner one' }, views, 0);
        expect(codec.decode(views, 0, bytes)).toEqual({ ...plain, name: 'the inner one' });
        return 11;
      },
    });
    expect(roundTrip(codec, nested)).toEqual({ ...plain, id: 11 });
    const thrower = Object.defineProperty({ ...plain }, 'tags', {
      enumerable: true,
      get: () => {
        throw new Error('no tags');
      },
    });
    expect(codeOf(() => codec.measure(thrower))).toBe('RINGMAIN_PAYLOAD_INVALID');
    expect(roundTrip(codec, plain)).toEqual(plain);
  });

  it('writes to several lanes what it measured once', () => {
    const views = memory(512);
    const bytes = codec.measure(plain);
    expect([codec.encode(plain, views, 0), codec.encode(plain, views, 256)]).toEqual([bytes, bytes]);
    expect(codec.decode(views, 256, bytes)).toEqual(plain);
  });

  it('leaves schemas of unusual size to the platform', () => {
    const wide = z.object(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, z.int()])));
    const data = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, index]));
    expect(roundTrip(createJsonCodec(wide), data)).toEqual(data);
    const long = z.object({ ['n'.repeat(20_000)]: z.int() });
    expect(roundTrip(createJsonCodec(long), { ['n'.repeat(20_000)]: 1 })).toEqual({ ['n'.repeat(20_000)]: 1 });
  });
});
