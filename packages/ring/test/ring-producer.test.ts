/** The producing end: bounds, the wrap, misuse by encoders, successors. */
import { describe, expect, it } from 'vitest';
import { DRAINED, NO_ROOM, RecordKind, RingProducer, systemAtomics } from '@ringmain/ring';
import { codeOf } from './refusal.ts';
import { POSITIONS, openRing, put, ringWords } from './ring-memory.ts';

describe('RingProducer', () => {
  it.each([0, 8, 24, 40, 96, 4096 + 8])('refuses a capacity of %d bytes', (bytes) => {
    expect(codeOf(() => new RingProducer(systemAtomics, ringWords(bytes)))).toBe('RINGMAIN_LIMIT_EXCEEDED');
  });

  it('accepts a body of half the capacity less a frame, and refuses one byte more whatever the ring holds', () => {
    const { producer, words } = openRing(256);
    expect([producer.capacityBytes, producer.bodyBytesMax]).toEqual([256, 120]);
    expect(put(producer, words, 1, 120)).toBe(true);
    expect(put(producer, words, 2, 120)).toBe(true);
    expect(producer.claim(0)).toBe(NO_ROOM);
    expect(codeOf(() => producer.claim(121))).toBe('RINGMAIN_PAYLOAD_TOO_LARGE');
  });

  it.each([Number.NaN, -1, -100, Infinity])('refuses a claim of %d bytes, as a custom codec may measure', (bytes) => {
    const { producer } = openRing(256);
    expect(codeOf(() => producer.claim(bytes))).toBe('RINGMAIN_PAYLOAD_TOO_LARGE');
    expect(producer.claim(8)).toBe(8);
  });

  it.each(POSITIONS)('fills to the last unit from position %d and takes the same again after a release', (position) => {
    const { producer, consumer, words } = openRing(128, position);
    for (let round = 0; round < 40; round++) {
      let stored = 0;
      while (put(producer, words, stored, 0)) stored++;
      expect(stored).toBe(16);
      expect(producer.depthBytes()).toBe(128);
      producer.commit();
      consumer.refresh();
      for (let count = 0; count < stored; count++) consumer.advance(consumer.next());
      expect(producer.claim(0)).toBe(NO_ROOM);
      consumer.release();
    }
  });

  it('finds room for the largest record at every offset of an empty ring', () => {
    for (let start = 0; start < 32; start++) {
      const { producer, consumer, words } = openRing(256, start);
      expect(put(producer, words, start, producer.bodyBytesMax)).toBe(true);
      producer.commit();
      consumer.refresh();
      expect(words.data[consumer.next()]).toBe(producer.bodyBytesMax);
    }
  });

  it('shows nothing before the commit, and a batch at once', () => {
    const { producer, consumer, words } = openRing(256);
    for (let id = 0; id < 5; id++) put(producer, words, id, 8);
    expect(consumer.refresh()).toBe(false);
    producer.commit();
    expect(consumer.refresh()).toBe(true);
    let count = 0;
    for (let index = consumer.next(); index !== DRAINED; index = consumer.next()) {
      consumer.advance(index);
      count++;
    }
    expect(count).toBe(5);
  });

  it('stores the tail only when something was sealed', () => {
    const words = ringWords(128);
    let stores = 0;
    const producer = new RingProducer(
      {
        ...systemAtomics,
        store: (target, index, value) => {
          stores++;
          return systemAtomics.store(target, index, value);
        },
      },
      words,
    );
    producer.commit();
    producer.claim(8);
    producer.abort();
    producer.commit();
    expect(stores).toBe(0);
    put(producer, words, 1, 8);
    producer.commit();
    producer.commit();
    expect(stores).toBe(1);
  });

  it('refuses a claim inside a claim, and goes on after the outer one', () => {
    const { producer, words, consumer } = openRing(256);
    producer.claim(16);
    expect(codeOf(() => producer.claim(8))).toBe('RINGMAIN_CLAIM_OPEN');
    producer.seal(RecordKind.event, 16);
    expect(put(producer, words, 2, 8)).toBe(true);
    producer.commit();
    consumer.refresh();
    consumer.advance(consumer.next());
    expect(words.data[consumer.next()]).toBe(8);
  });

  it('refuses to seal a claim that a rollback inside the encoder ended, and publishes nothing of it', () => {
    const { producer, consumer } = openRing(256);
    producer.claim(16);
    producer.rollback();
    expect(codeOf(() => producer.seal(RecordKind.event, 16))).toBe('RINGMAIN_CLAIM_OPEN');
    producer.commit();
    expect(consumer.refresh()).toBe(false);
    expect(producer.claim(8)).toBe(8);
  });

  it.each([17, Number.NaN, -1])('refuses to seal %d bytes in a claim of 16, and gives the claim up', (bytes) => {
    const { producer, consumer } = openRing(256);
    producer.claim(16);
    expect(codeOf(() => producer.seal(RecordKind.event, bytes))).toBe('RINGMAIN_CLAIM_OPEN');
    producer.commit();
    expect(consumer.refresh()).toBe(false);
    expect(producer.claim(16)).toBe(8);
  });

  it('hasRoomAgain() waits until what was refused fits, also where half of the ring does not do', () => {
    // 32 units. The tail stands at 22 with 16 used; a record of 16 units needs the 10 up to the wrap too.
    const { producer, consumer, words } = openRing(256, 6);
    for (let id = 0; id < 8; id++) put(producer, words, id, 8);
    producer.commit();
    expect(producer.claim(120)).toBe(NO_ROOM);
    const answers: boolean[] = [];
    consumer.refresh();
    for (let index = consumer.next(); index !== DRAINED; index = consumer.next()) {
      answers.push(producer.hasRoomAgain());
      consumer.advance(index);
      consumer.release();
    }
    expect(answers).toEqual([false, false, false, false, false, true, true, true]);
    expect(producer.hasRoomAgain()).toBe(true);
    expect(producer.claim(120)).toBe(8);
  });

  it('hasRoomAgain() waits for half of the ring, for a batch as a whole, and for no more than an empty ring', () => {
    const { producer, consumer, words } = openRing(128);
    while (put(producer, words, 1, 8));
    producer.rollback();
    expect(producer.hasRoomAgain()).toBe(true);
    for (let id = 0; id < 8; id++) put(producer, words, id, 8);
    producer.commit();
    expect(producer.claim(0)).toBe(NO_ROOM);
    const answers = Array.from({ length: 5 }, () => {
      consumer.refresh();
      consumer.advance(consumer.next());
      consumer.release();
      return producer.hasRoomAgain();
    });
    expect(answers).toEqual([false, false, false, true, true]);
  });

  it('goes on at the committed tail of a predecessor that died with a claim and sealed records', () => {
    const { producer, words, consumer } = openRing(128, -2);
    put(producer, words, 0, 8);
    producer.commit();
    put(producer, words, 1, 8);
    producer.claim(40);
    const successor = new RingProducer(systemAtomics, words);
    expect(successor.depthBytes()).toBe(16);
    put(successor, words, 7, 24);
    successor.commit();
    consumer.refresh();
    consumer.advance(consumer.next());
    expect(words.data[consumer.next()]).toBe(24);
  });
});
