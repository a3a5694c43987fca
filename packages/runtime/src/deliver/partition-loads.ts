/**
 * What time the partitions took, by samples: the time between two readings of the clock is charged to the record that was begun at the first. That is exact for slow
 * handlers, before each of which the clock is read, and a sample of fast ones.
 * Thread: the consumer's; the coordinator reads.
 */
import { partitionOf } from '@ringmain/core';
import type { ThreadContext } from '../thread-context.ts';

const NOT_SAMPLED = -1;

/** Loads of the partitions in one thread. */
export class PartitionLoads {
  private readonly control: Int32Array;
  /** First of the words, one for each partition. */
  private readonly words: number;
  /** Partition of the record that was begun when the clock was read last. */
  private sampled = NOT_SAMPLED;
  private sinceUs = 0;

  constructor({ control, seed, thread }: ThreadContext) {
    this.control = control;
    this.words = (seed.plan.threads[thread]?.partitionLoads ?? 0) >> 2;
  }

  /** The clock was read before a record. @param hash - of its key */
  begin(hash: number, nowUs: number): void {
    this.end(nowUs);
    this.sampled = partitionOf(hash);
    this.sinceUs = nowUs;
  }

  /** The thread runs out of work: time that passes from now on is no partition's. */
  end(nowUs: number): void {
    if (this.sampled === NOT_SAMPLED) return;
    const index = this.words + this.sampled;
    this.control[index] = ((this.control[index] as number) + nowUs - this.sinceUs) | 0;
    this.sampled = NOT_SAMPLED;
  }
}
