/**
 * Commits events and counts them: once per event, in the cell of its type, also when the thread dies in between.
 * Thread: the publisher's.
 */
import type { AtomicsPort, PublishDrop, ThreadCell } from '@ringmain/ring';
import { CELL_BYTES, MAIN_THREAD, PUBLISH_DROPS, PublicationLedger, addToCell } from '@ringmain/ring';
import type { EventType } from '../events/event-type.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { OutLane } from './out-link.ts';
import type { WrittenRecord } from './written-record.ts';
import type { SequenceMark } from './record-writer.ts';
import type { TypeCredit } from './type-credit.ts';

const CELL_WORDS = CELL_BYTES / 4;

/** Counters of one publisher. */
export class PublishCounters {
  private readonly atomics: AtomicsPort;
  private readonly control: Int32Array;
  private readonly cells: number;
  private readonly typeCells: number;
  private readonly dropCells: number;
  private readonly ledger: PublicationLedger;
  /** The main thread's death ends the process, so nobody would read what it kept. */
  readonly crashable: boolean;

  constructor(context: ThreadContext) {
    const regions = context.seed.plan.threads[context.thread];
    if (regions === undefined) throw new Error(`no thread ${context.thread}`);
    this.atomics = context.atomics;
    this.control = context.control;
    this.cells = regions.cells >> 2;
    this.typeCells = regions.typeCells >> 2;
    this.dropCells = regions.dropCells >> 2;
    this.ledger = new PublicationLedger(context.control, regions.words >> 2, context.control);
    this.crashable = context.thread !== MAIN_THREAD;
  }

  /** Finishes what a predecessor had begun to count; returns the sequence to go on with. */
  resume(atomics: AtomicsPort): SequenceMark {
    return this.ledger.resume(atomics);
  }

  /** Makes the record of a lane visible, counts its event and takes its credit. */
  commit(type: EventType, lane: OutLane, credit: TypeCredit, units: number): void {
    const { ring, tailIndex } = lane;
    if (!this.crashable) {
      ring.commit();
      this.count(type);
      credit.charge(units);
      return;
    }
    const cell = this.typeCells + type.cell * CELL_WORDS;
    this.ledger.intend(cell, tailIndex, ring.sealedTail, credit.base, units, credit.takenLow, credit.takenHigh);
    ring.commit();
    this.ledger.confirm();
    credit.charged(units, credit.skip);
  }

  /**
   * Makes several records visible one after another, each with its count and its credit: the ledger can name only one. Whoever dies in
   * between leaves the records before, counted. A thread whose death nobody survives leaves the tails to the caller, one commit per lane.
   */
  reveal(records: readonly WrittenRecord[]): void {
    for (const { lane, tail, counted, credit, units, skip, takenLow, takenHigh } of records) {
      if (!this.crashable) {
        if (counted !== undefined) this.count(counted);
        credit.chargeAll(units, skip);
        continue;
      }
      // The first record of an event moves the cell of nothing: it only takes credit, and the main thread keeps none.
      if (counted !== undefined) {
        const cell = this.typeCells + counted.cell * CELL_WORDS;
        this.ledger.intend(cell, lane.tailIndex, tail, credit.base, units, takenLow, takenHigh);
      }
      // Pairs with the load in `RingConsumer.refresh`, as the store of a commit does.
      this.atomics.store(this.control, lane.tailIndex, tail);
      if (counted === undefined) continue;
      this.ledger.confirm();
      credit.charged(units, skip);
    }
  }

  /** Counts an event whose records are visible, or that has none. */
  count(type: EventType): void {
    addToCell(this.control, this.typeCells + type.cell * CELL_WORDS, 1);
  }

  /** Counts an event that is in no lane; see `PUBLISH_DROPS`. */
  drop(type: EventType, reason: PublishDrop): void {
    const cell = type.cell * PUBLISH_DROPS.length + PUBLISH_DROPS.indexOf(reason);
    addToCell(this.control, this.dropCells + cell * CELL_WORDS, 1);
  }

  /** Counts something that is no event of a type; see `ThreadCell`. */
  add(cell: (typeof ThreadCell)[keyof typeof ThreadCell], amount: number): void {
    if (amount !== 0) addToCell(this.control, this.cells + cell * CELL_WORDS, amount);
  }

  /** Keeps the next sequence, so that a successor repeats none. */
  keepSequence(low: number, high: number): void {
    if (this.crashable) this.ledger.setSequence(low, high);
  }
}
