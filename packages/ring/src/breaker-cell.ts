/**
 * The consuming side of a circuit breaker's words in one thread: reads the gate, takes probes, and tells of calls.
 *
 * Thread: the consumer's; a successor goes on with the words of its predecessor, so that a probe that ended with its thread stays taken.
 * Invariant: in one round no more probes are taken than the thread had leases for, however many threads the shard has had.
 */
import type { AtomicsPort } from './atomics.ts';
import { BYTE_MAX, BreakerWord, GateMode, ROUND_MASK } from './breaker-descriptor.ts';

/** How a call ended. */
export interface CallEnd {
  readonly failed: boolean;
  readonly slow: boolean;
}

/** Words of one group's breaker in one consumer. */
export class BreakerCell {
  private readonly atomics: AtomicsPort;
  private readonly words: Int32Array;
  private readonly base: number;
  private takenRound: number;
  private taken: number;
  private good = 0;
  private bad = 0;
  private wanted = 0;
  private running = 0;

  /** @param base - index of the thread's first breaker word, plus the number of the group */
  constructor(atomics: AtomicsPort, words: Int32Array, base: number) {
    this.atomics = atomics;
    this.words = words;
    this.base = base;
    const taken = this.load(BreakerWord.taken);
    this.takenRound = taken >>> 16;
    this.taken = taken & BYTE_MAX;
    const returned = this.load(BreakerWord.returned);
    if (returned >>> 16 === this.takenRound) {
      this.good = (returned >>> 8) & BYTE_MAX;
      this.bad = returned & BYTE_MAX;
    }
    // Calls ended with the thread, and what waits is told anew.
    this.store(BreakerWord.running, 0);
    this.store(BreakerWord.wanted, 0);
  }

  /** The gate. Pairs with the store in `BreakerBoard`. */
  gate(): number {
    return this.atomics.load(this.words, this.base + BreakerWord.gate);
  }

  /** How many probes could be taken under a gate. */
  probesLeft(gate: number): number {
    if ((gate & BYTE_MAX) !== GateMode.probing) return 0;
    return Math.max(0, ((gate >>> 8) & BYTE_MAX) - this.takenIn(gate >>> 16));
  }

  /** Takes a probe; false when there is none. The call may begin once this has returned. */
  takeProbe(gate: number): boolean {
    if (this.probesLeft(gate) === 0) return false;
    const round = gate >>> 16;
    this.taken = this.takenIn(round) + 1;
    if (round !== this.takenRound) this.good = this.bad = 0;
    this.takenRound = round;
    // Before the call: a death on the way loses a probe, and repeats none. Pairs with the load in `BreakerBoard.report`.
    this.store(BreakerWord.taken, (round << 16) | this.taken);
    return true;
  }

  /** Says how probes ended; those of an earlier round are of no interest any more. */
  returnProbe(round: number, isGood: boolean, probes = 1): void {
    if (round !== this.takenRound) return;
    if (isGood) this.good += probes;
    else this.bad += probes;
    // Pairs with the load in `BreakerBoard.report`.
    this.store(BreakerWord.returned, (round << 16) | (this.good << 8) | this.bad);
  }

  /**
   * Says how many deliveries would be probes at once.
   *
   * @returns true when that was news
   */
  want(round: number, count: number): boolean {
    const word = (round << 16) | Math.min(count, BYTE_MAX);
    if (word === this.wanted) return false;
    this.wanted = word;
    this.store(BreakerWord.wanted, word);
    return true;
  }

  /** Counts calls that ended alike. */
  count({ failed, slow }: CallEnd, calls = 1): void {
    // Calls first: whoever reads in the other order never finds more failures than calls.
    this.add(BreakerWord.calls, calls);
    if (failed) this.add(BreakerWord.failed, calls);
    if (slow) this.add(BreakerWord.slow, calls);
    if (failed || slow) this.add(BreakerWord.bad, calls);
  }

  /** Says when the oldest call began that runs; 0 for none. */
  runSince(startedUs: number): void {
    const word = startedUs === 0 ? 0 : startedUs | 1;
    if (word === this.running) return;
    this.running = word;
    this.store(BreakerWord.running, word);
  }

  private takenIn(round: number): number {
    return round === this.takenRound ? this.taken : 0;
  }

  private add(word: number, count: number): void {
    // Only this thread writes it.
    this.store(word, ((this.words[this.base + word] as number) + count) | 0);
  }

  private load(word: number): number {
    return this.atomics.load(this.words, this.base + word);
  }

  private store(word: number, value: number): void {
    this.atomics.store(this.words, this.base + word, value);
  }
}

/** The round of a gate. */
export function roundOf(gate: number): number {
  return (gate >>> 16) & ROUND_MASK;
}
