/** JSON payloads: what JSON.parse(JSON.stringify(x)) gives, in shared memory, and refusals. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJsonCodec } from '@ringmain/codec';
import { codeOf, memory, roundTrip, write } from '../memory.ts';

const codec = createJsonCodec();

describe('createJsonCodec()', () => {
  it('gives back any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(roundTrip(codec, value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('gives back any text, in the bytes that JSON has in UTF-8', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (text) => {
        const { views, offset, bytes } = write(codec, { text });
        expect(views.u8.toString('utf8', offset, offset + bytes)).toBe(JSON.stringify({ text }));
        expect(codec.decode(views, offset, bytes)).toEqual({ text });
      }),
    );
  });

  it.each(['\ud800', 'a\udfff', 'é', 'ÿ', '€', '😀', '\u0000', '\u2028'])('keeps %j', (text) => {
    expect(roundTrip(codec, text)).toBe(text);
  });

  it('encodes the measured data as often as asked, for several lanes', () => {
    const views = memory(256);
    codec.measure({ a: 1 });
    expect([codec.encode({ a: 1 }, views, 0), codec.encode({ a: 1 }, views, 64)]).toEqual([7, 7]);
    expect(codec.decode(views, 64, 7)).toEqual({ a: 1 });
  });

  it('survives a payload that publishes while it is measured', () => {
    const nested = {
      toJSON: () => {
        codec.measure('something much longer than the outer payload');
        return 1;
      },
    };
    expect(roundTrip(codec, nested)).toBe(1);
  });

  const circular: Record<string, unknown> = {};
  circular.self = circular;
  let deep: unknown = 0;
  for (let depth = 0; depth < 1e5; depth++) deep = [deep];
  const hostile: [string, unknown][] = [
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['a nested bigint', { a: [1n] }],
    ['a cycle', circular],
    [
      'toJSON that throws',
      {
        toJSON: () => {
          throw new Error('x');
        },
      },
    ],
    ['toJSON without value', { toJSON: () => undefined }],
    [
      'a getter that throws',
      {
        get a() {
          throw new Error('x');
        },
      },
    ],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('x');
          },
        },
      ),
    ],
  ];
  it.each(hostile)('refuses %s', (_name, data) => {
    expect(codeOf(() => codec.measure(data))).toBe('RINGMAIN_PAYLOAD_INVALID');
  });

  it('refuses or takes nesting beyond the stack, but never crashes', () => {
    expect(['nothing thrown', 'RINGMAIN_PAYLOAD_INVALID']).toContain(codeOf(() => codec.measure(deep)));
  });

  it('keeps the cause of a refusal', () => {
    expect(() => codec.measure(1n)).toThrow(expect.objectContaining({ cause: expect.any(TypeError) }));
  });

  it('does not let a payload reach a prototype', () => {
    const data = roundTrip(codec, JSON.parse('{"__proto__":{"polluted":true}}')) as object;
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('answers any bytes with a value or RINGMAIN_RECORD_CORRUPT', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.integer({ min: -8, max: 80 }),
        fc.integer({ min: -8, max: 80 }),
        (noise, offset, bytes) => {
          const views = memory(64);
          views.u8.set(noise);
          expect(['nothing thrown', 'RINGMAIN_RECORD_CORRUPT']).toContain(codeOf(() => codec.decode(views, offset, bytes)));
        },
      ),
    );
  });
});
