/**
 * Words that the soak shares with its handlers: a gate that stops one group, and what each shard says of its heap.
 * Thread: any. The main thread writes the gate, each shard its own word.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

const NAME = 'ringmain.soak';
const GATE = 0;
const SPIN = 1;
const HEAPS = 2;
const SHARDS_MAX = 64;

/** The board. */
export class SoakBoard {
  readonly #words: Int32Array;

  private constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
  }

  /** Makes a board, for this thread and all that start from now on. */
  static create(spinIterations: number): SoakBoard {
    const buffer = new SharedArrayBuffer((HEAPS + SHARDS_MAX) * 4);
    setEnvironmentData(NAME, buffer);
    const board = new SoakBoard(buffer);
    board.#words[SPIN] = spinIterations;
    return board;
  }

  /** The board of this process. */
  static open(): SoakBoard {
    return new SoakBoard(getEnvironmentData(NAME) as unknown as SharedArrayBuffer);
  }

  /** True while the group behind the gate is stopped. */
  get stopped(): boolean {
    return Atomics.load(this.#words, GATE) === 1;
  }

  set stopped(stopped: boolean) {
    Atomics.store(this.#words, GATE, stopped ? 1 : 0);
  }

  /** Steps of work of a handler. */
  get spinIterations(): number {
    return Atomics.load(this.#words, SPIN);
  }

  /** Says how much of its heap a shard uses. */
  tellHeap(shard: number, kilobytes: number): void {
    Atomics.store(this.#words, HEAPS + shard, kilobytes);
  }

  /** What the shards said last, together. */
  heapKb(shards: number): number {
    let sum = 0;
    for (let shard = 0; shard < shards; shard++) sum += Atomics.load(this.#words, HEAPS + shard);
    return sum;
  }
}
