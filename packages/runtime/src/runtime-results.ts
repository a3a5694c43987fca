/** What calls of the runtime return. Thread: main. */
import type { MetricsSnapshot } from './metrics/snapshot.ts';

/** The phases of a close, in their order; `shards` and `threads` with shards, `teardown` without. */
export type ClosePhaseName = 'intake' | 'drain' | 'shards' | 'threads' | 'teardown';

/** One phase of a close. */
export interface ClosePhase {
  readonly name: ClosePhaseName;
  readonly ms: number;
  /** True when something did not end by itself: deliveries that did not settle, a shard or thread that had to be ended, a teardown. */
  readonly timedOut: boolean;
}

/** What `close` reports. */
export interface CloseReport {
  /** True when everything accepted had settled before the threads stopped. */
  readonly drained: boolean;
  readonly seconds: number;
  readonly metrics: MetricsSnapshot;
  /** Deliveries that had not settled when the threads stopped. */
  readonly abandoned: number;
  /** Dead letters that are left; `runtime.deadLetters` can still be read. */
  readonly deadLetters: number;
  /** Events that batchers had gathered and for which there was no room up to the end. */
  readonly unpublished: number;
  /** How long each phase took, in the order in which they were gone through. */
  readonly phases: readonly ClosePhase[];
}

/** A subscription of the main thread. */
export interface Subscription {
  readonly group: string;
  /**
   * Resolves when the shards know of the subscription; events that the main thread publishes itself arrive at once.
   *
   * @throws (rejects) `RingmainError` `RINGMAIN_CONTROL_TIMEOUT` when a shard hangs in a handler for `deliveryTimeoutMs`. The subscription stays: the shard
   * takes it over when it goes on, and its successor if it is replaced.
   */
  readonly ready: Promise<void>;
  /** Ends the subscription. Deliveries that began before go on to their end. */
  unsubscribe(): void;
}

/** What a resize did. */
export interface ResizeReport {
  /** Shards from now on. */
  readonly shards: number;
  /** Partitions that changed their shard. */
  readonly movedPartitions: number;
  /** Shards that left and whose teardowns did not end within `shutdownMs`: their threads were terminated. They had nothing to do any more. */
  readonly terminated: readonly number[];
  readonly tookMs: number;
}
