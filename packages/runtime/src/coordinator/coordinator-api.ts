/**
 * What the main thread may call in the coordinator, by name.
 * Thread: the coordinator.
 */
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { CoordinatorContract } from '../control/contracts.ts';
import type { CoordinatorRoom } from './coordinator-room.ts';

/** The coordinator's methods as the main thread may call them. */
export function coordinatorApi(room: CoordinatorRoom): { readonly [Name in keyof CoordinatorContract]: unknown } {
  return {
    start: (endedUs?: number) => room.start(endedUs),
    setMainPatterns: (patterns: readonly string[]) => room.setMainPatterns(patterns),
    reload: (config: RuntimeConfig) => room.reload(config),
    terminateShard: (index: number) => room.terminateShard(index),
    resize: (shards: number, timeoutMs: number) => room.resize(shards, timeoutMs),
    endMoves: () => room.endMoves(),
    stopHandlers: () => room.stopHandlers(),
    stop: (timeoutMs: number) => room.stop(timeoutMs),
  };
}
