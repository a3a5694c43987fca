/** Event ids: form, parts, round trip. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEventId, parseEventId } from '@ringmain/core';

describe('formatEventId()', () => {
  it('writes a UUID of version 8 with the parts in place', () => {
    expect(formatEventId(0x1234, 0x56789abc | 0, 0xdef, 0x00000001, 0)).toBe('12345678-9abc-8def-8000-000000000001');
    expect(formatEventId(-1, -1, -1, -1, -1)).toBe('ffffffff-ffff-8fff-bfff-ffffffffffff');
    expect(formatEventId(0, 0, 0, 0, 0)).toBe('00000000-0000-8000-8000-000000000000');
  });

  it('ignores bits above each part, so that random words serve as nonce', () => {
    expect(formatEventId(0x7fff1234, 0, 0x1001, 0, 0x4000_0001)).toBe('12340000-0000-8001-8000-000100000000');
  });

  it('is undone by parseEventId(), and differs where any part differs', () => {
    const parts = fc.record({
      nonceHi: fc.nat(0xffff),
      nonceLo: fc.integer(),
      producer: fc.nat(0xfff),
      seqLo: fc.integer(),
      seqHi: fc.nat(0x3fffffff),
    });
    fc.assert(
      fc.property(parts, (given) => {
        const id = formatEventId(given.nonceHi, given.nonceLo, given.producer, given.seqLo, given.seqHi);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(parseEventId(id)).toEqual(given);
      }),
    );
  });
});

describe('parseEventId()', () => {
  it.each([
    undefined,
    null,
    1,
    '',
    'x',
    '12345678-9abc-4def-8000-000000000001',
    '12345678-9abc-8def-c000-000000000001',
    '12345678-9ABC-8def-8000-000000000001',
    '12345678-9abc-8def-8000-0000000000012',
    {},
  ])('answers undefined for %j', (id) => {
    expect(parseEventId(id)).toBeUndefined();
  });
});
