/**
 * What runs the handlers of an isolated group in one shard: a pool with a thread for each call (`PooledThreads`), or one thread for all (`OwnThread`).
 * Thread: the consumer's, which owns the threads.
 */
import type { Clock } from '@ringmain/core';
import type { ThreadMemory } from './isolation-options.ts';
import type { PoolHello, PoolOutcome, PoolSeed, PoolTask } from './pool-messages.ts';

/** One call of a handler, on its way to a thread. */
export interface ThreadCall {
  readonly task: PoolTask;
  /** Aborted when the attempt is given up. */
  readonly signal: AbortSignal;
  /**
   * The thread ended by another call's fault: has this one wait for another thread.
   *
   * @returns false when its handler must not be called again: it chose what becomes of its event already, or has a batch
   */
  readonly repeat: () => boolean;
}

/** Threads of one group in one shard. */
export interface HandlerThreads {
  /** How long a call may wait for its begin from now on, in milliseconds. */
  readonly beginWithinMs: number;
  /** Has threads load and set up; what is wrong with that is thrown. */
  start(): Promise<void>;
  /** Runs a call; rejects when the thread ended with it, or the attempt was given up. */
  run(call: ThreadCall): Promise<PoolOutcome>;
  /** Ends all threads. */
  destroy(): Promise<void>;
}

/** What threads are made of, and whom they tell. */
export interface HandlerThreadsParts {
  readonly clock: Clock;
  readonly seed: PoolSeed;
  readonly memory: ThreadMemory | undefined;
  /** A new thread says how it can be reached. */
  readonly onHello: (hello: PoolHello) => void;
  /** A thread has ended before its time. @param idleError - why, when no handler was under way that could be told */
  readonly onLost: (idleError?: unknown) => void;
}
