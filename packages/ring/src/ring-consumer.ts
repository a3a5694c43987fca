/**
 * The consuming end of a single-producer, single-consumer ring.
 *
 * Thread: the consumer only.
 * 1. `refresh` loads the tail once; `next` walks the records up to it without touching shared control words.
 * 2. `advance` moves the shared `progress` over one record with a plain store: the record is settled, or stands in the bay.
 * 3. `release` gives the room back to the producer by one atomic store of the head, once per batch.
 * A successor, started after this thread's exit, goes on at `progress`: between `head` and `progress` everything is settled.
 *
 * Invariant: head ≤ progress ≤ tail, as wrapping 32-bit differences.
 */
import { RingmainError } from '@ringmain/core';
import type { AtomicsPort } from './atomics.ts';
import { FRAME_BYTES, RecordKind } from './ring-descriptor.ts';
import type { RingWords } from './ring-producer.ts';

/** Answer of {@link RingConsumer.next} when everything seen so far was consumed. */
export const DRAINED = -1;

/** Consuming end of a ring. */
export class RingConsumer {
  /** The ring's data, for reading records in place. */
  readonly data: Int32Array;
  /** Position of the record that `next` returns, in 8-byte units. */
  position: number;

  private readonly atomics: AtomicsPort;
  private readonly control: Int32Array;
  private readonly tailIndex: number;
  private readonly headIndex: number;
  private readonly progressIndex: number;
  private readonly mask: number;
  private limit: number;
  private released: number;

  constructor(atomics: AtomicsPort, words: RingWords) {
    this.atomics = atomics;
    this.control = words.control;
    this.tailIndex = words.tailIndex;
    this.headIndex = words.headIndex;
    this.progressIndex = words.progressIndex;
    this.data = words.data;
    this.mask = words.data.length / 2 - 1;
    // A plain read: the predecessor's exit comes before the start of its successor.
    this.position = this.control[this.progressIndex] as number;
    this.limit = this.position;
    this.released = atomics.load(this.control, this.headIndex);
    // Room that a predecessor passed but did not give back: if no record follows, no batch would ever end to release it.
    this.release();
  }

  /** Capacity in bytes. */
  get capacityBytes(): number {
    return this.data.length * 4;
  }

  /** Bytes between the record that `next` returns and the tail of the last look. */
  get backlogBytes(): number {
    return ((this.limit - this.position) | 0) * FRAME_BYTES;
  }

  /** Loads the tail, and leaves what `next` goes by as it is. */
  tail(): number {
    // Pairs with the store in `RingProducer.commit`.
    return this.atomics.load(this.control, this.tailIndex);
  }

  /**
   * Looks for new records.
   *
   * @returns true when there is at least one record (or padding) that `next` has not passed
   */
  refresh(): boolean {
    // Pairs with the store in `RingProducer.commit`: every record before the tail is complete.
    this.limit = this.atomics.load(this.control, this.tailIndex);
    return this.limit !== this.position;
  }

  /**
   * Returns the next record seen by the last {@link RingConsumer.refresh}, skipping padding.
   *
   * @returns the index of the record's frame in {@link RingConsumer.data} (in words), or {@link DRAINED}
   * @throws {@link RingmainError} `RINGMAIN_RECORD_CORRUPT` when a frame reaches beyond the tail or the ring's end, or has no known kind
   */
  next(): number {
    while (this.position !== this.limit) {
      const offset = this.position & this.mask;
      const index = offset << 1;
      const units = ((this.data[index] as number) + FRAME_BYTES + 7) >>> 3;
      if ((units - 1) >>> 0 >= (this.limit - this.position) >>> 0 || offset + units > this.mask + 1) this.throwCorrupt(index);
      const kind = this.data[index + 1] as number;
      if ((kind - 1) >>> 0 >= RecordKind.letter) this.throwCorrupt(index);
      if (kind !== RecordKind.padding) return index;
      this.moveTo((this.position + units) | 0);
    }
    return DRAINED;
  }

  /** Passes the record at `index`: it is settled, or its deliveries are in the bay. */
  advance(index: number): void {
    this.moveTo((this.position + (((this.data[index] as number) + FRAME_BYTES + 7) >>> 3)) | 0);
  }

  /**
   * Gives the room of all passed records back to the producer.
   *
   * @returns true when there was any, so that a producer that waits for room is worth a look
   */
  release(): boolean {
    if (this.released === this.position) return false;
    this.released = this.position;
    // Pairs with the load in `RingProducer.hasRoom`: reads of the records come before it.
    this.atomics.store(this.control, this.headIndex, this.position);
    return true;
  }

  private moveTo(position: number): void {
    this.position = position;
    this.control[this.progressIndex] = position;
  }

  private throwCorrupt(index: number): never {
    throw new RingmainError(
      'RINGMAIN_RECORD_CORRUPT',
      `a frame of ${this.data[index]} bytes at position ${this.position} passes the tail ${this.limit}`,
      {
        details: { position: this.position, tail: this.limit, length: this.data[index] },
      },
    );
  }
}
