/**
 * What a test writes for the explorer: memory, threads, who may be killed, and what has to hold at the end.
 * Thread: any.
 */
import type { AsyncWait } from '@ringmain/ring';
import type { SimulatedMemory } from './simulated-memory.ts';

/** What a simulated thread can do beside touching shared memory. */
export interface ThreadContext {
  readonly name: string;
  /** 0 for the thread itself, 1 for its first successor, and so on. */
  readonly generation: number;
  /**
   * Writes down that something happened (a delivery, say). It survives the thread's death, and a kill right before and right after it is
   * explored. Values must not be changed later.
   */
  note(label: string, value?: unknown): void;
  /** Blocks while the word equals `value` and returns the first other value seen. Use it for every loop that polls a word. */
  spin(words: Int32Array, index: number, value: number): number;
  /** Blocks until a `waitAsync` of this thread is notified, as `await` does. */
  await(result: AsyncWait): 'ok' | 'not-equal' | 'timed-out';
  /** Explores every number from 0 to `options - 1` as the answer, for behaviour that is not decided by the code under test. */
  choose(options: number): number;
}

/**
 * The body of a simulated thread: plain synchronous code. It is run many times from its start, so all it keeps must be created inside,
 * and it must do the same again when it reads the same.
 */
export type ThreadBody<Shared> = (shared: Shared, thread: ThreadContext) => unknown;

/** One thread of a scenario. */
export interface ThreadSpec<Shared> {
  readonly name: string;
  readonly run: ThreadBody<Shared>;
  /** Runs after a kill of this thread, or of an earlier successor; `thread.generation` counts. Without it a killed thread is just gone. */
  readonly successor?: ThreadBody<Shared>;
  /** A daemon may be blocked at the end. */
  readonly daemon?: boolean;
}

/** Which threads may die, and how often altogether. */
export interface KillPlan {
  readonly max: number;
  readonly victims: readonly string[];
  /**
   * `effects` kills at each point at which the memory or the notes differ from the point before: a kill before a read is the kill right after
   * the last write. `every-access` kills before every single access, to check just that.
   * @defaultValue 'effects'
   */
  readonly at?: 'effects' | 'every-access';
}

/** Something a thread wrote down. */
export interface Note {
  readonly thread: string;
  readonly generation: number;
  readonly label: string;
  readonly value: unknown;
}

/** The end of one execution, for {@link Scenario.check}. Shared memory may be read through `shared`. */
export interface FinalState<Shared> {
  readonly shared: Shared;
  /** What each thread that finished returned (its last generation). */
  readonly results: Readonly<Record<string, unknown>>;
  /** All notes. Those of one thread are in order; the order between threads means something only where the memory orders them. */
  readonly notes: readonly Note[];
  /** How often each thread was killed. */
  readonly deaths: Readonly<Record<string, number>>;
  /** Daemons that are blocked. */
  readonly blocked: readonly string[];
  /** The values noted under a label, by one thread or by all. */
  noted(label: string, thread?: string): unknown[];
  /** Memory, results and notes per thread as one string, to compare sets of final states. */
  fingerprint(): string;
}

/** A small concurrent program with a condition. */
export interface Scenario<Shared> {
  readonly name: string;
  /** Allocates and initialises memory; called once per exploration. What it writes comes before everything else. */
  setup(memory: SimulatedMemory): Shared;
  readonly threads: readonly ThreadSpec<Shared>[];
  readonly kills?: KillPlan;
  /**
   * How many waits with a timeout may time out in one execution. Without it a timed wait ends by a notify only, so that a timeout cannot hide
   * a lost wake-up.
   * @defaultValue 0
   */
  readonly timeouts?: number;
  /** Throws when the end is not as it should be. */
  check?(final: FinalState<Shared>): void;
}
