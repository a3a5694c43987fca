/**
 * The baseline: one worker thread and a `postMessage` per event. It takes everything, as the queue of a port has no end.
 * Thread: main.
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { LoadOutcome } from '@ringmain/cli/bench';
import type { LoadTarget } from './load-target.ts';
import { KEYS_MAX, SLOTS_MAX, StressBoard } from './stress-board.ts';
import { setStressSetting } from './stress-setting.ts';

const ACCEPTED: LoadOutcome = Object.freeze({ status: 'accepted', accepted: true });
const LOOK_MS = 1;

export class PostMessageTarget implements LoadTarget {
  readonly board: StressBoard;
  readonly #worker: Worker;
  readonly #numbers = new Int32Array(KEYS_MAX);
  #sent = 0;

  private constructor(board: StressBoard, worker: Worker) {
    this.board = board;
    this.#worker = worker;
  }

  static async start(): Promise<PostMessageTarget> {
    const board = new StressBoard();
    setStressSetting({ buffer: board.buffer, spinIterations: 0, stopped: 'none', noisy: false });
    const worker = new Worker(new URL('./workers/stress-message-worker.js', import.meta.url));
    await once(worker, 'message');
    return new PostMessageTarget(board, worker);
  }

  offer(slot: number, key: number, dueUs: number): LoadOutcome {
    const seq = (this.#numbers[key] ?? 0) + 1;
    this.#numbers[key] = seq;
    this.#worker.postMessage({ dueUs, key, slot, seq });
    this.#sent += 1;
    return ACCEPTED;
  }

  room(): Promise<void> {
    return Promise.resolve();
  }

  async settled(): Promise<void> {
    const slots = Array.from({ length: SLOTS_MAX }, (_, slot) => slot);
    while (slots.reduce((sum, slot) => sum + this.board.handled(slot), 0) < this.#sent) await pause(LOOK_MS);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
