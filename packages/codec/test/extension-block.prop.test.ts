/** The extension block: round trips, refusals, and bytes nobody wrote. */
import { LIMITS } from '@ringmain/core';
import type { EventAttributes } from '@ringmain/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureExtension, readExtension, writeExtension } from '@ringmain/codec';
import { codeOf, memory } from './memory.ts';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.constant('\ud800'),
);
const metadataKey = text.filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key));
const attributes: fc.Arbitrary<EventAttributes> = fc.record(
  {
    key: text,
    subject: text,
    source: text,
    correlationId: text,
    causationId: text,
    dedupeKey: text,
    deadline: fc.oneof(fc.nat(), fc.double({ min: 0, max: 8.64e15, noNaN: true })),
    traceparent: fc
      .tuple(hex(32), hex(16), hex(2))
      .map(([trace, span, flags]) => `00-1${trace.slice(1)}-1${span.slice(1)}-${flags}`),
    metadata: fc.dictionary(metadataKey, text, { maxKeys: 8 }),
  },
  { requiredKeys: [] },
);

/** Writes a block between canaries and reads it back. */
function roundTrip(given: EventAttributes): EventAttributes {
  const bytes = measureExtension(given);
  const views = memory(64 + bytes + 64);
  expect(writeExtension(given, views, 64, bytes)).toBe(bytes);
  expect(bytes % 8).toBe(0);
  for (const [at, byte] of views.u8.entries()) if (at < 64 || at >= 64 + bytes) expect(byte).toBe(0xab);
  return readExtension(views, 64, bytes);
}

describe('writeExtension()', () => {
  it('is read back, whatever combination of attributes is set', () => {
    fc.assert(
      fc.property(attributes, (given) => {
        const expected = { ...given };
        if (expected.metadata !== undefined && Object.keys(expected.metadata).length === 0) delete expected.metadata;
        expect(roundTrip(given)).toEqual(expected);
      }),
    );
  });

  it('takes no room for nothing, and 40 bytes for a trace context', () => {
    expect(measureExtension({})).toBe(0);
    expect(readExtension(memory(64), 0, 0)).toEqual({});
    expect(measureExtension({ traceparent: TRACE })).toBe(40);
    expect(roundTrip({ traceparent: TRACE })).toEqual({ traceparent: TRACE });
  });

  it('gives metadata without a prototype, frozen', () => {
    const metadata = roundTrip({ metadata: { a: 'b' } }).metadata;
    expect(Object.getPrototypeOf(metadata)).toBeNull();
    expect(Object.isFrozen(metadata)).toBe(true);
  });

  it('reaches its limits', () => {
    const key = 'k'.repeat(LIMITS.keyChars);
    const metadata = Object.fromEntries(
      Array.from({ length: LIMITS.metadataEntries }, (_, index) => [
        `key${index + 10}`,
        'v'.repeat(LIMITS.metadataBytes / LIMITS.metadataEntries - 5),
      ]),
    );
    expect(roundTrip({ key, metadata })).toEqual({ key, metadata });
  });

  it('refuses attributes that answer differently when they are written', () => {
    let reads = 0;
    const shifty = {
      get key() {
        return 'k'.repeat(++reads * 40);
      },
    };
    const bytes = measureExtension(shifty);
    const views = memory(256);
    measureExtension({ key: 'another event in between' });
    expect(codeOf(() => writeExtension(shifty, views, 0, bytes))).toBe('RINGMAIN_OPTION_INVALID');
    expect(views.u8.every((byte) => byte === 0xab)).toBe(true);
  });
});

describe('measureExtension()', () => {
  const long = 'x'.repeat(257);
  const table: [string, unknown, string][] = [
    ['a numeric key', { key: 1 }, 'RINGMAIN_KEY_INVALID'],
    ['an empty key', { key: '' }, 'RINGMAIN_KEY_INVALID'],
    ['a long key', { key: long }, 'RINGMAIN_KEY_INVALID'],
    ['a null key', { key: null }, 'RINGMAIN_KEY_INVALID'],
    ['a long subject', { subject: long }, 'RINGMAIN_OPTION_INVALID'],
    ['a numeric correlation id', { correlationId: 5 }, 'RINGMAIN_OPTION_INVALID'],
    ['an object as source', { source: {} }, 'RINGMAIN_OPTION_INVALID'],
    ['a NaN deadline', { deadline: Number.NaN }, 'RINGMAIN_OPTION_INVALID'],
    ['an infinite deadline', { deadline: Infinity }, 'RINGMAIN_OPTION_INVALID'],
    ['a negative deadline', { deadline: -1 }, 'RINGMAIN_OPTION_INVALID'],
    ['a deadline as text', { deadline: '5' }, 'RINGMAIN_OPTION_INVALID'],
    ['a short traceparent', { traceparent: TRACE.slice(1) }, 'RINGMAIN_OPTION_INVALID'],
    ['a long traceparent', { traceparent: `${TRACE}-00` }, 'RINGMAIN_OPTION_INVALID'],
    ['a traceparent with a line end', { traceparent: `${TRACE}\n` }, 'RINGMAIN_OPTION_INVALID'],
    ['a traceparent in capitals', { traceparent: TRACE.toUpperCase() }, 'RINGMAIN_OPTION_INVALID'],
    ['a traceparent of version ff', { traceparent: `ff${TRACE.slice(2)}` }, 'RINGMAIN_OPTION_INVALID'],
    ['a zero trace id', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }, 'RINGMAIN_OPTION_INVALID'],
    ['a zero span id', { traceparent: `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01` }, 'RINGMAIN_OPTION_INVALID'],
    ['metadata as text', { metadata: 'a' }, 'RINGMAIN_METADATA_INVALID'],
    ['metadata as array', { metadata: ['a'] }, 'RINGMAIN_METADATA_INVALID'],
    ['null metadata', { metadata: null }, 'RINGMAIN_METADATA_INVALID'],
    ['a numeric metadata value', { metadata: { a: 1 } }, 'RINGMAIN_METADATA_INVALID'],
    ['an own __proto__ in metadata', { metadata: JSON.parse('{"__proto__":"x"}') }, 'RINGMAIN_METADATA_INVALID'],
    ['constructor in metadata', { metadata: { constructor: 'x' } }, 'RINGMAIN_METADATA_INVALID'],
    ['prototype in metadata', { metadata: { prototype: 'x' } }, 'RINGMAIN_METADATA_INVALID'],
    ['an empty metadata key', { metadata: { '': 'x' } }, 'RINGMAIN_METADATA_INVALID'],
    [
      '33 metadata entries',
      { metadata: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`k${index}`, ''])) },
      'RINGMAIN_METADATA_INVALID',
    ],
    ['4097 bytes of metadata', { metadata: { k: 'x'.repeat(4096) } }, 'RINGMAIN_METADATA_INVALID'],
    ['metadata whose bytes are more than its characters', { metadata: { k: '€'.repeat(1400) } }, 'RINGMAIN_METADATA_INVALID'],
  ];
  it.each(table)('refuses %s', (_name, given, code) => {
    expect(codeOf(() => measureExtension(given as EventAttributes))).toBe(code);
  });
});

describe('readExtension()', () => {
  it('answers any bytes with attributes or RINGMAIN_RECORD_CORRUPT', () => {
    const noise = fc.array(fc.oneof(fc.integer(), fc.integer({ min: -16, max: 300 })), { minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(
        noise,
        fc.integer({ min: -1, max: 17 }).map((units) => units * 8),
        fc.constantFrom(0, 8, 4, -8, 120),
        (words, bytes, offset) => {
          const views = memory(128);
          views.i32.set(words);
          expect(['nothing thrown', 'RINGMAIN_RECORD_CORRUPT']).toContain(codeOf(() => readExtension(views, offset, bytes)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('answers every single damaged word of a real block with attributes or RINGMAIN_RECORD_CORRUPT', () => {
    const given = { key: 'k', traceparent: TRACE, deadline: 5, metadata: { a: 'b', c: '€' } };
    const bytes = measureExtension(given);
    for (let word = 0; word < bytes / 4; word++) {
      for (const value of [-1, 0, 1, 0x7fffffff, -0x80000000, 255, -5]) {
        const views = memory(bytes);
        writeExtension(given, views, 0, bytes);
        views.i32[word] = value;
        expect(['nothing thrown', 'RINGMAIN_RECORD_CORRUPT']).toContain(codeOf(() => readExtension(views, 0, bytes)));
        measureExtension(given);
      }
    }
  });
});
