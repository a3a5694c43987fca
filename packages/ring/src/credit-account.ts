/**
 * The producing side of credit: what one producer may still publish to one group of one consumer.
 * Thread: the producer only.
 *
 * 1. `hasRoom` before the record is written. 2. The record is committed. 3. `charge` takes its size; producers that may die charge through
 * their `PublicationLedger` and say so with `charged`. In between, the consumer may have returned what was not charged yet: all are wrapping
 * differences.
 * Invariant: `left > 0` before each record, so a group never has more outstanding than its limit and one record.
 *
 * The last part of a window is kept for higher priorities: low events may use three quarters of it, normal ones seven eighths, high ones fifteen
 * sixteenths, critical ones all. Otherwise a flood of low events would use up what a critical one needs. Windows of a few units have nothing to keep.
 */
import type { AtomicsPort } from './atomics.ts';
import { CreditWord } from './credit-descriptor.ts';

/** What a priority leaves to those above it, as the power of two that divides the window: nothing, 1/16, 1/8, 1/4. */
const KEPT_SHIFT = [31, 4, 3, 2] as const;

/** Credit of one (producer, consumer, group). */
export class CreditAccount {
  /** Number of the group. */
  readonly group: number;
  /** Units up to the limit that was seen last; not positive when they are used up. */
  left = 0;
  /** By priority: units that are kept for higher ones. */
  readonly kept = [0, 0, 0, 0];

  private readonly atomics: AtomicsPort;
  private readonly control: Int32Array;
  private readonly publishedIndex: number;
  private readonly refusedIndex: number;
  private readonly limitIndex: number;
  private readonly windowIndex: number;
  private readonly waitsAtIndex: number;
  private limit = 0;
  private window = 0;
  /** Units of records that are written and not committed yet. */
  private reserved = 0;

  /**
   * @param base - index of the link's first credit word
   * @param group - number of the group
   */
  constructor(atomics: AtomicsPort, control: Int32Array, base: number, group: number) {
    this.group = group;
    this.atomics = atomics;
    this.control = control;
    this.publishedIndex = base + CreditWord.published + group;
    this.refusedIndex = base + CreditWord.refused + group;
    this.limitIndex = base + CreditWord.limit + group;
    this.windowIndex = base + CreditWord.window + group;
    this.waitsAtIndex = base + CreditWord.waitsAt + group;
    this.look();
    this.lookAtWindow();
  }

  /** True when a record of a priority, of whatever size, may be published to the group. */
  hasRoom(priority: number): boolean {
    if (this.left > (this.kept[priority] as number)) return true;
    if (this.look() <= 0) return false;
    this.lookAtWindow();
    return this.left > (this.kept[priority] as number);
  }

  /** Takes the credit of a record that was committed. Not for producers that may die; see `PublicationLedger`. */
  charge(units: number): void {
    this.left -= units;
    this.control[this.publishedIndex] = ((this.control[this.publishedIndex] as number) + units) | 0;
  }

  /** Says that a ledger took the credit of a record. */
  charged(units: number): void {
    this.left -= units;
  }

  /** Sets credit aside for a record that is written and not committed; a negative number gives it back. */
  reserve(units: number): void {
    this.reserved += units;
    this.left -= units;
  }

  /** Counts a publish that was refused. */
  refuse(): void {
    this.control[this.refusedIndex] = ((this.control[this.refusedIndex] as number) + 1) | 0;
  }

  /** Looks at the limit again; returns what is left. */
  look(): number {
    // Pairs with the store in `CreditWindow.grant`; looked at only when the last one seen is used up.
    this.limit = this.atomics.load(this.control, this.limitIndex);
    this.left = (this.limit - (this.control[this.publishedIndex] as number) - this.reserved) | 0;
    return this.left;
  }

  /**
   * Tells whether it is worth publishing again after a refusal: half of the credit is back (hysteresis, so that a producer is not woken for
   * every record that settles).
   *
   * @remarks Says from where it waits, before it looks: the consumer rings once half of the window is beyond that.
   */
  hasRoomAgain(): boolean {
    const published = this.control[this.publishedIndex] as number;
    // Pairs with the load in `CreditWindow.crossed`: one of the two sides sees what the other stored before it looked.
    this.atomics.store(this.control, this.waitsAtIndex, (published + this.reserved) | 0);
    const left = this.look();
    return left > 0 && left * 2 >= this.lookAtWindow();
  }

  /** Looks at how wide the window is, and how much of it is kept. */
  private lookAtWindow(): number {
    const window = this.atomics.load(this.control, this.windowIndex);
    if (window !== this.window) this.keep(window);
    return window;
  }

  private keep(window: number): void {
    this.window = window;
    for (let priority = 0; priority < this.kept.length; priority++) this.kept[priority] = keptUnits(window, priority);
  }

  /** The limit as it was last seen; moves as the consumer grants. */
  get limitUnits(): number {
    return this.limit;
  }
}

/**
 * Units of a window that events of a priority may not use, because they are kept for higher ones.
 *
 * @param window - units that may be outstanding
 * @param priority - level of the event, 0 is critical
 */
export function keptUnits(window: number, priority: number): number {
  return Math.max(0, window) >> (KEPT_SHIFT[priority] as number);
}
