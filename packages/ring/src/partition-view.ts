/**
 * The partition table as one producer sees it: a copy, taken over when the epoch has changed and no publish is under way.
 *
 * Thread: the producer's.
 * 1. `adopt` copies the table. From then on the producer holds what it publishes to a partition that moves. 2. `acknowledge` says so.
 * The source of a move is the exception: what its own handlers publish goes on to its own lane until it hands over, since deliveries that it has to
 * work off may be waiting to publish just that.
 * Invariant: after `acknowledge` nothing is committed to the owner of a held partition, before the next `adopt`.
 */
import { PARTITION_COUNT } from '@ringmain/core';
import type { AtomicsPort } from './atomics.ts';
import type { PartitionWords } from './partition-map.ts';
import { PARTITION_MOVING, TableWord } from './partition-table-descriptor.ts';
import { ThreadWord } from './thread-descriptor.ts';

const SETTLED = 0;
/** The partition moves. */
const HELD = 1;
/** It leaves this very thread, which still goes on with it. */
const LEAVING = 2;

/** One producer's copy of the partition table. */
export class PartitionView {
  /** Owner of each partition; of one that moves, the present one. */
  readonly owners = new Uint16Array(PARTITION_COUNT);
  /** True while any partition moves, whether or not it is held here. */
  isMoving = false;
  /** Partitions that leave this thread. */
  leaving: readonly number[] = [];
  /** Records of leaving partitions that this thread committed to itself; counts, and wraps never. */
  ownRecords = 0;
  /** The epoch of the copy. */
  epoch: number | undefined;

  private readonly atomics: AtomicsPort;
  private readonly words: PartitionWords;
  private readonly thread: number;
  private readonly states = new Uint8Array(PARTITION_COUNT);

  constructor(atomics: AtomicsPort, words: PartitionWords, thread: number) {
    this.atomics = atomics;
    this.words = words;
    this.thread = thread;
  }

  /** True when the table has changed since it was taken over; the look after arming a bell. */
  get isStale(): boolean {
    return this.load(TableWord.epoch) !== this.epoch;
  }

  /**
   * Takes the table over if it has changed.
   *
   * @returns true when it had
   */
  adopt(): boolean {
    // Before the owners: pairs with the store in `PartitionMap.changed`, so that they are at least as new as the epoch.
    const epoch = this.load(TableWord.epoch);
    if (epoch === this.epoch) return false;
    this.epoch = epoch;
    this.isMoving = false;
    const leaving: number[] = [];
    const handed = this.hasHandedOver;
    for (let partition = 0; partition < this.words.partitions; partition++) {
      const word = this.load(TableWord.owners + partition);
      const owner = word & ~PARTITION_MOVING;
      const moves = word !== owner;
      this.owners[partition] = owner;
      this.isMoving ||= moves;
      if (moves && owner === this.thread) leaving.push(partition);
      this.states[partition] = !moves ? SETTLED : owner === this.thread && !handed ? LEAVING : HELD;
    }
    this.leaving = leaving;
    return true;
  }

  /** Says that the copy is in force. Never while a record that was routed before is not committed yet. */
  acknowledge(): void {
    // Pairs with the load in `PartitionMap.isAcknowledged`.
    this.atomics.store(this.words.control, this.wordOf(ThreadWord.tableEpoch), this.epoch ?? 0);
  }

  /** True when an event of a partition must wait until the partition has arrived. */
  isHeld(partition: number): boolean {
    return this.states[partition] === HELD;
  }

  /** True while a record of a partition that leaves this thread goes on to this thread. */
  isLeaving(partition: number): boolean {
    return this.states[partition] === LEAVING;
  }

  /** True when every producer has acknowledged the move of this copy. */
  get isFenced(): boolean {
    // Pairs with the store in `PartitionMap.fence`: the tails that are loaded after this one are the last word.
    return this.load(TableWord.fence) === this.epoch;
  }

  /** True when this thread has handed over in the epoch of the copy; a successor finds it so too. */
  get hasHandedOver(): boolean {
    return this.atomics.load(this.words.control, this.wordOf(ThreadWord.handedEpoch)) === this.epoch;
  }

  /** Gives the leaving partitions up: from here on this thread holds them like any other producer. */
  handOver(): void {
    for (const partition of this.leaving) this.states[partition] = HELD;
    // Pairs with the load in `PartitionMap.isHandedOver`.
    this.atomics.store(this.words.control, this.wordOf(ThreadWord.handedEpoch), this.epoch ?? 0);
  }

  private wordOf(word: number): number {
    return (this.words.threads[this.thread] as number) + word;
  }

  private load(word: number): number {
    return this.atomics.load(this.words.control, this.words.table + word);
  }
}
