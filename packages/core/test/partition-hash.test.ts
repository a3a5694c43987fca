/** The hash of partition keys against published vectors and a plain implementation over encoded bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fnv1a32, fnv1a32Integer, partitionOf, PARTITION_COUNT } from '@ringmain/core';

/** FNV-1a over the bytes that Node encodes. */
function reference(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}

describe('fnv1a32()', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('gives the published vector of %j', (key, hash) => {
    expect(fnv1a32(key) >>> 0).toBe(hash);
  });

  it('hashes the UTF-8 bytes of any text, lone surrogates as U+FFFD', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(fc.property(text, (key) => fnv1a32(key) === reference(key)));
  });

  it.each(['\ud800', '\udc00', 'a\ud800b', '\ud83d\ude00', '\ud83d\ud83d\ude00', '\udfff\ud800', 'é', '€', '\u0000'])(
    'hashes %j as its bytes',
    (key) => {
      expect(fnv1a32(key)).toBe(reference(key));
    },
  );
});

describe('fnv1a32Integer()', () => {
  const edges = [
    0,
    -0,
    1,
    9,
    10,
    99,
    100,
    999,
    1000,
    99_999_999,
    100_000_000,
    999_999_999,
    1e9,
    1e9 + 1,
    1e10,
    2 ** 31,
    2 ** 32,
    1e15,
    1_000_000_001_000,
    Number.MAX_SAFE_INTEGER,
  ];
  it.each(edges.flatMap((edge) => [edge, -edge]))('hashes %d as its decimal text', (key) => {
    expect(fnv1a32Integer(key)).toBe(fnv1a32(String(key)));
  });

  it.each([1.5, Number.NaN, Infinity, -Infinity, 1e300, 2 ** 53])('falls back to the text of %d', (key) => {
    expect(fnv1a32Integer(key)).toBe(fnv1a32(String(key)));
  });

  it('agrees with the text of every safe integer', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -2000, max: 2000 })),
        (key) => fnv1a32Integer(key) === fnv1a32(String(key)),
      ),
      { numRuns: 500 },
    );
  });
});

describe('partitionOf()', () => {
  it('is the unsigned hash modulo the number of partitions', () => {
    fc.assert(fc.property(fc.integer(), (hash) => partitionOf(hash) === (hash >>> 0) % PARTITION_COUNT));
  });
});
