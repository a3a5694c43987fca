/** Random schemas and payloads: struct against zod, views against plain objects, plans against schemas, damaged bytes. */
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileStruct, structFromPlan } from '@ringmain/codec';
import type { RecordViews } from '@ringmain/codec';
import { codeOf, memory, roundTrip, write } from '../memory.ts';
import { sampleAndPayload } from './schemas.ts';

/** A payload as a struct gives it back: without keys that are undefined. */
function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  // 32-bit fields have no -0, and a random field may be one.
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, stripped(inner)]),
  );
}

describe('compileStruct()', () => {
  it('gives back what zod would give, for any supported schema', () => {
    fc.assert(
      fc.property(sampleAndPayload, ({ schema, payload }) => {
        const decoded = roundTrip(compileStruct(schema), payload);
        deepStrictEqual(stripped(decoded), stripped(schema.parse(payload)));
      }),
      { numRuns: 200 },
    );
  });

  it('accepts and refuses the same payloads as zod', () => {
    const other = fc.oneof(
      fc.anything({ maxDepth: 1, withBigInt: true, withSparseArray: true }),
      fc.double(),
      fc.integer(),
      fc.string(),
      fc.constantFrom(Number.NaN, Infinity, 1.5, 2 ** 31, -1, 2 ** 53, 2n ** 64n, 'one', null, undefined),
    );
    fc.assert(
      fc.property(sampleAndPayload, other, fc.nat(), ({ schema, payload }, replacement, where) => {
        const damaged = replaced(payload, replacement, where);
        const codec = compileStruct(schema);
        const code = codeOf(() => write(codec, damaged));
        const fits = schema.safeParse(damaged).success;
        // A nested payload of symbols or exotic objects may make zod's own error report throw; safeParse then answered before that.
        expect(code).toBe(fits ? 'nothing thrown' : 'RINGMAIN_PAYLOAD_INVALID');
      }),
      { numRuns: 300 },
    );
  });

  it('reads a view field by field as the decoded object, before and after a rebase', () => {
    fc.assert(
      fc.property(sampleAndPayload, ({ schema, payload }) => {
        const codec = compileStruct(schema);
        const { views, offset, bytes } = write(codec, payload);
        const plain = codec.decode(views, offset, bytes) as Record<string, unknown>;
        const view = codec.view(views, offset, bytes) as Record<string, unknown>;
        expectSame(view, plain);
        const bay = memory(bytes + 32);
        bay.u8.set(views.u8.subarray(offset, offset + bytes), 16);
        codec.rebase(view, bay, 16);
        views.u8.fill(0xff);
        expectSame(view, plain);
        deepStrictEqual((view as { toJSON(): unknown }).toJSON(), plain);
      }),
      { numRuns: 100 },
    );
  });

  it('reads bytes of a codec built from the plan, and the other way round', () => {
    fc.assert(
      fc.property(sampleAndPayload, ({ schema, payload }) => {
        const codec = compileStruct(schema);
        const twin = structFromPlan(JSON.parse(JSON.stringify(codec.plan)));
        const { views, offset, bytes } = write(codec, payload);
        deepStrictEqual(twin.decode(views, offset, bytes), codec.decode(views, offset, bytes));
        deepStrictEqual(roundTrip(twin, payload), roundTrip(codec, payload));
      }),
      { numRuns: 100 },
    );
  });

  it('answers damaged bytes with values or RINGMAIN_RECORD_CORRUPT, and soon', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.integer(), fc.integer({ min: -4, max: 200 }))), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(sampleAndPayload, damage, fc.integer({ min: -8, max: 8 }), ({ schema, payload }, hits, shift) => {
        const codec = compileStruct(schema);
        const { views, offset, bytes } = write(codec, payload);
        for (const [where, value] of hits) views.i32[(offset >> 2) + (where % Math.max(1, bytes >> 2))] = value;
        expect(['nothing thrown', 'RINGMAIN_RECORD_CORRUPT']).toContain(
          codeOf(() => readAll(codec, views, offset, bytes + shift)),
        );
      }),
      { numRuns: 300 },
    );
  });
});

function readAll(codec: ReturnType<typeof compileStruct>, views: RecordViews, offset: number, bytes: number): void {
  codec.decode(views, offset, bytes);
  const view = codec.view(views, offset, bytes) as object;
  for (const name of fieldsOf(view)) void Reflect.get(view, name);
}

/** Names of a view's getters, the field `constructor` included. */
function fieldsOf(view: object): string[] {
  const prototype = Object.getPrototypeOf(view) as object;
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([, descriptor]) => descriptor.get !== undefined)
    .map(([name]) => name);
}

function expectSame(view: Record<string, unknown>, plain: Record<string, unknown>): void {
  for (const name of fieldsOf(view)) {
    const value = view[name];
    const expected = Object.hasOwn(plain, name) ? plain[name] : undefined;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      expectSame(value as Record<string, unknown>, expected as Record<string, unknown>);
    else deepStrictEqual(value, expected);
  }
  const fields = fieldsOf(view);
  expect(Object.keys(plain).filter((name) => !fields.includes(name))).toEqual([]);
}

/** A copy of a payload with one value, found by walking down, replaced. */
function replaced(value: unknown, replacement: unknown, where: number): unknown {
  const isObject = typeof value === 'object' && value !== null;
  const keys = isObject ? Object.keys(value) : [];
  if (keys.length === 0 || where % 5 === 4) return replacement;
  const key = keys[where % keys.length] ?? '';
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], replacement, Math.floor(where / 3));
  return copy;
}
