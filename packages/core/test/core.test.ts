/** Errors, outcomes, limits, clock, randomness and the words for refused values. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptedBy,
  describeValue,
  ERROR_CATALOGUE,
  isRingmainError,
  LIMITS,
  RingmainError,
  seededRandom,
  systemClock,
  systemRandom,
  TARGETS_MAX,
} from '@ringmain/core';

describe('RingmainError', () => {
  it('puts code, finding and allowed range into the message and keeps the cause', () => {
    const cause = new Error('inner');
    const error = new RingmainError('RINGMAIN_CLOSED', 'state is closed', {
      allowed: 'open',
      details: { state: 'closed' },
      cause,
    });
    expect(error.message).toBe('RINGMAIN_CLOSED: state is closed (allowed: open)');
    expect(error).toMatchObject({ name: 'RingmainError', code: 'RINGMAIN_CLOSED', details: { state: 'closed' }, cause });
    expect(Object.isFrozen(error.details)).toBe(true);
  });

  it('has no cause property unless there is one', () => {
    expect('cause' in new RingmainError('RINGMAIN_CLOSED', 'x')).toBe(false);
  });

  it('is told apart by isRingmainError()', () => {
    const error = new RingmainError('RINGMAIN_CLOSED', 'x');
    expect([
      isRingmainError(error),
      isRingmainError(error, 'RINGMAIN_CLOSED'),
      isRingmainError(error, 'RINGMAIN_ABORTED'),
    ]).toEqual([true, true, false]);
    for (const other of [new Error('x'), null, undefined, 'RINGMAIN_CLOSED', { name: 'RingmainError' }])
      expect(isRingmainError(other)).toBe(false);
  });

  it('explains every code in one sentence', () => {
    for (const [code, text] of Object.entries(ERROR_CATALOGUE)) {
      expect(code).toMatch(/^RINGMAIN_[A-Z_]+$/);
      expect(text).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe('acceptedBy()', () => {
  it('gives one frozen object per number of targets', () => {
    for (let targets = 0; targets <= TARGETS_MAX; targets++) {
      expect(acceptedBy(targets)).toBe(acceptedBy(targets));
      expect(acceptedBy(targets)).toEqual({ status: 'accepted', accepted: true, targets });
      expect(Object.isFrozen(acceptedBy(targets))).toBe(true);
    }
  });
});

describe('LIMITS', () => {
  it('is frozen and holds positive integers', () => {
    expect(Object.isFrozen(LIMITS)).toBe(true);
    for (const [name, value] of Object.entries(LIMITS))
      expect([name, Number.isSafeInteger(value) && value > 0]).toEqual([name, true]);
  });
});

describe('describeValue()', () => {
  const thrower = new Proxy(
    {},
    {
      get: () => {
        throw new Error('must not be called');
      },
      getPrototypeOf: () => {
        throw new Error('must not be called');
      },
    },
  );
  it.each<[unknown, string]>([
    ['a"b', '"a\\"b"'],
    ['x'.repeat(100), `"${'x'.repeat(64)}"… (100 characters)`],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [1.5, '1.5'],
    [5n, '5n'],
    [2n ** 70n, 'a bigint beyond 64 bits'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [Symbol('s'), 'a symbol'],
    [() => 1, 'a function'],
    [[], 'an object'],
    [thrower, 'an object'],
  ])('describes without running code of the value: %#', (value, text) => {
    expect(describeValue(value)).toBe(text);
  });
});

describe('systemClock', () => {
  it('never runs backwards and reads wall time in milliseconds', () => {
    const first = systemClock.monotonicUs();
    expect(systemClock.monotonicUs()).toBeGreaterThanOrEqual(first);
    expect(new Date(systemClock.wallMs()).getUTCFullYear()).toBeGreaterThan(2000);
  });
});

describe('seededRandom()', () => {
  it('repeats by seed and stays in range', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [one, two] = [seededRandom(seed), seededRandom(seed)];
        for (let draw = 0; draw < 8; draw++) {
          const next = one.next();
          expect(next).toBe(two.next());
          expect(next >= 0 && next < 1).toBe(true);
          expect(one.int32()).toBe(two.int32());
        }
      }),
    );
  });

  it('differs between seeds', () => {
    expect(seededRandom(1).int32()).not.toBe(seededRandom(2).int32());
  });
});

describe('systemRandom', () => {
  it('draws within range', () => {
    const next = systemRandom.next();
    expect(next >= 0 && next < 1).toBe(true);
    expect(Number.isInteger(systemRandom.int32())).toBe(true);
  });
});
