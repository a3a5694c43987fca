/** The dictionary of open topics: ids, bounds, successors, half-written entries, damage. */
import { LIMITS } from '@ringmain/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DictionaryReader, DictionaryWriter, dictionaryBytes } from '@ringmain/codec';
import type { RecordViews } from '@ringmain/codec';
import { codeOf, memory } from './memory.ts';

const OFFSET = 64;

/** Zeroed memory, as a fresh region of the control block is. */
function region(bytes: number): RecordViews {
  const views = memory(OFFSET + bytes + 64);
  views.u8.fill(0, OFFSET, OFFSET + bytes);
  return views;
}

const name = fc.string({ unit: fc.constantFrom(...'abcXYZ019._-'), minLength: 1, maxLength: 40 });

describe('DictionaryWriter', () => {
  it('gives each name one id from the base on, which readers and successors resolve', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 60 }), fc.nat(60), (names, crashAt) => {
        const views = region(4096);
        const reader = new DictionaryReader(views, OFFSET, 4096);
        let writer = new DictionaryWriter(views, OFFSET, 4096);
        const known = new Map<string, number>();
        for (const [index, topic] of names.entries()) {
          if (index === crashAt) writer = new DictionaryWriter(views, OFFSET, 4096);
          const id = writer.intern(topic);
          expect(id).toBe(known.get(topic) ?? LIMITS.openTypeIdBase + known.size);
          known.set(topic, id);
          expect(reader.name(id)).toBe(topic);
          expect(writer.size).toBe(known.size);
        }
        const late = new DictionaryReader(views, OFFSET, 4096);
        for (const [topic, id] of [...known].reverse()) expect(late.name(id)).toBe(topic);
      }),
    );
  });

  it('is full at the stated number of names, each of the greatest length', () => {
    const bytes = dictionaryBytes();
    const views = region(bytes);
    const writer = new DictionaryWriter(views, OFFSET, bytes);
    for (let index = 0; index < LIMITS.openTypesMax; index++) writer.intern(`${index}.`.padEnd(LIMITS.topicChars, 'x'));
    expect(codeOf(() => writer.intern('one.more'))).toBe('RINGMAIN_DICTIONARY_FULL');
    expect(writer.intern('0.'.padEnd(LIMITS.topicChars, 'x'))).toBe(LIMITS.openTypeIdBase);
    expect([...views.u8.subarray(OFFSET + bytes)].every((byte) => byte === 0xab)).toBe(true);
    expect(new DictionaryWriter(views, OFFSET, bytes).size).toBe(LIMITS.openTypesMax);
  });

  it('is full when the region ends', () => {
    const writer = new DictionaryWriter(region(24), OFFSET, 24);
    expect(writer.intern('abcd')).toBe(LIMITS.openTypeIdBase);
    expect(codeOf(() => writer.intern('abcdefghi'))).toBe('RINGMAIN_DICTIONARY_FULL');
    expect(writer.intern('efgh')).toBe(LIMITS.openTypeIdBase + 1);
  });

  it('overwrites what a predecessor left half-written', () => {
    const views = region(256);
    new DictionaryWriter(views, OFFSET, 256).intern('whole');
    const before = views.i32[OFFSET >> 2] ?? 0;
    new DictionaryWriter(views, OFFSET, 256).intern('half.written.by.the.dead');
    // The predecessor died before it stored the count.
    views.i32[OFFSET >> 2] = before;
    const successor = new DictionaryWriter(views, OFFSET, 256);
    expect(successor.size).toBe(1);
    expect(successor.intern('new')).toBe(LIMITS.openTypeIdBase + 1);
    expect(new DictionaryReader(views, OFFSET, 256).name(LIMITS.openTypeIdBase + 1)).toBe('new');
  });
});

describe('DictionaryReader', () => {
  it.each([
    0,
    LIMITS.openTypeIdBase - 1,
    LIMITS.openTypeIdBase + 1,
    LIMITS.openTypeIdBase + LIMITS.openTypesMax,
    Number.NaN,
    4096.5,
  ])('answers id %d as corrupt', (id) => {
    const views = region(256);
    new DictionaryWriter(views, OFFSET, 256).intern('only');
    const reader = new DictionaryReader(views, OFFSET, 256);
    expect(codeOf(() => reader.name(id))).toBe('RINGMAIN_RECORD_CORRUPT');
    expect(reader.name(LIMITS.openTypeIdBase)).toBe('only');
  });

  it('answers any bytes with a name or RINGMAIN_RECORD_CORRUPT, and so does a new writer', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer(), fc.integer({ min: -2, max: 40 })), { minLength: 32, maxLength: 32 }),
        fc.nat(300),
        (words, id) => {
          const views = memory(128);
          views.i32.set(words);
          const codes = ['nothing thrown', 'RINGMAIN_RECORD_CORRUPT'];
          expect(codes).toContain(codeOf(() => new DictionaryReader(views, 0, 128).name(LIMITS.openTypeIdBase + id)));
          expect(codes).toContain(codeOf(() => new DictionaryWriter(views, 0, 128)));
        },
      ),
      { numRuns: 500 },
    );
  });
});
