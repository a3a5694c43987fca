/** Letters that the store gives up, letters that this configuration cannot publish, and pauses of a redrive: all with a clock that stands still. */
import { HEADER_BYTES, HEADER_DATA_BYTES_WORD } from '@ringmain/codec';
import { RingmainError } from '@ringmain/core';
import type { LetterGivenUp, LetterLine } from 'ringmain';
import { describe, expect, test } from 'vitest';
import { idsOf, letterRoom } from './letter-room.ts';

const MS = 1000;
const SECOND = 1_000_000;

describe('DeadLetters.onEvict()', () => {
  test('hands over what makes room and what is too old, each once, and says why', () => {
    const { clock, deadLetters, fail } = letterRoom({ deadLetters: { max: 3, ttlMs: 100 } });
    const given: [id: number, why: LetterGivenUp][] = [];
    deadLetters.onEvict((letter, why) => given.push([idsOf([letter])[0] ?? -1, why]));
    for (let id = 0; id < 4; id++) {
      fail(id);
      clock.advance(10 * MS);
    }
    expect(given).toEqual([[0, 'evicted']]);
    clock.advance(80 * MS);
    expect(deadLetters.count()).toBe(2);
    clock.advance(100 * MS);
    // Whoever looks: a look at one letter, or at the store.
    expect(deadLetters.peek('nobody')).toBeUndefined();
    expect(given).toEqual([
      [0, 'evicted'],
      [1, 'expired'],
      [2, 'expired'],
      [3, 'expired'],
    ]);
    deadLetters.onEvict(undefined);
    fail(4);
    clock.advance(101 * MS);
    expect(deadLetters.count()).toBe(0);
    expect(given).toHaveLength(4);
  });

  test('what it throws, or rejects with, is logged and breaks nothing: neither the loop that brings letters nor a look at the store', async () => {
    const { clock, deadLetters, fail, lines } = letterRoom({ deadLetters: { max: 2, ttlMs: 100 } });
    const thrown: readonly (() => unknown)[] = [
      () => {
        throw new Error('disk full');
      },
      () => {
        throw new Proxy(new Error('hidden'), {
          get: () => {
            throw new Error('no');
          },
        });
      },
      () => Promise.reject(new Error('later')),
    ];
    let calls = 0;
    deadLetters.onEvict(() => thrown[calls++ % thrown.length]?.());
    for (let id = 0; id < 5; id++) fail(id);
    expect(idsOf(deadLetters.list())).toEqual([3, 4]);
    expect(calls).toBe(3);
    await Promise.resolve();
    await Promise.resolve();
    // The first is logged at once, the others with the next a second later.
    expect(lines).toMatchObject([{ letters: 1, err: { message: 'disk full' } }]);
    clock.advance(SECOND);
    expect(deadLetters.count()).toBe(0);
    expect(lines).toMatchObject([{ letters: 1 }, { letters: 3 }]);
    expect(calls).toBe(5);
  });

  test('may use the store', () => {
    const { clock, deadLetters, fail } = letterRoom({ deadLetters: { max: 2, ttlMs: 100 } });
    const counts: number[] = [];
    deadLetters.onEvict(() => counts.push(deadLetters.count()));
    for (let id = 0; id < 3; id++) fail(id);
    clock.advance(101 * MS);
    deadLetters.list();
    // Its look at the store gives up the second while it is handed the first.
    expect(counts).toEqual([2, 0, 0]);
  });
});

describe('DeadLetters.restore()', () => {
  const taken = (bytes: number, attributes = {}): LetterLine => {
    const { deadLetters, fail } = letterRoom();
    fail(1, bytes, attributes);
    const [line] = deadLetters.take();
    if (line === undefined) throw new Error('no letter');
    return line;
  };

  test('refuses a record beyond this recordBytesMax, to the byte', async () => {
    const line = taken(700);
    const bytes = Buffer.from(line.record, 'base64').readInt32LE(4 * HEADER_DATA_BYTES_WORD) + HEADER_BYTES;
    const tight = letterRoom({ recordBytesMax: bytes - 1 });
    expect(() => tight.deadLetters.restore(line)).toThrowError(
      expect.objectContaining({ code: 'RINGMAIN_PAYLOAD_TOO_LARGE', details: { letter: line.id, bytes, bytesMax: bytes - 1 } }),
    );
    expect(tight.deadLetters.count()).toBe(0);
    const wide = letterRoom({ recordBytesMax: bytes });
    expect(wide.deadLetters.restore(line)).toBe(true);
    expect(await wide.deadLetters.redrive()).toMatchObject({ matched: 1, redriven: 1 });
  });

  test('takes one that only its deadline makes too large: a redrive leaves that out', async () => {
    const line = taken(700, { deadline: 1 });
    const bytes = Buffer.from(line.record, 'base64').readInt32LE(4 * HEADER_DATA_BYTES_WORD) + HEADER_BYTES;
    const { deadLetters } = letterRoom({ recordBytesMax: bytes });
    expect(deadLetters.restore(line)).toBe(true);
    expect(await deadLetters.redrive()).toMatchObject({ redriven: 1 });
  });

  test('refuses a record whose attributes cannot be read', () => {
    const line = taken(10, { correlationId: 'c' });
    const record = Buffer.from(line.record, 'base64');
    record.writeInt32LE(-1, HEADER_BYTES);
    const { deadLetters } = letterRoom();
    expect(() => deadLetters.restore({ ...line, record: record.toString('base64') })).toThrowError(/RINGMAIN_RECORD_CORRUPT/);
    expect(deadLetters.count()).toBe(0);
  });
});

describe('DeadLetters.redrive()', () => {
  test('a pause for its rate ends when the runtime takes nothing more, and says how far it came', async () => {
    const { deadLetters, fail, close } = letterRoom();
    for (let id = 0; id < 3; id++) fail(id);
    const ended = deadLetters.redrive({ ratePerSec: 0.001 }).catch((error: unknown) => error);
    await Promise.resolve();
    close(new RingmainError('RINGMAIN_CLOSED', 'the runtime is draining'));
    expect(await ended).toMatchObject({ code: 'RINGMAIN_CLOSED', details: { redriven: 1, matched: 3 } });
    expect(idsOf(deadLetters.list())).toEqual([1, 2]);
  });
});
