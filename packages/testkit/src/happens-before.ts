/**
 * Finds data races: two accesses of one word, at least one of them a plain one and at least one a write, that nothing orders.
 * Thread: the explorer's own.
 *
 * Order comes from the program order of a thread, from an atomic store (or read-modify-write) to the atomic load that reads its
 * value, from a notify to the wait it ends, and from a thread's death to its successor. It is the synchronizes-with of the ECMAScript memory
 * model, so what passes here does not rely on the ordering of any processor.
 * Invariant: a cell of (word, category, thread) holds that thread's clock at its last such access, and an access by `thread` comes before
 * everything of `other` when the cell is at most component `thread` of the clock of `other`.
 * Source: C. Flanagan, S. Freund, "FastTrack: efficient and precise dynamic race detection", PLDI 2009; differs in: full vectors, for there
 * are few threads.
 */
import type { ControlWords } from './control-words.ts';
import type { UndoWords } from './undo-words.ts';

/** Categories of access. */
export const Category = { plainWrite: 0, plainRead: 1, atomicWrite: 2, atomicRead: 3 } as const;

/** Names of {@link Category} for reports. */
export const CATEGORY_NAMES: readonly string[] = ['plain write', 'plain read', 'atomic write', 'atomic read'];

/** Answer of the checks when nothing races. */
export const ORDERED = -1;

/** An earlier access that races: `thread * 4 + category`. */
export type Conflict = number;

/** Happens-before of memory accesses. */
export class HappensBefore {
  private readonly cells: UndoWords;
  private readonly control: ControlWords;
  private readonly base: number;
  private readonly stride: number;
  private readonly threads: number;

  /** @param base - first of the cells this may use; {@link HappensBefore.cellsFor} says how many */
  constructor(cells: UndoWords, base: number, control: ControlWords) {
    this.cells = cells;
    this.base = base;
    this.control = control;
    this.threads = control.threads;
    this.stride = 5 * control.threads;
  }

  /** Number of cells needed: four categories and a release clock for each word. */
  static cellsFor(words: number, threads: number): number {
    return words * 5 * threads;
  }

  /** A plain read of a word by a thread. */
  plainRead(thread: number, word: number): Conflict {
    const clock = this.clockOf(thread);
    const cell = this.cell(word, Category.plainRead) + thread;
    // Nothing of this thread was released since the same read before: whoever raced with it in between has said so.
    if (this.cells.get(cell) === clock) return ORDERED;
    this.cells.set(cell, clock);
    const conflict = this.unordered(thread, word, Category.plainWrite);
    return conflict === ORDERED ? this.unordered(thread, word, Category.atomicWrite) : conflict;
  }

  /** A plain write of a word by a thread. */
  plainWrite(thread: number, word: number): Conflict {
    const clock = this.clockOf(thread);
    const cell = this.cell(word, Category.plainWrite) + thread;
    if (this.cells.get(cell) === clock) return ORDERED;
    this.cells.set(cell, clock);
    for (let category = 0; category < 4; category++) {
      const conflict = this.unordered(thread, word, category);
      if (conflict !== ORDERED) return conflict;
    }
    return ORDERED;
  }

  /** An atomic read, which takes over the order that the last atomic write of the word left. */
  atomicRead(thread: number, word: number): Conflict {
    this.acquire(thread, word);
    this.cells.set(this.cell(word, Category.atomicRead) + thread, this.clockOf(thread));
    return this.unordered(thread, word, Category.plainWrite);
  }

  /** An atomic write, which leaves its thread's order to those that read it. */
  atomicWrite(thread: number, word: number): Conflict {
    this.cells.set(this.cell(word, Category.atomicWrite) + thread, this.clockOf(thread));
    const conflict = this.unordered(thread, word, Category.plainWrite);
    const found = conflict === ORDERED ? this.unordered(thread, word, Category.plainRead) : conflict;
    const release = this.cell(word, 4);
    const from = this.control.memoryClock(thread);
    for (let other = 0; other < this.threads; other++) this.cells.set(release + other, this.control.get(from + other));
    this.tick(thread);
    return found;
  }

  /** Leaves the thread's order in `clock`, as a notify does for the waiter it wakes. */
  releaseTo(thread: number, clock: number): void {
    const from = this.control.memoryClock(thread);
    for (let other = 0; other < this.threads; other++) this.control.cells[clock + other] = this.control.get(from + other);
    this.tick(thread);
  }

  private acquire(thread: number, word: number): void {
    const release = this.cell(word, 4);
    const clock = this.control.memoryClock(thread);
    for (let other = 0; other < this.threads; other++) {
      const value = this.cells.get(release + other);
      if (value > this.control.get(clock + other)) this.control.cells[clock + other] = value;
    }
  }

  private tick(thread: number): void {
    const own = this.control.memoryClock(thread) + thread;
    this.control.cells[own] = this.control.get(own) + 1;
  }

  private clockOf(thread: number): number {
    return this.control.get(this.control.memoryClock(thread) + thread);
  }

  private cell(word: number, category: number): number {
    return this.base + word * this.stride + category * this.threads;
  }

  private unordered(thread: number, word: number, category: number): Conflict {
    const cell = this.cell(word, category);
    const clock = this.control.memoryClock(thread);
    for (let other = 0; other < this.threads; other++) {
      if (other !== thread && this.cells.get(cell + other) > this.control.get(clock + other)) return other * 4 + category;
    }
    return ORDERED;
  }
}
