/**
 * Recovery words of a producer: its sequence, and the redo values of the counter and of the credit of its last publish.
 *
 * Thread: the producer only; after its exit, its successor (`resume`).
 * 1. `intend` stores what the counter will be and which tail makes the publish visible; 2. the caller commits that tail;
 * 3. `confirm` takes the credit, moves the counter and withdraws the announcement. Died in between? The tail has the intended value exactly if the
 * commit happened, since nobody else writes it; then the counter is redone.
 * Invariant: between publishes nothing is announced, for unrouted events (and batches of the main thread, whose death nobody survives) move
 * the same counters without a ledger.
 */
import type { AtomicsPort } from './atomics.ts';
import { ThreadWord } from './thread-descriptor.ts';

/** A gap that a successor leaves in the sequence: the last number used may not have been kept, and the pair of words may be torn. */
const RESUME_GAP = 0x1_0000;

/** A producer's publication ledger. */
export class PublicationLedger {
  private readonly words: Int32Array;
  private readonly base: number;
  private readonly cells: Int32Array;

  constructor(words: Int32Array, base: number, cells: Int32Array) {
    this.words = words;
    this.base = base;
    this.cells = cells;
  }

  /**
   * Announces a publish that adds 1 to `cell`, and takes credit, once `tail` stands at `tailIndex`.
   *
   * @param credit - word of the credit that group 0 of the target has used; that of the others follow
   * @param units - what the record takes of each
   * @param groupsLow - bit mask of groups 0 to 31 that take the event
   * @param groupsHigh - the same of groups 32 to 63
   */
  intend(
    cell: number,
    tailIndex: number,
    tail: number,
    credit: number,
    units: number,
    groupsLow: number,
    groupsHigh: number,
  ): void {
    const { words, base, cells } = this;
    words[base + ThreadWord.publishCredit] = credit;
    words[base + ThreadWord.publishUnits] = units;
    words[base + ThreadWord.publishGroupsLow] = groupsLow;
    words[base + ThreadWord.publishGroupsHigh] = groupsHigh;
    const low = ((cells[cell] as number) + 1) | 0;
    words[base + ThreadWord.publishCell] = cell;
    words[base + ThreadWord.publishLow] = low;
    words[base + ThreadWord.publishHigh] = (cells[cell + 1] as number) + (low === 0 ? 1 : 0);
    words[base + ThreadWord.publishTail] = tail;
    // The index announces the publish, so it is stored last.
    words[base + ThreadWord.publishTailIndex] = tailIndex;
  }

  /** Moves the counter and takes the credit, after the commit. */
  confirm(): void {
    const { words, base, cells } = this;
    this.charge(ThreadWord.publishGroupsLow, 0);
    this.charge(ThreadWord.publishGroupsHigh, 32);
    const cell = words[base + ThreadWord.publishCell] as number;
    cells[cell] = words[base + ThreadWord.publishLow] as number;
    cells[cell + 1] = words[base + ThreadWord.publishHigh] as number;
    words[base + ThreadWord.publishTailIndex] = 0;
  }

  /** Keeps the next sequence number, so that a successor does not repeat ids. */
  setSequence(low: number, high: number): void {
    this.words[this.base + ThreadWord.sequenceHigh] = high;
    this.words[this.base + ThreadWord.sequenceLow] = low;
  }

  /**
   * Finishes the predecessor's last publish. Call it once per generation, before the first publish.
   *
   * @returns the sequence to go on with; 0 for the first generation
   */
  resume(atomics: AtomicsPort): { low: number; high: number } {
    const { words, base } = this;
    const tailIndex = words[base + ThreadWord.publishTailIndex] as number;
    if (tailIndex !== 0 && atomics.load(words, tailIndex) === words[base + ThreadWord.publishTail]) {
      this.redoCharge();
      this.confirm();
    }
    // What was announced but not committed is withdrawn, or a later commit might happen to end at the same tail.
    words[base + ThreadWord.publishTailIndex] = 0;
    const low = (words[base + ThreadWord.sequenceLow] as number) >>> 0;
    const high = (words[base + ThreadWord.sequenceHigh] as number) >>> 0;
    if (low === 0 && high === 0) {
      // Marks that this generation lived: it may commit its first event and die before it keeps the next number.
      this.setSequence(1, 0);
      return { low: 0, high: 0 };
    }
    const next = low + RESUME_GAP;
    const sequence = { low: next | 0, high: (high + (next > 0xffff_ffff ? 1 : 0)) | 0 };
    this.setSequence(sequence.low, sequence.high);
    return sequence;
  }

  /** Charges the groups of one mask, one after another; each leaves the mask once it is charged. */
  private charge(mask: number, first: number): void {
    const { words, base, cells } = this;
    let left = words[base + mask] as number;
    while (left !== 0) {
      const credit = (words[base + ThreadWord.publishCredit] as number) + first + 31 - Math.clz32(left & -left);
      const value = ((cells[credit] as number) + (words[base + ThreadWord.publishUnits] as number)) | 0;
      words[base + ThreadWord.publishRedoValue] = value;
      words[base + ThreadWord.publishRedoCredit] = credit;
      cells[credit] = value;
      left &= left - 1;
      words[base + mask] = left;
      words[base + ThreadWord.publishRedoCredit] = 0;
    }
  }

  /** Finishes the charge at which the predecessor died. */
  private redoCharge(): void {
    const { words, base, cells } = this;
    const credit = words[base + ThreadWord.publishRedoCredit] as number;
    if (credit === 0) return;
    cells[credit] = words[base + ThreadWord.publishRedoValue] as number;
    const group = credit - (words[base + ThreadWord.publishCredit] as number);
    const mask = base + (group < 32 ? ThreadWord.publishGroupsLow : ThreadWord.publishGroupsHigh);
    words[mask] = (words[mask] as number) & ~(1 << (group & 31));
    words[base + ThreadWord.publishRedoCredit] = 0;
  }
}
