/** The ring against a plain queue with unbounded positions: sizes, padding, aborts, batches, rollbacks, successors, wraps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRAINED, NO_ROOM, RecordKind, RingConsumer, RingProducer, systemAtomics, unitsFor } from '@ringmain/ring';
import { POSITIONS, fill, isIntact, openRing } from './ring-memory.ts';

type Step =
  | { readonly do: 'put'; readonly bytes: number; readonly unused: number; readonly kind: number }
  | { readonly do: 'abort'; readonly bytes: number }
  | { readonly do: 'commit' | 'rollback' | 'release' | 'new producer' | 'new consumer' }
  | { readonly do: 'take'; readonly max: number };

interface Stored {
  readonly id: number;
  readonly bytes: number;
  readonly kind: number;
  /** Unbounded position behind the record. */
  readonly end: number;
}

const bytes = fc.integer({ min: 0, max: 130 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      bytes,
      unused: fc.nat(40),
      kind: fc.constantFrom(RecordKind.event, RecordKind.ack, RecordKind.control),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), bytes }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('commit' as const, 'release' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('rollback' as const, 'new producer' as const, 'new consumer' as const) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('take' as const), max: fc.integer({ min: 1, max: 6 }) }) },
);

/** A queue whose positions never wrap, beside a ring whose positions do. */
class Pair {
  private readonly capacity: number;
  private readonly ring: ReturnType<typeof openRing>;
  private ids = 0;
  private tail: number;
  private committedTail: number;
  private head: number;
  private progress: number;
  private committed: Stored[] = [];
  private sealed: Stored[] = [];

  constructor(capacityBytes: number, position: number) {
    this.capacity = capacityBytes / 8;
    this.ring = openRing(capacityBytes, position);
    this.tail = this.committedTail = this.head = this.progress = position >>> 0;
  }

  run(next: Step): void {
    if (next.do === 'put') this.put(next.bytes, Math.max(0, next.bytes - next.unused), next.kind);
    else if (next.do === 'abort') this.abort(next.bytes);
    else if (next.do === 'take') this.take(next.max);
    else if (next.do === 'commit') this.commit();
    else if (next.do === 'release') this.release();
    else if (next.do === 'rollback') this.rollback(() => this.ring.producer.rollback());
    else if (next.do === 'new producer')
      this.rollback(() => (this.ring.producer = new RingProducer(systemAtomics, this.ring.words)));
    else this.succeedConsumer();
    this.check();
  }

  /** Empties the ring; whatever it was, the largest record fits then. */
  finish(): void {
    this.commit();
    while (this.committed.length > 0) this.take(100);
    this.take(1);
    this.release();
    expect(this.head).toBe(this.committedTail);
    this.put(this.ring.producer.bodyBytesMax, this.ring.producer.bodyBytesMax, RecordKind.event);
    this.commit();
    this.take(1);
  }

  private claim(size: number): number {
    const offset = this.tail % this.capacity;
    const units = unitsFor(size);
    const padding = offset + units > this.capacity ? this.capacity - offset : 0;
    const fits = this.tail + padding + units - this.head <= this.capacity;
    const claimed = this.ring.producer.claim(size);
    expect(claimed).toBe(fits ? ((offset + padding) % this.capacity) * 8 + 8 : NO_ROOM);
    if (fits) this.tail += padding;
    return claimed;
  }

  private put(claimedBytes: number, size: number, kind: number): void {
    const offset = this.claim(claimedBytes);
    if (offset === NO_ROOM) return;
    const id = this.ids++;
    fill(this.ring.producer, this.ring.words, offset, id, size, kind);
    this.tail += unitsFor(size);
    this.sealed.push({ id, bytes: size, kind, end: this.tail });
  }

  private abort(size: number): void {
    const offset = this.claim(size);
    if (offset === NO_ROOM) return;
    // What an encoder wrote before it threw must harm nothing.
    this.ring.words.data.fill(-1, offset >> 2, (offset >> 2) + (size >> 2));
    this.ring.producer.abort();
  }

  private commit(): void {
    this.ring.producer.commit();
    this.committed.push(...this.sealed);
    this.sealed = [];
    this.committedTail = this.tail;
  }

  private rollback(run: () => void): void {
    run();
    this.sealed = [];
    this.tail = this.committedTail;
  }

  private take(max: number): void {
    const { consumer, words } = this.ring;
    expect(consumer.refresh()).toBe(this.progress !== this.committedTail);
    for (let count = 0; count < max; count++) {
      const index = consumer.next();
      const expected = this.committed[0];
      if (expected === undefined) {
        expect(index).toBe(DRAINED);
        this.progress = this.committedTail;
        return;
      }
      expect(index).not.toBe(DRAINED);
      expect([words.data[index], words.data[index + 1]]).toEqual([expected.bytes, expected.kind]);
      expect(isIntact(words.data, index + 2, expected.id, expected.bytes)).toBe(true);
      expect(consumer.position).toBe((expected.end - unitsFor(expected.bytes)) | 0);
      consumer.advance(index);
      this.committed.shift();
      this.progress = expected.end;
    }
  }

  private release(): void {
    expect(this.ring.consumer.release()).toBe(this.head !== this.progress);
    this.head = this.progress;
  }

  private succeedConsumer(): void {
    this.ring.consumer = new RingConsumer(systemAtomics, this.ring.words);
    // The successor gives back what its predecessor passed.
    this.head = this.progress;
  }

  private check(): void {
    const { control, tailIndex, headIndex, progressIndex } = this.ring.words;
    expect([control[tailIndex], control[headIndex]]).toEqual([this.committedTail | 0, this.head | 0]);
    expect(control[progressIndex]).toBe(this.progress | 0);
    expect(this.ring.producer.depthBytes()).toBe((this.tail - this.head) * 8);
    expect(this.ring.producer.sealedTail).toBe(this.tail | 0);
  }
}

describe('RingProducer and RingConsumer', () => {
  it('behave as a bounded queue from any start position, also when both ends are replaced', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(64, 128, 256, 512),
        fc.constantFrom(...POSITIONS),
        fc.array(step, { maxLength: 120, size: 'max' }),
        (capacity, position, steps) => {
          const pair = new Pair(capacity, position);
          const { bodyBytesMax } = openRing(capacity).producer;
          for (const next of steps) {
            const tooLarge = 'bytes' in next && next.bytes > bodyBytesMax;
            pair.run(tooLarge ? { ...next, bytes: next.bytes % (bodyBytesMax + 1) } : next);
          }
          pair.finish();
        },
      ),
      { numRuns: 400 },
    );
  });

  it('carry millions of units over the wrap of 2^32 without a difference', () => {
    const ring = openRing(128, -40_000);
    const { producer, consumer, words } = ring;
    let written = 0;
    let read = 0;
    while (consumer.position < 40_000) {
      for (let batch = 0; batch < 3; batch++) {
        const offset = producer.claim((written % 6) * 9);
        if (offset === NO_ROOM) break;
        fill(producer, words, offset, written, (written % 6) * 9);
        written++;
      }
      producer.commit();
      consumer.refresh();
      for (let index = consumer.next(); index !== DRAINED; index = consumer.next()) {
        if (!isIntact(words.data, index + 2, read, words.data[index] ?? -1)) expect.fail(`record ${read} is torn`);
        consumer.advance(index);
        read++;
      }
      consumer.release();
    }
    expect(read).toBe(written);
    expect(read).toBeGreaterThan(10_000);
  });
});
