/**
 * Words that the chaos run shares with its handlers: what each group has handled of each key, and when a shard shall die.
 * Thread: any. Words of a key are written by whoever handles it, one thread at a time; the others by the main thread.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

const NAME = 'ringmain.chaos';
/** Keys of the load. */
export const KEYS = 64;
/** Groups that keep books. */
export const GROUPS = ['sync', 'async'] as const;

const ORDER = 0;
const HANGS = 1;
const HANGING_SHARD = 2;
const DYING = 3;
const BOOKS = 16;
/** Words of one group and key: the next step, repeats, steps that came too early. */
const BOOK_WORDS = 3;

/** The board. */
export class ChaosBoard {
  readonly #words: Int32Array;

  private constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
  }

  /** Makes a board, for this thread and all that start from now on. */
  static create(): ChaosBoard {
    const buffer = new SharedArrayBuffer((BOOKS + GROUPS.length * KEYS * BOOK_WORDS) * 4);
    setEnvironmentData(NAME, buffer);
    return new ChaosBoard(buffer);
  }

  /** The board of this process. */
  static open(): ChaosBoard {
    return new ChaosBoard(getEnvironmentData(NAME) as unknown as SharedArrayBuffer);
  }

  /** Number of the fault that may happen now; handlers that wait for their moment look at it. */
  get ordered(): number {
    return Atomics.load(this.#words, ORDER);
  }

  set ordered(fault: number) {
    Atomics.store(this.#words, ORDER, fault);
  }

  /** Number of the last fault whose thread began to die. */
  get dying(): number {
    return Atomics.load(this.#words, DYING);
  }

  set dying(fault: number) {
    Atomics.store(this.#words, DYING, fault);
  }

  /** The shard that stands still for a fault, for somebody to end it; undefined while none does. */
  hangingFor(fault: number): number | undefined {
    return Atomics.load(this.#words, HANGS) === fault ? Atomics.load(this.#words, HANGING_SHARD) : undefined;
  }

  /** Stands still until the thread is ended from outside. */
  hang(fault: number, shard: number): void {
    Atomics.store(this.#words, HANGING_SHARD, shard);
    Atomics.store(this.#words, HANGS, fault);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }

  /** Enters one delivery. */
  enter(group: number, key: number, step: number): void {
    const words = this.#words;
    const at = BOOKS + (group * KEYS + key) * BOOK_WORDS;
    const next = words[at] as number;
    if (step === next) words[at] = next + 1;
    else words[at + (step < next ? 1 : 2)] = (words[at + (step < next ? 1 : 2)] as number) + 1;
  }

  /** What the books say, against what was published by key. */
  audit(published: ArrayLike<number>): { delivered: number; lost: number; duplicates: number; orderViolations: number } {
    const sum = { delivered: 0, lost: 0, duplicates: 0, orderViolations: 0 };
    for (let group = 0; group < GROUPS.length; group++) {
      for (let key = 0; key < KEYS; key++) {
        const at = BOOKS + (group * KEYS + key) * BOOK_WORDS;
        const handled = this.#words[at] as number;
        sum.delivered += handled;
        sum.lost += (published[key] as number) - handled;
        sum.duplicates += this.#words[at + 1] as number;
        sum.orderViolations += this.#words[at + 2] as number;
      }
    }
    return sum;
  }
}
