/** Payloads of bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBytesCodec } from '@ringmain/codec';
import { codeOf, memory, roundTrip, write } from './memory.ts';

const codec = createBytesCodec();

describe('createBytesCodec()', () => {
  it('gives back a plain copy of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        const copy = roundTrip(codec, data);
        expect(copy).toEqual(data);
        expect(copy.constructor).toBe(Uint8Array);
      }),
    );
  });

  it('takes a Buffer and a view of shared memory', () => {
    expect(roundTrip(codec, Buffer.from('ab'))).toEqual(new Uint8Array([97, 98]));
    expect(roundTrip(codec, new Uint8Array(new SharedArrayBuffer(3), 1, 2))).toEqual(new Uint8Array(2));
  });

  it('gives copies that the ring cannot change', () => {
    const { views, offset, bytes } = write(codec, new Uint8Array([1, 2]));
    const [decoded, view] = [codec.decode(views, offset, bytes), codec.view(views, offset, bytes)];
    views.u8.fill(9);
    expect([...decoded, ...view]).toEqual([1, 2, 1, 2]);
  });

  it.each<[string, unknown]>([
    ['text', 'ab'],
    ['an array', [1]],
    ['null', null],
    ['an ArrayBuffer', new ArrayBuffer(2)],
    ['other elements', new Uint16Array(2)],
    ['a look-alike', { length: 2, 0: 1, 1: 2 }],
    ['a proxy', new Proxy(new Uint8Array(2), {})],
  ])('refuses %s', (_name, data) => {
    expect(codeOf(() => codec.measure(data as Uint8Array))).toBe('RINGMAIN_PAYLOAD_INVALID');
  });

  it('does not believe an own length', () => {
    const liar = Object.defineProperty(new Uint8Array(100), 'length', { value: 1 });
    expect(codec.measure(liar)).toBe(100);
  });

  it('refuses data that changed its length since it was measured', () => {
    codec.measure(new Uint8Array(2));
    expect(codeOf(() => codec.encode(new Uint8Array(50), memory(64), 0))).toBe('RINGMAIN_PAYLOAD_INVALID');
  });

  it.each([
    [-1, 2],
    [60, 8],
    [0, -1],
    [0, 65],
  ])('answers %d with %d bytes as corrupt', (offset, bytes) => {
    expect(codeOf(() => codec.decode(memory(64), offset, bytes))).toBe('RINGMAIN_RECORD_CORRUPT');
  });
});
