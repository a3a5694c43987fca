import { NonRetryableError, RetryAfterError, RingmainError, SkipError, settlementOf } from '@ringmain/core';
import { describe, expect, it } from 'vitest';
import { packError, unpackError } from '../../dist/isolation/packed-error.js';

const sent = (error: unknown): unknown => unpackError(structuredClone(packError(error)));

describe('packError and unpackError', () => {
  it.each([
    new Error('plain'),
    new TypeError('typed'),
    new RingmainError('RINGMAIN_QUEUE_FULL', 'no room', { details: { depth: 3 } }),
    new NonRetryableError('never'),
    new SkipError('skip'),
    new RetryAfterError(250),
    Object.assign(new Error('system'), { code: 'ENOENT', errno: -2, syscall: 'open' }),
  ])('give back %s with its class, members, stack and meaning', (error) => {
    const back = sent(error) as Error;
    expect(back).toBeInstanceOf(error.constructor as new () => Error);
    expect({ ...back }).toEqual(
      expect.objectContaining(Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'name'))),
    );
    expect([back.name, back.message, back.stack]).toEqual([error.name, error.message, error.stack]);
    expect(settlementOf(back)).toEqual(settlementOf(error));
  });

  it('keep the name of a class that nobody else knows, and causes, as deep as eight', () => {
    class Odd extends Error {
      override readonly name = 'Odd';
    }
    let error: Error = new Odd('0');
    for (let depth = 1; depth <= 20; depth++) error = new Odd(String(depth), { cause: error });
    const messages: string[] = [];
    for (let at = sent(error) as Error | undefined; at !== undefined; at = at.cause as Error | undefined) {
      expect(at).toBeInstanceOf(Error);
      expect(at.name).toBe('Odd');
      messages.push(at.message);
    }
    expect(messages).toEqual(['20', '19', '18', '17', '16', '15', '14', '13', '12']);
  });

  it.each(['text', 7, true, 10n, null, undefined])('give back %s, which is no error', (value) => {
    expect(sent(value)).toBe(value);
  });

  it('cut long texts, and leave out what cannot be cloned or read', () => {
    const hostile = Object.defineProperties(new Error('x'.repeat(20_000)), {
      code: {
        get: () => {
          throw new Error('unreadable');
        },
      },
      details: { value: () => {} },
      cause: {
        get: () => {
          throw new Error('unreadable');
        },
      },
    });
    const back = sent(hostile) as Error;
    expect(back.message).toHaveLength(16_385);
    expect(back).not.toHaveProperty('code');
    expect(back).not.toHaveProperty('details');
    expect(back.cause).toBeUndefined();
    expect(sent(Symbol('odd'))).toBe('Symbol(odd)');
    expect((sent({ message: 'alike' }) as Error).message).toBe('alike');
  });
});
