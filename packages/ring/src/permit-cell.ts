/**
 * The consuming side of a bulkhead's permits in one thread: takes permits within the thread's quota, and says how many it uses.
 *
 * Thread: the consumer's. A successor begins with none in use: what its predecessor ran ended with it.
 * 1. `reserve` says that one more is in use, and looks at the quota after that. Whoever lowers a quota writes it, and looks at what is in use after that. So
 *    one of the two sees the other: either the consumer finds the lower quota and takes its word back, or the coordinator counts the permit as used.
 * 2. `enter` turns the permit in hand into one of a call that goes on; `leave` gives it back. A call that returns at once leaves it in hand for the next.
 * 3. `rest` gives the permit in hand back when nothing more is to begin, and offers what is left of the quota to others that want it.
 * 4. Whatever the coordinator may wait for is followed by a ring of its bell: a first want, a permit that came back beyond the quota, an offer.
 * Invariant: calls that run, plus one in hand, are never more than `inUse` says, and none begins beyond the quota.
 * Source: Dekker's mutual exclusion (Dijkstra, EWD 123), its first half; nobody waits here, the consumer just takes no permit.
 */
import type { AtomicsPort } from './atomics.ts';
import type { Doorbell } from './doorbell.ts';
import { CONTENDED, PermitWord } from './permit-descriptor.ts';

/** Permits of one bulkhead in one consumer. */
export class PermitCell {
  private readonly atomics: AtomicsPort;
  private readonly words: Int32Array;
  private readonly base: number;
  private readonly bell: Doorbell;
  private used = 0;
  private inHand = 0;
  private wanted = 0;

  /**
   * @param base - index of the thread's first permit word, plus the number of the bulkhead
   * @param bell - of the coordinator
   */
  constructor(atomics: AtomicsPort, words: Int32Array, base: number, bell: Doorbell) {
    this.atomics = atomics;
    this.words = words;
    this.base = base;
    this.bell = bell;
    // Calls ended with the thread, and what waits is told anew.
    this.store(PermitWord.inUse, 0);
    this.store(PermitWord.wanted, 0);
    this.limitTo(0);
  }

  /** True when the quota allows one more than runs. */
  get hasRoom(): boolean {
    return this.quota() > this.used;
  }

  /** Takes a permit into the hand, unless one is there; false when the quota does not allow it. The call may begin once this has returned true. */
  reserve(): boolean {
    if (this.inHand === 0) {
      // Without room nobody is troubled by a word that would be taken back.
      if (!this.hasRoom) return false;
      this.inHand = 1;
      // Before the second look. Pairs with the load in `PermitBoard.lease`.
      this.store(PermitWord.inUse, this.used + 1);
    }
    if (this.hasRoom) return true;
    this.release();
    return false;
  }

  /**
   * A call goes on: with the permit in hand if there is one, else without asking.
   *
   * @param isLeased - false where nobody leases permits, and the number is for whoever reads figures
   */
  enter(isLeased = true): void {
    this.used++;
    if (!isLeased) this.tellUsed();
    else if (this.inHand === 1) this.inHand = 0;
    else this.store(PermitWord.inUse, this.used);
  }

  /** A call that went on has ended. @param isLeased - as in `enter` */
  leave(isLeased = true): void {
    this.used--;
    if (isLeased) this.giveBack();
    else this.tellUsed();
  }

  /** Nothing begins for now: gives the permit in hand back, and offers what is left of the quota. */
  rest(): void {
    this.release();
    if (this.wanted !== 0) return;
    const quota = this.atomics.load(this.words, this.base + PermitWord.quota);
    if ((quota & CONTENDED) !== 0 && (quota & ~CONTENDED) > this.used) this.bell.ring();
  }

  /** Says how many deliveries would begin at once if the quota allowed it. */
  want(count: number): void {
    if (count === this.wanted) return;
    const isNews = this.wanted === 0;
    this.wanted = count;
    // Pairs with the load in `PermitBoard.counts`.
    this.store(PermitWord.wanted, count);
    if (isNews) this.bell.ring();
  }

  /** Says the limit that adapts, for whoever reads figures. */
  limitTo(limit: number): void {
    this.words[this.base + PermitWord.limit] = limit;
  }

  /** Counts a time that the share of the processor was used up. */
  countCpuHeld(): void {
    const index = this.base + PermitWord.cpuHeld;
    this.words[index] = ((this.words[index] as number) + 1) | 0;
  }

  private tellUsed(): void {
    this.words[this.base + PermitWord.inUse] = this.used + this.inHand;
  }

  private release(): void {
    if (this.inHand === 0) return;
    this.inHand = 0;
    this.giveBack();
  }

  private giveBack(): void {
    const left = this.used + this.inHand;
    this.store(PermitWord.inUse, left);
    // It was beyond the quota: the coordinator has other plans for it.
    if (this.quota() <= left) this.bell.ring();
  }

  private quota(): number {
    // Pairs with the store in `PermitBoard.grant`.
    return this.atomics.load(this.words, this.base + PermitWord.quota) & ~CONTENDED;
  }

  private store(word: number, value: number): void {
    this.atomics.store(this.words, this.base + word, value);
  }
}
