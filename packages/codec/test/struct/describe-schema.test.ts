/** Which schemas a struct takes, and what it says about the others. */
import { isRingmainError } from '@ringmain/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileStruct, planOf, structFromPlan } from '@ringmain/codec';
import { codeOf, roundTrip } from '../memory.ts';

interface Tree {
  children: Tree[];
}
const tree: z.ZodType<Tree> = z.object({
  get children() {
    return z.array(tree);
  },
});
let nested: z.ZodType = z.number();
for (let depth = 0; depth < 20; depth++) nested = z.object({ inner: nested });

const unsupported: [string, z.ZodType, string][] = [
  ['a number as payload', z.number(), ''],
  ['an optional payload', z.object({}).optional(), ''],
  ['an array as payload', z.array(z.object({})), ''],
  ['refine', z.object({ a: z.number().refine(() => true) }), 'a'],
  ['superRefine', z.object({ a: z.string().superRefine(() => {}) }), 'a'],
  ['transform', z.object({ a: z.string().transform((text) => text.length) }), 'a'],
  ['pipe', z.object({ a: z.string().pipe(z.string()) }), 'a'],
  ['default', z.object({ a: z.number().default(1) }), 'a'],
  ['catch', z.object({ a: z.number().catch(1) }), 'a'],
  ['coercion', z.object({ a: z.coerce.number() }), 'a'],
  ['coerced text', z.object({ a: z.coerce.string() }), 'a'],
  ['union of types', z.object({ a: z.union([z.string(), z.number()]) }), 'a'],
  [
    'discriminated union',
    z.object({ a: z.discriminatedUnion('k', [z.object({ k: z.literal('x') }), z.object({ k: z.literal('y') })]) }),
    'a',
  ],
  ['email', z.object({ a: z.email() }), 'a'],
  ['regex', z.object({ a: z.string().regex(/x/) }), 'a'],
  ['trim', z.object({ a: z.string().trim() }), 'a'],
  ['date', z.object({ a: z.date() }), 'a'],
  ['any', z.object({ a: z.any() }), 'a'],
  ['record', z.object({ a: z.record(z.string(), z.number()) }), 'a'],
  ['map', z.object({ a: z.map(z.string(), z.number()) }), 'a'],
  ['tuple', z.object({ a: z.tuple([z.number()]) }), 'a'],
  ['null', z.object({ a: z.null() }), 'a'],
  ['null literal', z.object({ a: z.literal([null, 'x']) }), 'a'],
  ['infinite bound', z.object({ a: z.number().min(Infinity) }), 'a'],
  ['lazy', z.object({ a: z.lazy(() => z.number()) }), 'a'],
  ['recursion', tree, 'children[]'],
  ['strict object', z.strictObject({ a: z.number() }), ''],
  ['loose object', z.object({ o: z.looseObject({}) }), 'o'],
  ['refined object', z.object({ o: z.object({}).refine(() => true) }), 'o'],
  [
    'check on an optional',
    z.object({
      a: z
        .number()
        .optional()
        .refine(() => true),
    }),
    'a',
  ],
  ['check deep inside', z.object({ rows: z.array(z.object({ price: z.number().refine(() => true) })) }), 'rows[].price'],
  ['toJSON as name', z.object({ toJSON: z.number() }), 'toJSON'],
  [
    '__proto__ as name',
    z.object(JSON.parse('{"__proto__":0}', (key, value) => (key === '__proto__' ? z.number() : value)) as {}),
    '__proto__',
  ],
  ['nesting without end', nested, Array(17).fill('inner').join('.')],
  ['513 fields', z.object(Object.fromEntries(Array.from({ length: 513 }, (_, index) => [`f${index}`, z.number()]))), 'f512'],
  ['4097 enum values', z.object({ a: z.enum(Array.from({ length: 4097 }, (_, index) => `v${index}`)) }), 'a'],
];

describe('planOf()', () => {
  it.each(unsupported)('refuses %s', (_name, schema, path) => {
    try {
      planOf(schema);
    } catch (error) {
      expect(isRingmainError(error, 'RINGMAIN_SCHEMA_UNSUPPORTED') && error.details.path).toBe(path);
      expect(String(error)).toContain('allowed: ');
      return;
    }
    throw new Error('not refused');
  });

  it('takes schemas up to the bounds', () => {
    const fields = Object.fromEntries(Array.from({ length: 512 }, (_, index) => [`f${index}`, z.number()]));
    expect(planOf(z.object(fields)).frame.bytes).toBe(4096);
    expect(planOf(z.object({ a: z.enum(Array.from({ length: 4096 }, (_, index) => `v${index}`)) })).frame.bytes).toBe(4);
  });

  it('unwraps brands, descriptions and readonly', () => {
    const schema = z.object({ id: z.int().brand('Id').describe('x').meta({ title: 'y' }) }).readonly();
    expect(planOf(schema)).toEqual(planOf(z.object({ id: z.int() })));
  });

  it('packs a typical event into few bytes', () => {
    const { frame } = planOf(
      z.object({ id: z.int(), amount: z.number(), kind: z.enum(['a', 'b', 'c']), flag: z.boolean(), qty: z.int32() }),
    );
    expect(frame.bytes).toBe(24);
  });

  it('takes the values of a numeric TypeScript enum', () => {
    const unnamed = JSON.parse('{"level":"Low"}');
    const Level = { 0: 'Low', 1: 'High', Low: 0, High: 1 } as const;
    expect(roundTrip(compileStruct(z.object({ level: z.enum(Level) })), { level: 1 })).toEqual({ level: 1 });
    expect(codeOf(() => roundTrip(compileStruct(z.object({ level: z.enum(Level) })), unnamed))).toBe('RINGMAIN_PAYLOAD_INVALID');
  });
});

describe('structFromPlan()', () => {
  const plan = planOf(
    z.object({
      n: z.number().min(1),
      e: z.enum(['a']),
      big: z.int64().min(3n),
      rows: z.array(z.object({ s: z.string().max(3) })),
    }),
  );

  it('takes its own plan after a trip through JSON', () => {
    expect(structFromPlan(JSON.parse(JSON.stringify(plan))).plan).toEqual(plan);
  });

  it('refuses a plan in which any part was replaced, above all by code', () => {
    const text = JSON.stringify(plan);
    let tried = 0;
    const mutate = (value: unknown, path: (string | number)[]): void => {
      for (const replacement of ['0]; globalThis.hacked = 1; [', -1, 1.5, null, {}, [], true]) {
        const copy = JSON.parse(text) as Record<string | number, unknown>;
        let at = copy;
        for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
        const last = path.at(-1) as string;
        if (JSON.stringify(at[last]) === JSON.stringify(replacement)) continue;
        at[last] = replacement;
        tried++;
        const code = codeOf(() => structFromPlan(copy));
        // Bounds, names and enum values are free to be others of their kind, and checks may be none; all else is fixed by the types.
        const isFree = ['value', 'min', 'max', 'name', 'checks'].includes(last) || path.at(-2) === 'values';
        if (!isFree || code !== 'nothing thrown')
          expect([path.join('.'), replacement, code]).toEqual([path.join('.'), replacement, 'RINGMAIN_SCHEMA_UNSUPPORTED']);
      }
      if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) mutate(inner, [...path, key]);
    };
    for (const [key, value] of Object.entries(plan)) mutate(value, [key]);
    expect(tried).toBeGreaterThan(100);
    expect((globalThis as Record<string, unknown>).hacked).toBeUndefined();
  });

  it.each([undefined, null, 1, 'x', [], {}, { format: 1 }, { format: 2, frame: plan.frame }])('refuses %j', (given) => {
    expect(codeOf(() => structFromPlan(given))).toBe('RINGMAIN_SCHEMA_UNSUPPORTED');
  });
});
