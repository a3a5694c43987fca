/**
 * The deciding side of a circuit breaker's words: sets the gates of one group in all threads, and leases probes.
 *
 * Thread: the coordinator, or the main thread where it hosts the handlers; a successor begins a new round.
 * 1. `set` changes every gate. A new round makes leases of earlier ones void, since a consumer compares rounds when it takes one.
 * 2. `lease` gives probes to threads that say they want some, in turn, and never takes one back within a round: it could have been taken just then.
 * Invariant: the leases of one round are at most the probes it was asked for, over all threads and over all deaths; so the probes taken are, too.
 */
import type { AtomicsPort } from './atomics.ts';
import { BYTE_MAX, BreakerWord, GateMode, ROUND_MASK, gateOf } from './breaker-descriptor.ts';

/** What one thread said of the probes of the present round. */
export interface ProbeReport {
  readonly leased: number;
  readonly taken: number;
  readonly good: number;
  readonly bad: number;
}

/** Counts of calls, wrapping. */
export interface CallWords {
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
  readonly bad: number;
}

/** Words of one group's breaker in all threads that run it. */
export class BreakerBoard {
  private readonly atomics: AtomicsPort;
  private readonly words: Int32Array;
  private readonly bases: readonly number[];
  private readonly leases: number[];
  private round: number;
  private turn = 0;

  /** @param bases - for each thread, the index of its first breaker word plus the number of the group */
  constructor(atomics: AtomicsPort, words: Int32Array, bases: readonly number[]) {
    this.atomics = atomics;
    this.words = words;
    this.bases = bases;
    this.leases = bases.map(() => 0);
    // A predecessor may have ended in the middle of a change: what comes next is newer than all it wrote.
    this.round = bases.reduce((round, _, thread) => newer(round, this.load(thread, BreakerWord.gate) >>> 16), 0);
  }

  /** Probes leased in this round. */
  get leased(): number {
    return this.leases.reduce((sum, lease) => sum + lease, 0);
  }

  /** Sets every gate; a new round if asked for. */
  set(mode: number, value: number, isNew: boolean): void {
    if (isNew) this.round = (this.round + 1) & ROUND_MASK;
    this.leases.fill(0);
    for (let thread = 0; thread < this.bases.length; thread++) this.write(thread, mode, value);
  }

  /**
   * Leases what is left of the probes of this round to threads that want some, one each in turn.
   *
   * @param probes - of the whole round
   * @param isPresent - whether a thread takes part
   * @returns the threads that got some
   */
  lease(probes: number, isPresent: (thread: number) => boolean): number[] {
    const open = this.bases.map((_, thread) => (isPresent(thread) ? this.unmet(thread) : 0));
    const told = new Set<number>();
    let left = probes - this.leased;
    while (left > 0 && open.some((count) => count > 0)) {
      const thread = this.turn % this.bases.length;
      this.turn = thread + 1;
      if ((open[thread] as number) <= 0) continue;
      open[thread] = (open[thread] as number) - 1;
      this.leases[thread] = (this.leases[thread] as number) + 1;
      told.add(thread);
      left--;
    }
    for (const thread of told) this.write(thread, GateMode.probing, this.leases[thread] as number);
    return [...told];
  }

  /** True when a thread that takes part wants more probes than it has leases for. */
  isShort(isPresent: (thread: number) => boolean): boolean {
    return this.bases.some((_, thread) => isPresent(thread) && this.unmet(thread) > 0);
  }

  /** Probes that were taken in the round before this one, as far as threads have said so by now. */
  takenBefore(): number {
    const before = (this.round - 1) & ROUND_MASK;
    return this.bases.reduce((sum, _, thread) => {
      const taken = this.load(thread, BreakerWord.taken);
      return taken >>> 16 === before ? sum + (taken & BYTE_MAX) : sum;
    }, 0);
  }

  /** What a thread said of this round. */
  report(thread: number): ProbeReport {
    const taken = this.load(thread, BreakerWord.taken);
    const returned = this.load(thread, BreakerWord.returned);
    const isOf = (word: number): boolean => word >>> 16 === this.round;
    return {
      leased: this.leases[thread] as number,
      taken: isOf(taken) ? taken & BYTE_MAX : 0,
      good: isOf(returned) ? (returned >>> 8) & BYTE_MAX : 0,
      bad: isOf(returned) ? returned & BYTE_MAX : 0,
    };
  }

  /** Calls that a thread counted. */
  calls(thread: number): CallWords {
    const failed = this.load(thread, BreakerWord.failed);
    const slow = this.load(thread, BreakerWord.slow);
    const bad = this.load(thread, BreakerWord.bad);
    // Last: see `BreakerCell.count`.
    return { failed, slow, bad, calls: this.load(thread, BreakerWord.calls) };
  }

  /** When a thread's oldest running call began, low word of microseconds; 0 for none. */
  running(thread: number): number {
    return this.load(thread, BreakerWord.running);
  }

  private unmet(thread: number): number {
    const wanted = this.load(thread, BreakerWord.wanted);
    if (wanted >>> 16 !== this.round) return 0;
    const { leased, taken } = this.report(thread);
    return (wanted & BYTE_MAX) - (leased - taken);
  }

  private write(thread: number, mode: number, value: number): void {
    // Pairs with the load in `BreakerCell.gate`.
    this.atomics.store(this.words, (this.bases[thread] as number) + BreakerWord.gate, gateOf(this.round, mode, value));
  }

  private load(thread: number, word: number): number {
    return this.atomics.load(this.words, (this.bases[thread] as number) + word);
  }
}

/** The later of two rounds, which wrap. */
function newer(one: number, other: number): number {
  return ((other - one) & ROUND_MASK) < ROUND_MASK >> 1 ? other : one;
}
