/**
 * The words of threads as the coordinator reads and writes them: what threads say of themselves, and what they shall do.
 * Thread: the coordinator. All words of the control line have this one writer.
 */
import {
  CELL_BYTES,
  LANE_COUNT,
  LinkWord,
  MAIN_THREAD,
  ThreadPhase,
  ThreadWord,
  WEIGHT_UNITS,
  linkIndex,
  readCell,
} from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';

const CELL_WORDS = CELL_BYTES / 4;

/** Words of all threads of one runtime. */
export class ControlWords {
  readonly threadCount: number;

  private readonly context: ThreadContext;
  private readonly bases: readonly number[];

  constructor(context: ThreadContext) {
    const { threads, threadCount } = context.seed.plan;
    this.context = context;
    this.threadCount = threadCount;
    this.bases = threads.map(({ words }) => words >> 2);
  }

  /** Reads a word of a thread's block; see `ThreadWord`. */
  read(thread: number, word: number): number {
    return this.context.atomics.load(this.context.control, (this.bases[thread] as number) + word);
  }

  /** True while a thread has this number: shards come and go. */
  isPresent(thread: number): boolean {
    const phase = this.read(thread, ThreadWord.phase);
    return phase !== ThreadPhase.absent && phase !== ThreadPhase.stopped;
  }

  /** Reads a word of the control buffer. */
  readAt(index: number): number {
    return this.context.atomics.load(this.context.control, index);
  }

  /** Reads one of a thread's cells; see `ThreadCell`. */
  cell(thread: number, cell: number): number {
    const cells = (this.context.seed.plan.threads[thread]?.cells ?? 0) >> 2;
    return readCell(this.context.control, cells + cell * CELL_WORDS);
  }

  /** Bit mask of the lanes towards a consumer, over all producers, that hold records. */
  backlog(consumer: number): number {
    let mask = 0;
    for (let producer = 0; producer < this.threadCount; producer++) {
      const base = linkIndex(this.context.seed.plan, producer, consumer);
      const inUse = this.readAt(base + LinkWord.lanesInUse);
      for (let lane = 0; lane < LANE_COUNT; lane++) {
        const bit = 1 << lane;
        if ((inUse & ~mask & bit) === 0) continue;
        if (this.readAt(base + LinkWord.tail + lane) !== this.readAt(base + LinkWord.head + lane)) mask |= bit;
      }
    }
    return mask;
  }

  /** Writes a word of a thread's control line, if that changes it. */
  write(thread: number, word: number, value: number): void {
    this.writeAt((this.bases[thread] as number) + word, value);
  }

  /** Writes a word of the control buffer, if that changes it. */
  writeAt(index: number, value: number): void {
    const { atomics, control } = this.context;
    if (atomics.load(control, index) !== value) atomics.store(control, index, value);
  }

  /** Adds 1 to a wrapping count in the main thread's control line. */
  count(word: number): void {
    this.write(MAIN_THREAD, word, (this.read(MAIN_THREAD, word) + 1) | 0);
  }

  /** Writes a thread's scheduling weights; a weight of 0 stands for the configured one. */
  writeWeights(thread: number, weights: readonly number[]): void {
    for (const [priority, weight] of weights.entries())
      this.write(thread, ThreadWord.weights + priority, Math.round(weight * WEIGHT_UNITS));
  }

  /** Tells a consumer that its weights or shares have changed. */
  announce(thread: number): void {
    // Pairs with the load in `Inbox.obey`.
    this.write(thread, ThreadWord.controlEpoch, (this.read(thread, ThreadWord.controlEpoch) + 1) | 0);
  }
}
