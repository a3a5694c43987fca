/**
 * The leasing side of a bulkhead's permits: sets the quotas of one bulkhead in all threads so that their sum is never exceeded.
 *
 * Thread: the coordinator, the only writer of quotas. A successor goes on with the quotas that it finds.
 * 1. `lease` first lowers the quotas that are to be lower.
 * 2. Then it looks at what is in use: a thread uses at most the larger of its quota and of what it says by then (see `PermitCell.reserve`), until it is given more.
 * 3. What that leaves of the total goes to the threads that are to have more, those with the least first. What is still in use under an older quota is given
 *    at a later look, when it has come back.
 * Invariant: the sum over all threads of the larger of quota and use is at most the total, after each store, also if it is the last one of this thread. After the
 * total was lowered, it never grows until that holds again.
 */
import type { AtomicsPort } from './atomics.ts';
import { CONTENDED, PermitWord } from './permit-descriptor.ts';

/** What the words of one thread say. */
export interface PermitCounts {
  readonly quota: number;
  readonly inUse: number;
  readonly wanted: number;
}

/** Quotas of one bulkhead in all threads. */
export class PermitBoard {
  private readonly atomics: AtomicsPort;
  private readonly words: Int32Array;
  private readonly bases: readonly number[];

  /** @param bases - for each thread, the index of its first permit word plus the number of the bulkhead */
  constructor(atomics: AtomicsPort, words: Int32Array, bases: readonly number[]) {
    this.atomics = atomics;
    this.words = words;
    this.bases = bases;
  }

  /** What a thread has and says. */
  counts(thread: number): PermitCounts {
    return {
      quota: this.quota(thread),
      inUse: this.load(thread, PermitWord.inUse),
      wanted: this.load(thread, PermitWord.wanted),
    };
  }

  /**
   * Brings quotas as close to what they shall be as can be done now.
   *
   * @param total - permits there are
   * @param targets - for each thread, the quota that it shall have; at most `total` together
   * @param contended - whether a thread wants more than it has
   * @returns the threads that have more than before
   */
  lease(total: number, targets: readonly number[], contended: boolean): number[] {
    const mark = contended ? CONTENDED : 0;
    const quotas = this.bases.map((_, thread) => Math.min(this.quota(thread), targets[thread] as number));
    for (const [thread, quota] of quotas.entries()) this.grant(thread, quota | mark);
    // After all quotas that are lower now. Pairs with the store in `PermitCell.reserve`.
    const held = quotas.map((quota, thread) => Math.max(quota, this.load(thread, PermitWord.inUse)));
    let left = total - held.reduce((sum, count) => sum + count, 0);
    const told: number[] = [];
    if (left < 0) return told;
    const neediest = quotas
      .map((_, thread) => thread)
      .toSorted((one, other) => (quotas[one] as number) - (quotas[other] as number));
    for (const thread of neediest) {
      const has = held[thread] as number;
      const quota = Math.min(targets[thread] as number, has + left);
      if (quota <= (quotas[thread] as number)) continue;
      left -= Math.max(0, quota - has);
      this.grant(thread, quota | mark);
      told.push(thread);
    }
    return told;
  }

  private quota(thread: number): number {
    return this.load(thread, PermitWord.quota) & ~CONTENDED;
  }

  private grant(thread: number, word: number): void {
    const index = (this.bases[thread] as number) + PermitWord.quota;
    // Pairs with the load in `PermitCell.quota`.
    if (this.atomics.load(this.words, index) !== word) this.atomics.store(this.words, index, word);
  }

  private load(thread: number, word: number): number {
    return this.atomics.load(this.words, (this.bases[thread] as number) + word);
  }
}

/**
 * Takes back what a thread that has ended says it uses and wants, of all bulkheads: its calls have ended with it.
 * Thread: the coordinator, after the thread's exit and before its successor starts.
 *
 * @param first - index of the thread's first permit word
 */
export function forgetPermits(atomics: AtomicsPort, words: Int32Array, first: number): void {
  for (let index = first + PermitWord.inUse; index < first + PermitWord.limit; index++)
    if (atomics.load(words, index) !== 0) atomics.store(words, index, 0);
}
