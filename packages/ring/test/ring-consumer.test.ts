/** The consuming end: takeover from a predecessor, and frames that no producer wrote. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRAINED, NO_ROOM, RingConsumer, systemAtomics } from '@ringmain/ring';
import { codeOf } from './refusal.ts';
import { POSITIONS, openRing, put } from './ring-memory.ts';

describe('RingConsumer', () => {
  it.each(POSITIONS)('gives back at takeover what its predecessor passed but did not release (from position %d)', (position) => {
    const { producer, consumer, words } = openRing(128, position);
    while (put(producer, words, 1, 8));
    producer.commit();
    consumer.refresh();
    for (let index = consumer.next(); index !== DRAINED; index = consumer.next()) consumer.advance(index);
    // The predecessor dies here: everything is passed, nothing released, and no record follows that would end a batch.
    expect(producer.claim(8)).toBe(NO_ROOM);
    const successor = new RingConsumer(systemAtomics, words);
    expect(successor.refresh()).toBe(false);
    expect(producer.claim(8)).not.toBe(NO_ROOM);
    expect(successor.release()).toBe(false);
  });

  it('takes up at progress, not at head and not at tail', () => {
    const { producer, consumer, words } = openRing(256);
    for (let id = 0; id < 3; id++) put(producer, words, id, 8 + id);
    producer.commit();
    consumer.refresh();
    consumer.advance(consumer.next());
    consumer.next();
    const successor = new RingConsumer(systemAtomics, words);
    successor.refresh();
    expect(words.data[successor.next()]).toBe(9);
  });

  it('returns the same record until it is passed', () => {
    const { producer, consumer, words } = openRing(256);
    put(producer, words, 1, 8);
    producer.commit();
    consumer.refresh();
    expect(consumer.next()).toBe(consumer.next());
    expect(consumer.release()).toBe(false);
  });

  it('sees only what stood there at the last refresh', () => {
    const { producer, consumer, words } = openRing(256);
    put(producer, words, 1, 8);
    producer.commit();
    consumer.refresh();
    put(producer, words, 2, 8);
    producer.commit();
    consumer.advance(consumer.next());
    expect(consumer.next()).toBe(DRAINED);
    expect(consumer.refresh()).toBe(true);
  });

  it.each([
    ['a length one unit beyond the tail', 9, 1],
    ['a length beyond the tail', 17, 1],
    ['a length beyond any ring', 0x7fff_ffff, 1],
    ['a negative length', -8, 1],
    ['a length of minus a frame', -16, 1],
    ['the smallest length', -0x8000_0000, 1],
    ['kind 0, as untouched memory has', 8, 0],
    ['an unknown kind', 8, 6],
    ['a negative kind', 8, -1],
  ])('refuses a frame with %s', (_, length, kind) => {
    const { producer, consumer, words } = openRing(256);
    put(producer, words, 1, 8);
    producer.commit();
    words.data[0] = length;
    words.data[1] = kind;
    consumer.refresh();
    expect(codeOf(() => consumer.next())).toBe('RINGMAIN_RECORD_CORRUPT');
    expect(consumer.position).toBe(0);
    expect(consumer.release()).toBe(false);
  });

  it('refuses a frame that passes the end of the ring, also where the tail has wrapped', () => {
    const { producer, consumer, words } = openRing(64, 6);
    put(producer, words, 1, 8);
    put(producer, words, 2, 16);
    producer.commit();
    words.data[12] = 16;
    consumer.refresh();
    expect(codeOf(() => consumer.next())).toBe('RINGMAIN_RECORD_CORRUPT');
  });

  it('answers any memory with records inside the ring or RINGMAIN_RECORD_CORRUPT, and never loops', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer(), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 5 })), {
          minLength: 32,
          maxLength: 32,
        }),
        fc.oneof(fc.integer({ min: -20, max: 20 }), fc.integer()),
        fc.constantFrom(...POSITIONS),
        (data, ahead, position) => {
          const { consumer, words } = openRing(128, position);
          words.data.set(data);
          words.control[words.tailIndex] = (position + ahead) | 0;
          consumer.refresh();
          for (let count = 0; count < 17; count++) {
            let index = DRAINED;
            const code = codeOf(() => (index = consumer.next()));
            if (code === 'RINGMAIN_RECORD_CORRUPT' || index === DRAINED) return;
            expect(code).toBe('nothing thrown');
            expect(index + 2 + ((words.data[index] ?? 0) + 3) / 4).toBeLessThanOrEqual(33);
            consumer.advance(index);
          }
          // More records than the ring has units: only a tail that no producer stored allows it.
          expect(ahead >>> 0).toBeGreaterThan(16);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
