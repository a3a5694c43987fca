/**
 * A flat array of integers that remembers what it overwrote, so that the explorer returns to an earlier state in the time of the
 * writes since then, not by running the whole execution again.
 * Thread: the explorer's own.
 */

/** Integers with a journal. */
export class UndoWords {
  private readonly cells: Int32Array;
  private journal = new Int32Array(4096);
  private used = 0;

  /** @param size - number of cells, all zero */
  constructor(size: number) {
    this.cells = new Int32Array(size);
  }

  get(index: number): number {
    return this.cells[index] as number;
  }

  set(index: number, value: number): void {
    const before = this.cells[index] as number;
    if (before === value) return;
    if (this.used + 2 > this.journal.length) this.journal = doubled(this.journal);
    this.journal[this.used++] = index;
    this.journal[this.used++] = before;
    this.cells[index] = value;
  }

  /** The state now, to hand to {@link UndoWords.rewind}. */
  mark(): number {
    return this.used;
  }

  /** Returns to the state at a mark. */
  rewind(mark: number): void {
    while (this.used > mark) {
      this.used -= 2;
      this.cells[this.journal[this.used] as number] = this.journal[this.used + 1] as number;
    }
  }
}

/** A copy of twice the length, for arrays that grow. */
export function doubled(words: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(words.length * 2);
  larger.set(words);
  return larger;
}
