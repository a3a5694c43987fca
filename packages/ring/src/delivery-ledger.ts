/**
 * Recovery words of a consumer: which delivery is in progress, and the redo values of its counter and its credit.
 *
 * Thread: the consumer only; after its exit, the supervisor (`charge`) and then the successor (`resume`).
 * For the record at `position` of `lane`:
 * 1. `open` stores step 0 and then lane and position. Until the position is stored the old record is named, whose lane has moved on.
 * 2. `settle` stores the redo value, marks the step settled, moves the counter, and opens the next step.
 * 3. `pass` opens the next step of a delivery that moved to the bay.
 * 4. After the last step the consumer advances `progress`: the ledger then names a record its lane has passed, and means nothing.
 *
 * Invariant: the ledger speaks of the record at `progress` of its lane, or of none.
 * All words are plain: a thread's exit comes before whatever reads them next.
 */
import { ThreadWord } from './thread-descriptor.ts';

const STEP_RUNNING = 1;
const STEP_SETTLED = 2;
/** The supervisor charged a death to the step: it does not run any more, and no other death is charged to it before it runs again. */
const STEP_CHARGED = 3;

/** Where a successor takes up the record at its lane's progress. */
export interface Resumption {
  readonly lane: number;
  readonly position: number;
  /** Steps before this one are settled or in the bay. */
  readonly step: number;
  /** Deaths charged to that step so far; 0 when it did not run. */
  readonly crashes: number;
  /** True when the step may have begun and its end was charged to nobody: its thread was ended with its owner. */
  readonly interrupted: boolean;
}

/** A consumer's delivery ledger. */
export class DeliveryLedger {
  private readonly words: Int32Array;
  private readonly base: number;
  private readonly cells: Int32Array;

  /**
   * @param words - words that hold the thread block
   * @param base - index of the thread block's first word
   * @param cells - words that hold the counters and the credit that `settle` moves
   */
  constructor(words: Int32Array, base: number, cells: Int32Array) {
    this.words = words;
    this.base = base;
    this.cells = cells;
  }

  /** Begins the record at `position` of `lane` with its step 0. */
  open(lane: number, position: number): void {
    const { words, base } = this;
    words[base + ThreadWord.ledgerStep] = STEP_RUNNING;
    words[base + ThreadWord.ledgerLane] = lane;
    words[base + ThreadWord.ledgerPosition] = position;
  }

  /** Goes on with a record whose first steps a predecessor finished. */
  reopen(lane: number, position: number, step: number): void {
    this.words[this.base + ThreadWord.ledgerStep] = (step << 2) | STEP_RUNNING;
    this.words[this.base + ThreadWord.ledgerLane] = lane;
    this.words[this.base + ThreadWord.ledgerPosition] = position;
  }

  /** Says since when the handlers of this stretch run, for supervisors; microseconds, low word. */
  startedAt(us: number): void {
    this.words[this.base + ThreadWord.ledgerStartedUs] = us;
  }

  /**
   * Ends a step by adding 1 to the counter at `cell` and `units` to the credit at `credit`, exactly once whatever happens.
   *
   * @param credit - word among the cells that counts what the step's group returned to the producer
   * @param units - what the delivery had cost; 0 if nothing
   */
  settle(step: number, cell: number, credit: number, units: number): void {
    const { words, base, cells } = this;
    const value = ((cells[cell] as number) + 1) | 0;
    const returned = ((cells[credit] as number) + units) | 0;
    words[base + ThreadWord.ledgerRedoCell] = cell;
    words[base + ThreadWord.ledgerRedoValue] = value;
    if (value === 0) words[base + ThreadWord.ledgerRedoHigh] = (cells[cell + 1] as number) + 1;
    words[base + ThreadWord.ledgerRedoCredit] = credit;
    words[base + ThreadWord.ledgerRedoReturned] = returned;
    words[base + ThreadWord.ledgerStep] = (step << 2) | STEP_SETTLED;
    cells[cell] = value;
    if (value === 0) cells[cell + 1] = words[base + ThreadWord.ledgerRedoHigh] as number;
    cells[credit] = returned;
    words[base + ThreadWord.ledgerStep] = ((step + 1) << 2) | STEP_RUNNING;
  }

  /** Ends a step whose delivery now belongs to the bay. */
  pass(step: number): void {
    this.words[this.base + ThreadWord.ledgerStep] = ((step + 1) << 2) | STEP_RUNNING;
  }

  /** Names the slot that runs alone, or none (-1). */
  setSolo(slot: number): void {
    this.words[this.base + ThreadWord.ledgerSolo] = slot + 1;
  }

  /** The slot that ran alone when the thread died, or -1. */
  get solo(): number {
    return (this.words[this.base + ThreadWord.ledgerSolo] as number) - 1;
  }

  /**
   * Charges a death to the step that was running, if one was. Supervisor only, after the thread's exit.
   *
   * @param progressOf - reads the progress of a lane
   * @returns true when a synchronous handler was in flight; false while a slot runs alone, for then the record only waits its turn
   */
  charge(progressOf: (lane: number) => number): boolean {
    const { words, base } = this;
    const step = words[base + ThreadWord.ledgerStep] as number;
    const lane = words[base + ThreadWord.ledgerLane] as number;
    const position = words[base + ThreadWord.ledgerPosition] as number;
    if (this.solo !== -1 || (step & 3) !== STEP_RUNNING || progressOf(lane) !== position) return false;
    const again =
      words[base + ThreadWord.chargeLane] === lane &&
      words[base + ThreadWord.chargePosition] === position &&
      words[base + ThreadWord.chargeStep] === step >> 2;
    words[base + ThreadWord.chargeCrashes] = again ? (words[base + ThreadWord.chargeCrashes] as number) + 1 : 1;
    words[base + ThreadWord.chargeLane] = lane;
    words[base + ThreadWord.chargePosition] = position;
    words[base + ThreadWord.chargeStep] = step >> 2;
    words[base + ThreadWord.ledgerStep] = (step & ~3) | STEP_CHARGED;
    return true;
  }

  /**
   * Finishes what the predecessor had begun to count, and says where to take up its record. Successor only.
   *
   * @param progressOf - reads the progress of a lane
   * @returns undefined when no record was in progress
   */
  resume(progressOf: (lane: number) => number): Resumption | undefined {
    const { words, base } = this;
    const stepWord = words[base + ThreadWord.ledgerStep] as number;
    const lane = words[base + ThreadWord.ledgerLane] as number;
    const position = words[base + ThreadWord.ledgerPosition] as number;
    // A thread that never opened a record left zeros; phase 0 is not a phase.
    if ((stepWord & 3) === 0 || progressOf(lane) !== position) return undefined;
    let step = stepWord >> 2;
    // While a slot runs alone the record waits, whatever its phase.
    const interrupted = (stepWord & 3) === STEP_RUNNING && this.solo === -1;
    if ((stepWord & 3) === STEP_SETTLED) {
      this.redo();
      step++;
      // The redo value is absolute: once other deliveries move the counter on, redoing it again would take them back.
      words[base + ThreadWord.ledgerStep] = (step << 2) | STEP_RUNNING;
    }
    const charged =
      words[base + ThreadWord.chargeLane] === lane &&
      words[base + ThreadWord.chargePosition] === position &&
      words[base + ThreadWord.chargeStep] === step;
    return { lane, position, step, interrupted, crashes: charged ? (words[base + ThreadWord.chargeCrashes] as number) : 0 };
  }

  private redo(): void {
    const cell = this.words[this.base + ThreadWord.ledgerRedoCell] as number;
    const value = this.words[this.base + ThreadWord.ledgerRedoValue] as number;
    this.cells[cell] = value;
    if (value === 0) this.cells[cell + 1] = this.words[this.base + ThreadWord.ledgerRedoHigh] as number;
    const credit = this.words[this.base + ThreadWord.ledgerRedoCredit] as number;
    this.cells[credit] = this.words[this.base + ThreadWord.ledgerRedoReturned] as number;
  }
}
