/**
 * The bay: deliveries that outlive their drain turn, in shared memory, so that they outlive their thread too.
 *
 * Thread: the consumer only.
 * 1. `park` copies the record's body once (deliveries of the same record share it), fills a slot and sets its state last.
 * 2. The ledger moves its step on; from then on the slot, not the ring, owns the delivery.
 * 3. `start` marks a waiting slot as running and counts the attempt; `settle` frees it after its counter moved; `postpone` has it wait again.
 * A slot that a thread left in `filling` was not yet owned and is free again; one in `settled` has its counter redone.
 *
 * Invariant: a slot is live (waiting or running) from its state store until `settle`; its body block is taken as long.
 */
import { LIMITS, PARTITION_COUNT, RingmainError, partitionOf } from '@ringmain/core';
import { BAY_SLOT_WORDS, FAILURE_UNIT, SlotState, SlotWord } from './bay-descriptor.ts';
import { BuddyAllocator, NO_BLOCK } from './buddy-allocator.ts';
import { creditUnits } from './credit-descriptor.ts';

/** A slot number; slots are named by it everywhere. */
export type Slot = number;

/** What a parked delivery is about. */
export interface Parking {
  readonly lane: number;
  readonly position: number;
  readonly sequenceLow: number;
  readonly sequenceHigh: number;
  readonly step: number;
  readonly keyHash: number;
  /** Deliveries begun so far; 0 when the handler has not run. */
  readonly attempt: number;
  readonly crashes: number;
}

const NO_BODY = -1;

/** A consumer's bay. */
export class Bay {
  /** Live slots. */
  live = 0;

  private readonly slots: Int32Array;
  private readonly bodies: Int32Array;
  private readonly slotCount: number;
  private readonly blocks: BuddyAllocator;
  private readonly free: number[] = [];
  /** Live slots per body, by first chunk. */
  private readonly sharers: Uint16Array;
  /** Live slots by partition: what tells a thread that a partition may leave it. */
  private readonly byPartition = new Int32Array(PARTITION_COUNT);
  private order = 0;
  private bodyPosition = 0;
  private bodySequence = 0;
  private bodyLane = NO_BODY;
  private bodyChunk = NO_BODY;

  /**
   * @param slots - words of the slots, {@link BAY_SLOT_WORDS} each
   * @param bodies - words of the bodies; a power of two of chunks
   */
  constructor(slots: Int32Array, bodies: Int32Array) {
    this.slots = slots;
    this.bodies = bodies;
    this.slotCount = slots.length / BAY_SLOT_WORDS;
    const chunks = (bodies.length * 4) / LIMITS.bayChunkBytes;
    this.blocks = new BuddyAllocator(chunks);
    this.sharers = new Uint16Array(chunks);
    for (let slot = this.slotCount - 1; slot >= 0; slot--) this.free.push(slot);
  }

  /**
   * Tells whether deliveries of one record can be parked now.
   *
   * @param bodyBytes - size of the record's body
   * @param deliveries - how many share it
   * @param keep - true to leave a quarter of the bay free, for records that must not wait behind this one
   */
  canPark(bodyBytes: number, deliveries = 1, keep = false): boolean {
    const order = blockOrder(bodyBytes);
    if (this.free.length < deliveries || !this.blocks.fits(order)) return false;
    if (!keep) return true;
    const chunksLeft = this.blocks.freeChunks - (1 << order);
    return this.free.length - deliveries >= this.slotCount >> 2 && chunksLeft >= this.sharers.length >> 2;
  }

  /**
   * Parks one delivery of a record. The caller checked {@link Bay.canPark} before it began the delivery.
   *
   * @param source - words that hold the record
   * @param index - index of the body's first word in `source`
   * @param bodyBytes - size of the body
   * @param running - true when its handler already runs (it returned a promise), false when it waits
   * @throws {@link RingmainError} `RINGMAIN_LIMIT_EXCEEDED` when no slot or body is left, which `canPark` would have said
   */
  park(parking: Parking, source: Int32Array, index: number, bodyBytes: number, running: boolean): Slot {
    const slot = this.free.pop();
    if (slot === undefined) this.throwFull(bodyBytes);
    const base = slot * BAY_SLOT_WORDS;
    const words = this.slots;
    words[base] = SlotState.filling;
    const chunk = this.body(parking, source, index, bodyBytes);
    words[base + SlotWord.lane] = parking.lane;
    words[base + SlotWord.position] = parking.position;
    words[base + SlotWord.sequenceLow] = parking.sequenceLow;
    words[base + SlotWord.sequenceHigh] = parking.sequenceHigh;
    words[base + SlotWord.step] = parking.step;
    words[base + SlotWord.order] = this.order = (this.order + 1) | 0;
    words[base + SlotWord.attempt] = parking.attempt;
    words[base + SlotWord.crashes] = parking.crashes;
    words[base + SlotWord.keyHash] = parking.keyHash;
    words[base + SlotWord.bodyChunk] = chunk;
    words[base + SlotWord.bodyBytes] = bodyBytes;
    words[base + SlotWord.delay] = 0;
    words[base + SlotWord.ended] = 0;
    words[base + SlotWord.firstMs] = 0;
    // The state makes the slot the owner of the delivery, so it is stored last.
    words[base] = running ? SlotState.running : SlotState.waiting;
    this.live++;
    this.countPartition(slot, 1);
    return slot;
  }

  /** Marks a waiting slot as running and returns the number of this attempt, from 1. */
  start(slot: Slot): number {
    const base = slot * BAY_SLOT_WORDS;
    const attempt = (this.slots[base + SlotWord.attempt] as number) + 1;
    this.slots[base + SlotWord.attempt] = attempt;
    this.slots[base + SlotWord.delay] = -Math.abs(this.slots[base + SlotWord.delay] as number);
    this.slots[base] = SlotState.running;
    return attempt;
  }

  /**
   * Has a delivery wait for its next attempt, since the last one failed.
   *
   * @param dueMs - when that is due, in milliseconds of the runtime
   * @param delayMs - how long that is from now
   */
  postpone(slot: Slot, dueMs: number, delayMs: number): void {
    const base = slot * BAY_SLOT_WORDS;
    // Before the state: should the thread die in between, the attempt has failed all the same.
    this.slots[base + SlotWord.ended] = (this.slots[base + SlotWord.ended] as number) + FAILURE_UNIT;
    this.slots[base + SlotWord.due] = dueMs | 0;
    this.slots[base + SlotWord.firstMs] ||= (dueMs - delayMs) | 0 || 1;
    this.slots[base + SlotWord.delay] = delayMs + 1;
    this.slots[base] = SlotState.waiting;
  }

  /** Notes that a delivery has ended, and why: whoever takes over begins no further attempt. */
  markEnded(slot: Slot, why: number): void {
    this.slots[slot * BAY_SLOT_WORDS + SlotWord.ended] = this.failures(slot) * FAILURE_UNIT + why;
  }

  /** Why a delivery has ended; 0 as long as it has not. */
  endedWhy(slot: Slot): number {
    return this.word(slot, SlotWord.ended) % FAILURE_UNIT;
  }

  /** Attempts of a delivery that failed. Those that ended with their thread are none. */
  failures(slot: Slot): number {
    return Math.floor(this.word(slot, SlotWord.ended) / FAILURE_UNIT);
  }

  /** True while a slot waits for its next attempt, or behind another of its key after its last one. */
  isPostponed(slot: Slot): boolean {
    return this.word(slot, SlotWord.delay) > 0;
  }

  /** The delay before the last attempt of a slot, in milliseconds; 0 when there was none. */
  lastDelayMs(slot: Slot): number {
    return Math.max(0, Math.abs(this.word(slot, SlotWord.delay)) - 1);
  }

  /** Code of its group runs for a waiting slot, which is no attempt: a death there is charged to it. */
  beginAsking(slot: Slot): void {
    this.slots[slot * BAY_SLOT_WORDS] = SlotState.running;
  }

  /**
   * Ends a delivery: moves its counter and its credit, with redo values that make the move happen exactly once, and frees the slot.
   *
   * @param cells - words of the counters and of the credit
   * @param cell - index of the cell's low word
   * @param credit - index of the word that counts what the delivery's group returned to its producer
   */
  settle(slot: Slot, cells: Int32Array, cell: number, credit: number): void {
    const base = slot * BAY_SLOT_WORDS;
    const value = ((cells[cell] as number) + 1) | 0;
    this.slots[base + SlotWord.redoCell] = cell;
    this.slots[base + SlotWord.redoValue] = value;
    this.slots[base + SlotWord.redoHigh] = value === 0 ? (cells[cell + 1] as number) + 1 : (cells[cell + 1] as number);
    this.slots[base + SlotWord.redoCredit] = credit;
    this.slots[base + SlotWord.redoReturned] =
      ((cells[credit] as number) + creditUnits(this.slots[base + SlotWord.bodyBytes] as number)) | 0;
    this.slots[base] = SlotState.settled;
    this.finish(base, cells);
    this.release(slot);
  }

  /** Deliveries of a partition. */
  liveIn(partition: number): number {
    return this.byPartition[partition] as number;
  }

  /** True while a slot holds a delivery. */
  isLive(slot: Slot): boolean {
    const state = this.slots[slot * BAY_SLOT_WORDS];
    return state === SlotState.waiting || state === SlotState.running;
  }

  /** Reads a word of a slot; see `SlotWord`. */
  word(slot: Slot, offset: number): number {
    return this.slots[slot * BAY_SLOT_WORDS + offset] as number;
  }

  /** Byte offset of a slot's body in the bodies region. */
  bodyOffset(slot: Slot): number {
    return this.word(slot, SlotWord.bodyChunk) * LIMITS.bayChunkBytes;
  }

  /**
   * Takes over from a dead predecessor: finishes settled slots, drops unfinished ones and rebuilds the free lists.
   *
   * @returns the live slots, oldest first, all waiting again
   */
  recover(cells: Int32Array): Slot[] {
    const live: Slot[] = [];
    this.free.length = 0;
    for (let slot = this.slotCount - 1; slot >= 0; slot--) {
      const base = slot * BAY_SLOT_WORDS;
      const state = this.slots[base] as number;
      if (state === SlotState.waiting || state === SlotState.running) {
        live.push(slot);
        continue;
      }
      if (state === SlotState.settled) this.finish(base, cells);
      this.slots[base] = SlotState.free;
      this.free.push(slot);
    }
    for (const slot of live) {
      const chunk = this.word(slot, SlotWord.bodyChunk);
      if (this.sharers[chunk] === 0) this.blocks.reserve(chunk, blockOrder(this.word(slot, SlotWord.bodyBytes)));
      this.sharers[chunk] = (this.sharers[chunk] as number) + 1;
      this.slots[slot * BAY_SLOT_WORDS] = SlotState.waiting;
    }
    live.sort((a, b) => (this.word(a, SlotWord.order) - this.word(b, SlotWord.order)) | 0);
    const last = live.at(-1);
    if (last !== undefined) {
      this.order = this.word(last, SlotWord.order);
      // The predecessor may have died between two steps of this record; the steps that follow share its body.
      this.remember(this.word(last, SlotWord.lane), this.word(last, SlotWord.position), this.word(last, SlotWord.sequenceLow));
      this.bodyChunk = this.word(last, SlotWord.bodyChunk);
    }
    this.live = live.length;
    this.byPartition.fill(0);
    for (const slot of live) this.countPartition(slot, 1);
    return live;
  }

  /** Tells whether a live slot holds this step of this record: then the step was done before the thread died. */
  holds(lane: number, position: number, sequenceLow: number, step: number): boolean {
    for (let slot = 0; slot < this.slotCount; slot++) {
      const base = slot * BAY_SLOT_WORDS;
      const state = this.slots[base] as number;
      if (state !== SlotState.waiting && state !== SlotState.running) continue;
      if (this.slots[base + SlotWord.lane] !== lane || this.slots[base + SlotWord.position] !== position) continue;
      if (this.slots[base + SlotWord.sequenceLow] === sequenceLow && this.slots[base + SlotWord.step] === step) return true;
    }
    return false;
  }

  private body(parking: Parking, source: Int32Array, index: number, bodyBytes: number): number {
    const known = this.bodyChunk !== NO_BODY && this.bodyLane === parking.lane && this.bodyPosition === parking.position;
    if (known && this.bodySequence === parking.sequenceLow) {
      this.sharers[this.bodyChunk] = (this.sharers[this.bodyChunk] as number) + 1;
      return this.bodyChunk;
    }
    const chunk = this.blocks.allocate(blockOrder(bodyBytes));
    if (chunk === NO_BLOCK) this.throwFull(bodyBytes);
    const target = (chunk * LIMITS.bayChunkBytes) >> 2;
    for (let word = 0; word < (bodyBytes + 3) >> 2; word++) this.bodies[target + word] = source[index + word] as number;
    this.sharers[chunk] = 1;
    this.remember(parking.lane, parking.position, parking.sequenceLow);
    this.bodyChunk = chunk;
    return chunk;
  }

  /** Names the record whose further deliveries share the last body. */
  private remember(lane: number, position: number, sequenceLow: number): void {
    this.bodyLane = lane;
    this.bodyPosition = position;
    this.bodySequence = sequenceLow;
  }

  private throwFull(bodyBytes: number): never {
    throw new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `the bay has no place for a delivery of ${bodyBytes} bytes`, {
      allowed: `${this.slotCount} deliveries in ${this.bodies.length * 4} bytes`,
      details: { live: this.live, slots: this.slotCount, freeBytes: this.blocks.freeChunks * LIMITS.bayChunkBytes },
    });
  }

  /** Moves the counter and the credit of a settled slot to their absolute values; doing it twice changes nothing. */
  private finish(base: number, cells: Int32Array): void {
    const cell = this.slots[base + SlotWord.redoCell] as number;
    cells[cell] = this.slots[base + SlotWord.redoValue] as number;
    cells[cell + 1] = this.slots[base + SlotWord.redoHigh] as number;
    cells[this.slots[base + SlotWord.redoCredit] as number] = this.slots[base + SlotWord.redoReturned] as number;
  }

  private countPartition(slot: Slot, by: 1 | -1): void {
    const partition = partitionOf(this.word(slot, SlotWord.keyHash));
    this.byPartition[partition] = (this.byPartition[partition] as number) + by;
  }

  private release(slot: Slot): void {
    const base = slot * BAY_SLOT_WORDS;
    const chunk = this.slots[base + SlotWord.bodyChunk] as number;
    const bytes = this.slots[base + SlotWord.bodyBytes] as number;
    this.slots[base] = SlotState.free;
    this.live--;
    this.countPartition(slot, -1);
    this.free.push(slot);
    this.sharers[chunk] = (this.sharers[chunk] as number) - 1;
    if (this.sharers[chunk] === 0) {
      if (chunk === this.bodyChunk) this.bodyChunk = NO_BODY;
      this.blocks.free(chunk, blockOrder(bytes));
    }
  }
}

function blockOrder(bodyBytes: number): number {
  return BuddyAllocator.orderOf(Math.ceil(bodyBytes / LIMITS.bayChunkBytes));
}

/**
 * Charges a thread's death to the deliveries that ran in its bay; they wait then, so that the death of a successor that never came to run
 * them is not charged to them. Supervisor only, after the thread's exit.
 *
 * @param slots - words of the bay's slots
 * @param solo - the slot that ran alone, which then is the only suspect; -1 when none did
 */
export function chargeBay(slots: Int32Array, solo: Slot): void {
  for (let base = 0; base < slots.length; base += BAY_SLOT_WORDS) {
    if (slots[base] !== SlotState.running) continue;
    if (solo !== -1 && base !== solo * BAY_SLOT_WORDS) continue;
    slots[base + SlotWord.crashes] = (slots[base + SlotWord.crashes] as number) + 1;
    slots[base] = SlotState.waiting;
  }
}
