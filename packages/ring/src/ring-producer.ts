/**
 * The producing end of a single-producer, single-consumer ring of variable-length records.
 *
 * Thread: the producer only.
 * 1. `claim` finds contiguous room (padding the end of the ring where a record would wrap) and gives its offset.
 * 2. The caller writes the body with plain stores; `seal` writes the frame. Nothing is visible yet.
 * 3. `commit` publishes everything sealed so far by one atomic store of the tail. A batch commits once.
 * A producer that dies before `commit` leaves nothing behind: its successor starts again from the committed tail.
 *
 * Invariant: 0 ≤ tail - head ≤ capacity, as wrapping 32-bit differences.
 * Source: the single-producer Disruptor and Agrona's OneToOneRingBuffer; differs in: the tail is the only commit, so no
 * record is zeroed in advance and no trailer is written.
 */
import { LANE_RECORD_DIVISOR, RingmainError } from '@ringmain/core';
import type { AtomicsPort } from './atomics.ts';
import { FRAME_BYTES, RecordKind, unitsFor } from './ring-descriptor.ts';

/** Answer of {@link RingProducer.claim} when there is no room. */
export const NO_ROOM = -1;

/** Where the control words of a ring stand. */
export interface RingWords {
  /** The words that hold tail, head and progress. */
  readonly control: Int32Array;
  readonly tailIndex: number;
  readonly headIndex: number;
  readonly progressIndex: number;
  /** The ring's data; length a power of two. */
  readonly data: Int32Array;
}

/** Producing end of a ring. */
export class RingProducer {
  /** Capacity in bytes. */
  readonly capacityBytes: number;
  /** Largest body that is ever accepted, in bytes. */
  readonly bodyBytesMax: number;

  private readonly atomics: AtomicsPort;
  private readonly control: Int32Array;
  private readonly tailIndex: number;
  private readonly headIndex: number;
  private readonly data: Int32Array;
  private readonly capacity: number;
  private readonly mask: number;
  private tail: number;
  private committed: number;
  private headSeen: number;
  private claimed = NO_ROOM;
  /** Bytes of the open claim; -1 when none is open, so that one comparison in `seal` finds both mistakes. */
  private claimedBytes = -1;
  /** Units behind the committed tail that the last refused claim would have reached. */
  private refusedUnits = 0;

  constructor(atomics: AtomicsPort, words: RingWords) {
    this.atomics = atomics;
    this.control = words.control;
    this.tailIndex = words.tailIndex;
    this.headIndex = words.headIndex;
    this.data = words.data;
    this.capacityBytes = words.data.length * 4;
    this.capacity = this.capacityBytes / FRAME_BYTES;
    if (this.capacity < 2 || (this.capacity & (this.capacity - 1)) !== 0) {
      throw new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `ring capacity is ${this.capacityBytes} bytes`, {
        allowed: 'a power of two of at least 16',
      });
    }
    this.mask = this.capacity - 1;
    this.bodyBytesMax = this.capacityBytes / LANE_RECORD_DIVISOR - FRAME_BYTES;
    // Pairs with the store in `commit`: after a crash the successor of this producer goes on from here.
    this.tail = atomics.load(this.control, this.tailIndex);
    this.committed = this.tail;
    // Pairs with the store in `RingConsumer.release`.
    this.headSeen = atomics.load(this.control, this.headIndex);
  }

  /**
   * Reserves contiguous room for a body.
   *
   * @param bodyBytes - upper bound of the body's size, from 0 to {@link RingProducer.bodyBytesMax}
   * @returns the byte offset of the body in the ring's data, 8-aligned; {@link NO_ROOM} when the ring is too full
   * @throws {@link RingmainError} `RINGMAIN_PAYLOAD_TOO_LARGE` when no state of the ring could take it,
   * `RINGMAIN_CLAIM_OPEN` when the previous claim was neither sealed nor aborted (a publish inside an encoder)
   */
  claim(bodyBytes: number): number {
    // Written so that NaN, which a custom codec may measure, is refused too.
    if (!(bodyBytes >= 0 && bodyBytes <= this.bodyBytesMax)) this.throwTooLarge(bodyBytes);
    if (this.claimed !== NO_ROOM) throw new RingmainError('RINGMAIN_CLAIM_OPEN', 'a record is still being written to this lane');
    const units = unitsFor(bodyBytes);
    const tail = this.tail;
    const offset = tail & this.mask;
    const untilWrap = this.capacity - offset;
    if (units <= untilWrap) {
      if (!this.hasRoom(tail, units)) return this.refuse(units);
      this.claimed = offset;
      this.claimedBytes = bodyBytes;
      return (offset << 3) + FRAME_BYTES;
    }
    if (!this.hasRoom(tail, units + untilWrap)) return this.refuse(units + untilWrap);
    this.data[offset << 1] = (untilWrap << 3) - FRAME_BYTES;
    this.data[(offset << 1) + 1] = RecordKind.padding;
    this.tail = (tail + untilWrap) | 0;
    this.claimed = 0;
    this.claimedBytes = bodyBytes;
    return FRAME_BYTES;
  }

  /**
   * Ends the open claim with its real size. Not visible to the consumer before {@link RingProducer.commit}.
   *
   * @param kind - one of `RecordKind`
   * @param bodyBytes - bytes written, at most what was claimed
   * @throws {@link RingmainError} `RINGMAIN_CLAIM_OPEN` when no claim is open (a `rollback` inside an encoder ended it) or more was
   * written than claimed; the claim is given up and nothing becomes visible
   */
  seal(kind: number, bodyBytes: number): void {
    if (!(bodyBytes >= 0 && bodyBytes <= this.claimedBytes)) this.throwNotClaimed(bodyBytes);
    const index = this.claimed << 1;
    this.data[index] = bodyBytes;
    this.data[index + 1] = kind;
    this.tail = (this.tail + unitsFor(bodyBytes)) | 0;
    this.claimed = NO_ROOM;
    this.claimedBytes = -1;
  }

  /** Gives up the open claim; nothing of it becomes visible. A padding record that it needed stays, and is harmless. */
  abort(): void {
    this.claimed = NO_ROOM;
    this.claimedBytes = -1;
  }

  /** Publishes every sealed record. */
  commit(): void {
    if (this.tail === this.committed) return;
    this.committed = this.tail;
    // Pairs with the load in `RingConsumer.refresh`: plain stores of the records come before it.
    this.atomics.store(this.control, this.tailIndex, this.tail);
  }

  /** Forgets every sealed record that was not committed; used when a batch does not fit as a whole. */
  rollback(): void {
    this.abort();
    this.tail = this.committed;
  }

  /** Bytes of sealed records (and their padding) that were not committed. */
  get uncommittedBytes(): number {
    return ((this.tail - this.committed) | 0) * FRAME_BYTES;
  }

  /** The tail after the sealed records, as `commit` would publish it. */
  get sealedTail(): number {
    return this.tail;
  }

  /** Bytes that wait in the ring; exact for the producer's side, at most stale by what the consumer freed since. */
  depthBytes(): number {
    this.headSeen = this.atomics.load(this.control, this.headIndex);
    return ((this.tail - this.headSeen) | 0) * FRAME_BYTES;
  }

  /**
   * Tells whether it is worth trying again after {@link NO_ROOM}.
   *
   * @returns true when at most half of the ring is used (hysteresis, so that a producer is not woken for every record that leaves) and
   * what was refused last would fit; always true for an empty ring
   */
  hasRoomAgain(): boolean {
    this.headSeen = this.atomics.load(this.control, this.headIndex);
    const used = (this.committed - this.headSeen) | 0;
    return used * 2 <= this.capacity && used + Math.min(this.refusedUnits, this.capacity) <= this.capacity;
  }

  private refuse(units: number): typeof NO_ROOM {
    this.refusedUnits = ((this.tail - this.committed) | 0) + units;
    return NO_ROOM;
  }

  private hasRoom(tail: number, units: number): boolean {
    if (((tail - this.headSeen) | 0) + units <= this.capacity) return true;
    // Pairs with the store in `RingConsumer.release`; looked at only when the cached head says full.
    this.headSeen = this.atomics.load(this.control, this.headIndex);
    return ((tail - this.headSeen) | 0) + units <= this.capacity;
  }

  private throwNotClaimed(bodyBytes: number): never {
    const claimedBytes = this.claimedBytes;
    this.abort();
    throw new RingmainError('RINGMAIN_CLAIM_OPEN', `${bodyBytes} bytes were written to a claim of ${claimedBytes}`, {
      allowed: 'at most what was claimed, while the claim is open',
      details: { bytes: bodyBytes, claimedBytes },
    });
  }

  private throwTooLarge(bodyBytes: number): never {
    throw new RingmainError('RINGMAIN_PAYLOAD_TOO_LARGE', `the record needs ${bodyBytes} bytes`, {
      allowed: `at most ${this.bodyBytesMax} bytes in a lane of ${this.capacityBytes} bytes`,
      details: { bytes: bodyBytes, bytesMax: this.bodyBytesMax, capacityBytes: this.capacityBytes },
    });
  }
}
