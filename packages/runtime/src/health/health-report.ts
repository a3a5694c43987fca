/** What `runtime.health()` returns. Thread: main. */
import type { GroupState } from '@ringmain/policy';

/** How a runtime is doing. */
export interface RuntimeHealth {
  /** False once the runtime has failed or closed: it does not come back by itself. What a liveness probe asks. */
  readonly live: boolean;
  /** True while it takes events and some shard handles them. What a readiness probe asks. */
  readonly ready: boolean;
  readonly phase: RuntimePhase;
  /** All that is not as it should be, in words; empty when all is well. */
  readonly reasons: readonly string[];
  readonly shards: readonly ShardHealth[];
  readonly groups: readonly GroupHealthReport[];
}

/** Life of a runtime. */
export type RuntimePhase = 'running' | 'draining' | 'failed' | 'closed';

/** How a shard is doing. */
export interface ShardHealth {
  readonly index: number;
  readonly state: ShardState;
  /** Threads that it had before the present one. */
  readonly restarts: number;
  /** Time for which a synchronous handler has blocked it, in milliseconds; 0 when none does for longer than `watchdog.slowMs`. */
  readonly blockedMs: number;
}

/**
 * State of a shard. `starting` and `recovering`: its thread comes up. `blocked`: a synchronous handler has run for `health.stalledMs`. `stuck`: its event
 * loop stands still although no handler runs. `down`: its thread died, and there is no successor yet. `given-up`: it died too often; other shards
 * have its partitions. `stopped`: it ended in order.
 */
export type ShardState = 'starting' | 'recovering' | 'running' | 'blocked' | 'stuck' | 'down' | 'given-up' | 'stopped';

/** How a group is doing. */
export interface GroupHealthReport {
  readonly name: string;
  readonly state: GroupState;
  /** Why, in words; empty for `ok`. */
  readonly reason: string;
}
