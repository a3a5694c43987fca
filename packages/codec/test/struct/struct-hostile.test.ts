/** Payloads that misbehave: wrong types, getters, proxies, prototypes, growth between measuring and encoding. */
import { isRingmainError } from '@ringmain/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileStruct } from '@ringmain/codec';
import { codeOf, memory, roundTrip, write } from '../memory.ts';

const schema = z.object({
  id: z.int(),
  amount: z.number().min(0),
  qty: z.int32(),
  size: z.uint32(),
  kind: z.enum(['buy', 'sell']),
  live: z.boolean(),
  name: z.string().min(1).max(5),
  at: z.object({ x: z.number() }),
  tags: z.array(z.string()).max(3),
  note: z.string().optional(),
});
type Payload = z.infer<typeof schema>;
const codec = compileStruct(schema);
const good: Payload = { id: 1, amount: 2.5, qty: -3, size: 4, kind: 'buy', live: true, name: 'n', at: { x: 1 }, tags: ['a'] };
const thrower = (): never => {
  throw new Error('from user code');
};

const refused: [string, unknown, string][] = [
  ['null', null, ''],
  ['undefined', undefined, ''],
  ['text', 'x', ''],
  ['a number', 1, ''],
  ['an array', [], ''],
  ['a function', () => good, ''],
  ['NaN', { ...good, amount: Number.NaN }, 'amount'],
  ['infinity', { ...good, amount: Infinity }, 'amount'],
  ['a number as text', { ...good, amount: '2.5' }, 'amount'],
  ['a boxed number', { ...good, amount: Object(2.5) }, 'amount'],
  ['a number below its minimum', { ...good, amount: -1 }, 'amount'],
  ['a bigint for a number', { ...good, amount: 1n }, 'amount'],
  ['1.5 as int', { ...good, id: 1.5 }, 'id'],
  ['2^53 as int', { ...good, id: 2 ** 53 }, 'id'],
  ['2^31 as int32', { ...good, qty: 2 ** 31 }, 'qty'],
  ['1.5 as int32', { ...good, qty: 1.5 }, 'qty'],
  ['NaN as int32', { ...good, qty: Number.NaN }, 'qty'],
  ['text as int32', { ...good, qty: '3' }, 'qty'],
  ['an object with valueOf as int32', { ...good, qty: { valueOf: thrower } }, 'qty'],
  ['a bigint as int32', { ...good, qty: 3n }, 'qty'],
  ['-1 as uint32', { ...good, size: -1 }, 'size'],
  ['2^32 as uint32', { ...good, size: 2 ** 32 }, 'size'],
  ['a symbol as uint32', { ...good, size: Symbol('4') }, 'size'],
  ['no member of the enum', { ...good, kind: 'hold' }, 'kind'],
  ['a prototype member as enum value', { ...good, kind: 'constructor' }, 'kind'],
  ['1 as boolean', { ...good, live: 1 }, 'live'],
  ['null as boolean', { ...good, live: null }, 'live'],
  ['a number as text field', { ...good, name: 5 }, 'name'],
  ['a boxed string', { ...good, name: Object('n') }, 'name'],
  ['text that is too short', { ...good, name: '' }, 'name'],
  ['text that is too long', { ...good, name: 'sixsix' }, 'name'],
  ['no nested object', { ...good, at: undefined }, 'at'],
  ['a wrong nested field', { ...good, at: { x: 'y' } }, 'at.x'],
  ['no array', { ...good, tags: { length: 1, 0: 'a' } }, 'tags'],
  ['a wrong element', { ...good, tags: ['a', 5] }, 'tags[1]'],
  ['a hole in an array', { ...good, tags: [, 'a'] }, 'tags[0]'],
  ['too many elements', { ...good, tags: ['a', 'b', 'c', 'd'] }, 'tags.length'],
  ['null for an optional', { ...good, note: null }, 'note'],
  ['a missing field', { ...good, id: undefined }, 'id'],
];

describe('encode() of a struct', () => {
  it.each(refused)('refuses %s with its path', (_name, payload, path) => {
    try {
      write(codec, payload as Payload);
    } catch (error) {
      expect(isRingmainError(error, 'RINGMAIN_PAYLOAD_INVALID') && error.details.path).toBe(path);
      expect(String(error)).toContain('allowed: ');
      return;
    }
    throw new Error('not refused');
  });

  it('names actual and allowed values', () => {
    expect(() => write(codec, { ...good, kind: 'hold' as 'buy' })).toThrow(
      'RINGMAIN_PAYLOAD_INVALID: kind is "hold" (allowed: "buy", "sell")',
    );
  });

  it.each<[string, unknown]>([
    [
      'a getter',
      {
        ...good,
        get id() {
          return thrower();
        },
      },
    ],
    ['a getter of a text', Object.defineProperty({ ...good }, 'name', { get: thrower })],
    ['a proxy', new Proxy(good, { get: thrower })],
    [
      'a revoked proxy',
      (() => {
        const { proxy, revoke } = Proxy.revocable(good, {});
        revoke();
        return proxy;
      })(),
    ],
    ['a proxy as array', { ...good, tags: new Proxy(['a'], { get: thrower }) }],
  ])('turns what %s throws into a refusal with its cause', (_name, payload) => {
    expect(() => write(codec, payload as Payload)).toThrow(
      expect.objectContaining({ code: 'RINGMAIN_PAYLOAD_INVALID', cause: expect.anything() }),
    );
  });

  it('takes getters, class instances, proxies, frozen objects and unknown keys', () => {
    class Order {
      get id(): number {
        return 7;
      }
    }
    const { id: _id, ...rest } = good;
    const instance = Object.assign(new Order(), rest, { at: Object.freeze({ x: 2 }), extra: thrower });
    expect(roundTrip(codec, new Proxy(instance, {}))).toEqual({ ...good, id: 7, at: { x: 2 } });
  });

  it('keeps lone surrogates, which UTF-8 cannot', () => {
    for (const name of ['\ud800', '\udc00x', 'é\ud800', '😀']) expect(roundTrip(codec, { ...good, name }).name).toBe(name);
  });

  it('never touches prototypes', () => {
    const payload = JSON.parse(JSON.stringify(good).replace('{', '{"__proto__":{"polluted":true},')) as Payload;
    const decoded = roundTrip(codec, payload);
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    expect(Object.keys(decoded)).not.toContain('__proto__');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('does not read __proto__ of a payload', () => {
    const read: PropertyKey[] = [];
    write(
      codec,
      new Proxy(good, {
        get: (target, key) => {
          read.push(key);
          return Reflect.get(target, key);
        },
      }),
    );
    expect(read).not.toContain('__proto__');
  });

  it('refuses payloads that grow between measuring and encoding, before it leaves its claim', () => {
    for (const field of ['note', 'tags'] as const) {
      let reads = 0;
      const grow = (): unknown =>
        reads++ === 0 ? (field === 'note' ? 'a' : ['a']) : field === 'note' ? 'x'.repeat(1000) : ['x'.repeat(1000)];
      const shifty = Object.defineProperty({ ...good }, field, { get: grow });
      const measured = codec.measure(shifty);
      const views = memory(measured + 128);
      expect(codeOf(() => codec.encode(shifty, views, 64))).toBe('RINGMAIN_PAYLOAD_INVALID');
      expect(views.u8.subarray(64 + measured).every((byte) => byte === 0xab)).toBe(true);
    }
  });

  it('keeps its claim when a getter publishes the same type in turn', () => {
    const inner = { ...good, note: 'x'.repeat(300) };
    const views = memory(2048);
    const outer = Object.defineProperty({ ...good, note: 'a' }, 'id', {
      get: () => {
        codec.measure(inner);
        codec.encode(inner, views, 1024);
        return 1;
      },
    });
    expect(codec.decode(views, 64, codec.measure(outer) && codec.encode(outer, views, 64))).toEqual({ ...good, note: 'a' });
  });

  it('refuses arrays beyond the largest record without walking them', () => {
    const numbers = compileStruct(z.object({ rows: z.array(z.object({ s: z.string() })) }));
    expect(codeOf(() => numbers.measure({ rows: new Array(2 ** 31) }))).toBe('RINGMAIN_PAYLOAD_TOO_LARGE');
    const endless = new Proxy([] as { s: string }[], {
      get: (target, key) => (key === 'length' ? Infinity : Reflect.get(target, key)),
    });
    expect(codeOf(() => numbers.measure({ rows: endless }))).toBe('RINGMAIN_PAYLOAD_TOO_LARGE');
    const nonsense = new Proxy([] as { s: string }[], {
      get: (target, key) => (key === 'length' ? 'many' : Reflect.get(target, key)),
    });
    expect(codeOf(() => numbers.measure({ rows: nonsense }))).toBe('RINGMAIN_PAYLOAD_TOO_LARGE');
  });
});
