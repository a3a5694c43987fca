import { describe, expect, it } from 'vitest';
import { fnv1a32, fnv1a32Integer, partitionOf, PARTITION_COUNT } from '@ringmain/core';

describe('fnv1a32()', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('gives the published vector of %j', (key, hash) => {
    expect(fnv1a32(key) >>> 0).toBe(hash);
  });
});
