/** What the threads of a runtime may call on each other. Plain data in, plain data out. */
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { SystemEvents, SystemNoticeName } from '../events/system-events.ts';
import type { ResizeReport } from '../runtime-results.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';

/** A shard thread, called by the coordinator that owns it. */
export interface ShardContract {
  /** Resolves when the modules are loaded. */
  describe(): { readonly groups: readonly GroupDescription[]; readonly hash: number };
  /** Makes the thread shard `index`: takes over its memory, runs `setup` and begins to drain. */
  activate(index: number, mainPatterns: readonly string[]): void;
  /** Replaces the patterns that the main thread listens to. */
  setMainPatterns(patterns: readonly string[]): void;
  /**
   * Ends the loop and runs `teardown`, if the thread has nothing to do; false if it has. It owns no partition any more.
   *
   * @param untilUs - monotonic time after which it is too late to ask
   */
  retire(untilUs: number): boolean;
  /** Has the thread go by another configuration, also while it waits as a spare. */
  reload(config: RuntimeConfig): void;
  /** Tells the handlers that are under way to stop; what they make of it counts. */
  stopHandlers(): void;
  /** Ends the loop and runs `teardown`. */
  stop(): void;
}

/** The coordinator thread, called by the main thread. */
export interface CoordinatorContract {
  /**
   * Starts every shard; resolves with their groups when all of them drain.
   *
   * @param endedUs - when the exit of the coordinator that this one replaces was seen, in microseconds of the runtime's time
   */
  start(endedUs?: number): { readonly groups: readonly GroupDescription[] };
  setMainPatterns(patterns: readonly string[]): void;
  /** Has all threads but the main one go by another configuration; resolves when they do. */
  reload(config: RuntimeConfig): void;
  /** Ends a shard's thread at once, as a crash would; its successor takes over. */
  terminateShard(index: number): void;
  /** Changes the number of shards. */
  resize(shards: number, timeoutMs: number): ResizeReport;
  /** Ends moves of partitions: what has not arrived stays where it was. The runtime is about to close. */
  endMoves(): void;
  /** Has every shard tell the handlers that are under way to stop. */
  stopHandlers(): void;
  /** Stops every shard in order; resolves with the numbers of those that had to be ended because they did not stop in time. */
  stop(timeoutMs: number): readonly number[];
}

/** The main thread, called by the coordinator. */
export interface MainContract {
  /** A shard can not be kept alive; the runtime has failed. */
  shardFailed(index: number, reason: string): void;
  /** Something that operators want to know; the main thread publishes it as an event of its own. */
  notice<Name extends SystemNoticeName>(name: Name, data: SystemEvents[Name]): void;
  /** True while an inspector is open; only the main thread can tell. */
  inspected(): boolean;
}
