/**
 * Events that the runtime itself publishes, under `system.`: part of every registry, and refused from anyone else.
 * Thread: published by the main thread, drops by the thread that dropped; delivered wherever somebody subscribes to them by name or to `system.*`.
 */
import type { RungName } from '@ringmain/policy';
import type { PublishDrop } from '@ringmain/ring';
import type { OpenDefinition } from './define-events.ts';

/** A step of the degradation ladder. */
export interface DegradationNotice {
  /** The rung from now on, 0 (full service) to 5 (critical events only). */
  readonly rung: number;
  readonly name: RungName;
  readonly previous: RungName;
  /** Pressure at the step, from 0 to 1. */
  readonly pressure: number;
  /** What pressed most; after a step down, what presses most still. */
  readonly cause: PressureCause;
}

/** Parts of the pressure. */
export type PressureCause = 'lanes' | 'memory' | 'loop' | 'credit';

/** A synchronous handler that blocks its shard. */
export interface HandlerNotice {
  /** `slow`: it runs for longer than `watchdog.slowMs`. `replaced`: its thread was ended, and a successor takes over. */
  readonly state: 'slow' | 'replaced';
  readonly shard: number;
  /** Type of the event that is being handled; null if it could not be read. */
  readonly type: string | null;
  /** Group whose handler it is; null if it could not be read. */
  readonly group: string | null;
  /** Position of the group among those that take the event, from 0. */
  readonly step: number;
  /** Time it has run for so far, in milliseconds; exact to one tick of the coordinator. */
  readonly runningMs: number;
}

/** Events that had been staged and were dropped after all: they waited for too long, or newer ones took their place. */
export interface DropNotice {
  readonly type: string;
  readonly reason: PublishDrop;
  /** Events of this type that were dropped for this reason since the last notice. */
  readonly count: number;
  /** The thread that published them: `main` or `shard-N`. */
  readonly publisher: string;
}

/** Partitions that moved to relieve a busy shard. */
export interface RebalanceNotice {
  /** The shard that was too busy. */
  readonly from: number;
  readonly partitions: readonly number[];
  /** Shards that have them now, in the same order. */
  readonly to: readonly number[];
  readonly tookMs: number;
}

/** The health of the runtime, of a shard or of a group changed; see `Runtime.health`. */
export interface HealthNotice {
  readonly live: boolean;
  readonly ready: boolean;
  readonly phase: 'running' | 'draining' | 'failed' | 'closed';
  /** All that is not as it should be, in words; empty when all is well again. */
  readonly reasons: readonly string[];
}

/** Payloads of the runtime's own events, by type. */
export interface SystemEvents {
  readonly 'system.degradation': DegradationNotice;
  readonly 'system.handler': HandlerNotice;
  readonly 'system.dropped': DropNotice;
  readonly 'system.rebalanced': RebalanceNotice;
  readonly 'system.health': HealthNotice;
}

/** A type of the runtime's own events. */
export type SystemNoticeName = keyof SystemEvents;

/** Critical, since the news that only critical events pass would not pass otherwise. */
export const SYSTEM_DEFINITION: OpenDefinition = Object.freeze({ codec: 'json', priority: 'critical' });
