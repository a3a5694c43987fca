/**
 * The producing side of credit: what one producer may still publish to one group of one consumer.
 * Thread: the producer only.
 *
 * 1. `hasRoom` before the record is written. 2. The record is committed. 3. `charge` adds its size; producers that may die charge through
 * their `PublicationLedger`. In between, the consumer may have returned what was not charged yet: all are wrapping differences.
 * Invariant: published - limit < 0 before each record, so a group never has more outstanding than its limit and one record.
 */
import type { AtomicsPort } from './atomics.ts';
import { CreditWord } from './credit-descriptor.ts';

/** Credit of one (producer, consumer, group). */
export class CreditAccount {
  /** Number of the group. */
  readonly group: number;
  /** Units of records that are written and not committed yet. */
  reserved = 0;

  private readonly atomics: AtomicsPort;
  private readonly control: Int32Array;
  private readonly publishedIndex: number;
  private readonly refusedIndex: number;
  private readonly limitIndex: number;
  private limit: number;

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
    this.limit = atomics.load(control, this.limitIndex);
  }

  /** True when a record, of whatever size, may be published to the group. */
  hasRoom(): boolean {
    return ((this.used() - this.limit) | 0) < 0 || this.look();
  }

  /** Takes the credit of a record that was committed. Not for producers that may die; see `PublicationLedger`. */
  charge(units: number): void {
    this.control[this.publishedIndex] = ((this.control[this.publishedIndex] as number) + units) | 0;
  }

  /** Counts a publish that was refused. */
  refuse(): void {
    this.control[this.refusedIndex] = ((this.control[this.refusedIndex] as number) + 1) | 0;
  }

  /** Units that may still be published; not positive when there is no room. */
  get left(): number {
    this.look();
    return (this.limit - this.used()) | 0;
  }

  /** The limit as it was last seen; moves as the consumer grants. */
  get limitUnits(): number {
    return this.limit;
  }

  private used(): number {
    return (this.control[this.publishedIndex] as number) + this.reserved;
  }

  private look(): boolean {
    // Pairs with the store in `CreditWindow.grant`; looked at only when the last one seen is used up.
    this.limit = this.atomics.load(this.control, this.limitIndex);
    return ((this.used() - this.limit) | 0) < 0;
  }
}
