/** Random zod schemas that a struct supports, each with payloads that fit it. */
import fc from 'fast-check';
import { z } from 'zod';

export interface Sample {
  readonly schema: z.ZodType;
  /** Payloads that the schema accepts. */
  readonly fitting: fc.Arbitrary<unknown>;
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('\ud800', 'é', 'x'.repeat(700), '€'.repeat(600), 'a\u0000b'),
);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const int32 = fc.integer();

const leaves: fc.Arbitrary<Sample> = fc.constantFrom<Sample>(
  { schema: z.number(), fitting: finite },
  { schema: z.float64(), fitting: finite },
  { schema: z.int(), fitting: fc.maxSafeInteger() },
  { schema: z.number().int(), fitting: fc.maxSafeInteger() },
  { schema: z.int32(), fitting: int32 },
  { schema: z.uint32(), fitting: fc.nat(0xffffffff) },
  { schema: z.int().min(-5).max(5), fitting: fc.integer({ min: -5, max: 5 }) },
  { schema: z.number().positive().lt(10), fitting: fc.double({ min: 0.001, max: 9.99, noNaN: true }) },
  { schema: z.int().multipleOf(7), fitting: fc.integer({ min: -1000, max: 1000 }).map((value) => value * 7) },
  { schema: z.boolean(), fitting: fc.boolean() },
  { schema: z.enum(['one', 'two', 'three']), fitting: fc.constantFrom('one', 'two', 'three') },
  {
    schema: z.enum(Array.from({ length: 40 }, (_, index) => `value ${index}`)),
    fitting: fc.nat(39).map((index) => `value ${index}`),
  },
  { schema: z.literal('only'), fitting: fc.constant('only') },
  { schema: z.literal(['a', 1, true]), fitting: fc.constantFrom('a', 1, true) },
  { schema: z.union([z.literal('x'), z.literal('y')]), fitting: fc.constantFrom('x', 'y') },
  { schema: z.string(), fitting: text },
  { schema: z.string().min(2).max(4), fitting: fc.string({ unit: 'binary', minLength: 2, maxLength: 4 }) },
  { schema: z.string().length(1), fitting: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  { schema: z.int64(), fitting: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { schema: z.uint64(), fitting: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
);

// `constructor` and the like are ordinary fields; only the reserved names are left out.
const names = fc.oneof(
  fc.constantFrom('id', 'a b', '"', '\\', 'constructor', 'toString', '\u2028', '1', '`${x}`'),
  fc.string({ minLength: 1, maxLength: 6 }),
);
const fieldName = names.filter((name) => name !== '__proto__' && name !== 'toJSON');

/** A value, an object, an array of values, or one that may be absent. */
function anyType(depth: number): fc.Arbitrary<Sample> {
  const base =
    depth <= 0 ? leaves : fc.oneof({ weight: 4, arbitrary: leaves }, objectType(depth - 1), anyType(depth - 1).map(arrayOf));
  return fc
    .tuple(base, fc.constantFrom('plain', 'plain', 'plain', 'optional', 'nullable', 'nullish', 'readonly'))
    .map(([sample, wrap]) => wrapped(sample, wrap));
}

function arrayOf({ schema, fitting }: Sample): Sample {
  return { schema: z.array(schema), fitting: fc.array(fitting, { maxLength: 5 }) };
}

function wrapped({ schema, fitting }: Sample, wrap: string): Sample {
  if (wrap === 'optional') return { schema: schema.optional(), fitting: fc.option(fitting, { nil: undefined }) };
  if (wrap === 'nullable') return { schema: schema.nullable(), fitting: fc.option(fitting, { nil: null }) };
  if (wrap === 'nullish') return { schema: schema.nullish(), fitting: fc.oneof(fitting, fc.constantFrom(null, undefined)) };
  return wrap === 'readonly' ? { schema: schema.readonly(), fitting } : { schema, fitting };
}

/** An object schema, the form of every payload. */
export function objectType(depth: number): fc.Arbitrary<Sample> {
  return fc.uniqueArray(fc.tuple(fieldName, anyType(depth)), { maxLength: 8, selector: ([name]) => name }).map((fields) => ({
    schema: z.object(Object.fromEntries(fields.map(([name, sample]) => [name, sample.schema]))),
    fitting: fc.record(Object.fromEntries(fields.map(([name, sample]) => [name, sample.fitting]))),
  }));
}

/** A schema and one payload that fits it. */
export const sampleAndPayload = objectType(2).chain((sample) =>
  fc.record({ schema: fc.constant(sample.schema), payload: sample.fitting }),
);
