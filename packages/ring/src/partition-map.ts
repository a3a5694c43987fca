/**
 * The partition table as its one writer moves partitions.
 *
 * Thread: the coordinator; a successor goes on with the words of its predecessor.
 * A move takes partitions from one owner, the source, to others:
 * 1. `begin` marks them and changes the epoch. Producers take the table over, hold what they publish to marked partitions, and acknowledge.
 * 2. `fence`, once all of them have. What the source finds in its lanes from then on is all that will ever come to it for these partitions.
 * 3. The source works that off and hands over (`PartitionHandover`).
 * 4. `finish` names the new owners; or `rollBack` leaves everything as it was. Producers let go what they held.
 * Invariant: at most one move is under way, and its partitions have one source.
 */
import type { AtomicsPort } from './atomics.ts';
import { PARTITION_MOVING, TableWord } from './partition-table-descriptor.ts';
import { ThreadWord } from './thread-descriptor.ts';

/** A partition and the thread that shall own it. */
export interface PartitionMove {
  readonly partition: number;
  /** Thread, not shard. */
  readonly to: number;
}

/** Where the words stand. */
export interface PartitionWords {
  readonly control: Int32Array;
  /** Index of the table's first word. */
  readonly table: number;
  /** Index of each thread's first word. */
  readonly threads: readonly number[];
  /** Number of partitions. */
  readonly partitions: number;
}

/** The writer's side of the partition table. */
export class PartitionMap {
  private readonly atomics: AtomicsPort;
  private readonly words: PartitionWords;

  constructor(atomics: AtomicsPort, words: PartitionWords) {
    this.atomics = atomics;
    this.words = words;
  }

  /** Number of shards that have a thread, or get one. */
  get seats(): number {
    return this.load(TableWord.seats);
  }

  set seats(seats: number) {
    this.store(TableWord.seats, seats);
  }

  /** The owners by partition; of one that moves, its present one. */
  owners(): number[] {
    return Array.from(
      { length: this.words.partitions },
      (_, partition) => this.load(TableWord.owners + partition) & ~PARTITION_MOVING,
    );
  }

  /** Marks partitions, all of one owner. */
  begin(partitions: Iterable<number>): void {
    for (const partition of partitions)
      this.store(TableWord.owners + partition, this.load(TableWord.owners + partition) | PARTITION_MOVING);
    this.changed();
  }

  /** True when each of some threads has taken the table over. */
  isAcknowledged(threads: Iterable<number>): boolean {
    const epoch = this.load(TableWord.epoch);
    for (const thread of threads) {
      // Pairs with the store in `PartitionView.acknowledge`: what the thread had committed before is visible from here on.
      if (this.atomics.load(this.words.control, this.wordOf(thread, ThreadWord.tableEpoch)) !== epoch) return false;
    }
    return true;
  }

  /** Tells the source that every producer has acknowledged. */
  fence(): void {
    this.store(TableWord.fence, this.load(TableWord.epoch));
  }

  /** True when the source has nothing of the marked partitions any more. */
  isHandedOver(source: number): boolean {
    // Pairs with the store in `PartitionView.handOver`: whatever its handlers did comes before the first event at the new owner.
    return this.atomics.load(this.words.control, this.wordOf(source, ThreadWord.handedEpoch)) === this.load(TableWord.epoch);
  }

  /** Names the new owners. */
  finish(moves: Iterable<PartitionMove>): void {
    for (const { partition, to } of moves) this.store(TableWord.owners + partition, to);
    this.changed();
  }

  /**
   * Leaves every marked partition with its owner. Also for a predecessor's move: each partition it had already given to its new owner is not
   * marked any more and stays there.
   *
   * @returns true when there was any
   */
  rollBack(): boolean {
    let found = false;
    for (let partition = 0; partition < this.words.partitions; partition++) {
      const word = this.load(TableWord.owners + partition);
      if ((word & PARTITION_MOVING) === 0) continue;
      found = true;
      this.store(TableWord.owners + partition, word & ~PARTITION_MOVING);
    }
    // Also when nothing was found: a predecessor may have died after its last word and before the epoch.
    this.changed();
    return found;
  }

  private changed(): void {
    // Pairs with the load in `PartitionView.adopt`, which comes before those of the owners.
    this.store(TableWord.epoch, (this.load(TableWord.epoch) + 1) | 0);
  }

  private wordOf(thread: number, word: number): number {
    return (this.words.threads[thread] as number) + word;
  }

  private load(word: number): number {
    return this.atomics.load(this.words.control, this.words.table + word);
  }

  private store(word: number, value: number): void {
    this.atomics.store(this.words.control, this.words.table + word, value);
  }
}
