/**
 * What a shard and the one thread of a group tell each other: plain data, cloned by the platform, and two words.
 * Thread: any. Calls of a handler's context go over a port of its own, as in a pool.
 */
import type { PackedError } from './packed-error.ts';
import type { PoolHello, PoolOutcome, PoolSeed, PoolTask } from './pool-messages.ts';

/** Words that the thread writes and the shard reads, also when the thread is dead. */
export const OwnThreadWord = Object.freeze({
  /** Ticket of the call that began last: calls begin in the order of their tickets. */
  begun: 0,
  /** Ticket of the call whose handler has not returned yet; 0 when the thread is in none. */
  within: 1,
} as const);

/** How many of them. */
export const OWN_THREAD_WORDS = 2;

/** What such a thread is started with. */
export interface OwnThreadSeed {
  readonly pool: PoolSeed;
  readonly words: Int32Array;
}

/** What the thread is told. */
export type ToOwnThread =
  | { readonly kind: 'run'; readonly tasks: readonly { readonly ticket: number; readonly task: PoolTask }[] }
  /** Nobody waits for a call any more. */
  | { readonly kind: 'abort'; readonly ticket: number; readonly reason: PackedError };

/** What the thread says. */
export type FromOwnThread =
  | PoolHello
  | { readonly kind: 'ended'; readonly outcomes: readonly { readonly task: number; readonly outcome: PoolOutcome }[] }
  /** The thread has been told of an abort: its event loop turns. */
  | { readonly kind: 'aborted'; readonly ticket: number };
