/**
 * The explorer's small state of all simulated threads in one array, so that saving and restoring it is one copy.
 * Thread: the explorer's own.
 *
 * ```
 *   thread 0 … thread n-1:  fields | memory clock (n words) | event clock (n words)
 *   counters                 events, notes, deaths, started, registrations, timeouts
 *   waiters 0 … 15:          state | word | thread | order | enabler | memory clock of the notifier (n words)
 * ```
 */

/** Most threads in one scenario. */
export const THREADS_MAX = 8;

/** Most waiters registered at one time. */
export const WAITERS_MAX = 16;

/** Fields of a thread. */
export const ThreadField = {
  status: 0,
  generation: 1,
  logLength: 2,
  /** Kind of the announced operation that waits to be scheduled; 0 when there is none. */
  opKind: 3,
  opWord: 4,
  opFirst: 5,
  opSecond: 6,
  /** 1 when a blocked operation may run. */
  ready: 7,
  /** 1 + number of the event that made it ready. */
  enabler: 8,
  /** 1 when something that others may see happened since the last kill point. */
  dirty: 9,
} as const;

const THREAD_FIELDS = 10;

/** States of a thread. */
export const Status = { fresh: 0, live: 1, finished: 2, dead: 3 } as const;

/** Counters of an execution. */
export const Counter = { events: 0, notes: 1, deaths: 2, started: 3, registrations: 4, timeouts: 5 } as const;

const COUNTERS = 6;

/** Fields of a waiter. */
export const WaiterField = { state: 0, word: 1, thread: 2, order: 3, enabler: 4 } as const;

const WAITER_FIELDS = 5;

/** States of a waiter. */
export const WaiterState = { free: 0, waiting: 1, woken: 2 } as const;

/** State that one copy saves. */
export class ControlWords {
  readonly cells: Int32Array;
  readonly threads: number;
  private readonly threadSize: number;
  private readonly waiterSize: number;
  private readonly counters: number;
  private readonly waiters: number;

  /** @param threads - number of threads, at most {@link THREADS_MAX} */
  constructor(threads: number) {
    this.threads = threads;
    this.threadSize = THREAD_FIELDS + 2 * threads;
    this.waiterSize = WAITER_FIELDS + threads;
    this.counters = threads * this.threadSize;
    this.waiters = this.counters + COUNTERS;
    this.cells = new Int32Array(this.waiters + WAITERS_MAX * this.waiterSize);
    // Clocks start at 1, so that a cell that holds 0 was touched by nobody.
    for (let thread = 0; thread < threads; thread++) this.cells[this.memoryClock(thread) + thread] = 1;
  }

  get(index: number): number {
    return this.cells[index] as number;
  }

  thread(thread: number, field: number): number {
    return this.cells[thread * this.threadSize + field] as number;
  }

  setThread(thread: number, field: number, value: number): void {
    this.cells[thread * this.threadSize + field] = value;
  }

  counter(counter: number): number {
    return this.cells[this.counters + counter] as number;
  }

  setCounter(counter: number, value: number): void {
    this.cells[this.counters + counter] = value;
  }

  /** Where the clock of happens-before between memory accesses starts. */
  memoryClock(thread: number): number {
    return thread * this.threadSize + THREAD_FIELDS;
  }

  /** Where the clock of dependence between events starts. */
  eventClock(thread: number): number {
    return thread * this.threadSize + THREAD_FIELDS + this.threads;
  }

  waiter(waiter: number, field: number): number {
    return this.cells[this.waiters + waiter * this.waiterSize + field] as number;
  }

  setWaiter(waiter: number, field: number, value: number): void {
    this.cells[this.waiters + waiter * this.waiterSize + field] = value;
  }

  /** Where the clock that a notifier left for a waiter starts. */
  waiterClock(waiter: number): number {
    return this.waiters + waiter * this.waiterSize + WAITER_FIELDS;
  }

  /** Raises each component of the clock at `target` to that of the clock at `source`. */
  join(target: number, source: number): void {
    const cells = this.cells;
    for (let thread = 0; thread < this.threads; thread++) {
      const value = cells[source + thread] as number;
      if (value > (cells[target + thread] as number)) cells[target + thread] = value;
    }
  }
}
