/**
 * What every thread of a runtime knows from its start: the seed that travels in `workerData`, and what follows from it.
 * Thread: any; the seed is plain data.
 */
import type { Clock } from '@ringmain/core';
import { systemClock } from '@ringmain/core';
import type { AtomicsPort, MemoryPlan, SharedMemory } from '@ringmain/ring';
import { systemAtomics } from '@ringmain/ring';
import type { RuntimeConfig } from './config/config-schema.ts';
import { LiveConfig } from './config/live-config.ts';

/** Plain data from which any thread of the runtime can be started. */
export interface RuntimeSeed {
  /** The only part that changes: a reload puts another one in its place, in each thread's seed, through {@link LiveConfig}. */
  config: RuntimeConfig;
  readonly plan: MemoryPlan;
  readonly memory: SharedMemory;
  /** Monotonic microseconds of the process at which the runtime's time begins. */
  readonly epochUs: number;
  /** Wall-clock milliseconds of the same moment. */
  readonly epochWallMs: number;
  /** 48 random bits that make event ids unique over runtimes. */
  readonly nonceHigh: number;
  readonly nonceLow: number;
  /** URLs of the subscriber modules. */
  readonly subscribers: readonly string[];
  /** URL of the module that exports the event registry, if it was given by URL. */
  readonly eventsModule: string | undefined;
  /** Hash of the main thread's event registry. */
  readonly eventsHash: number;
  /** Names of the closed event types, by id. */
  readonly types: readonly string[];
}

/** A seed with the ports of this thread. */
export interface ThreadContext {
  readonly seed: RuntimeSeed;
  /** Index among the runtime's threads: 0 main, shard + 1 for shards. */
  readonly thread: number;
  readonly atomics: AtomicsPort;
  readonly clock: Clock;
  /** The control buffer. */
  readonly control: Int32Array;
  /** Tells of changes of `seed.config`. */
  readonly live: LiveConfig;
}

/** Builds the context of a thread. */
export function threadContext(
  seed: RuntimeSeed,
  thread: number,
  ports: { readonly atomics?: AtomicsPort; readonly clock?: Clock; readonly live?: LiveConfig } = {},
): ThreadContext {
  return {
    seed,
    thread,
    atomics: ports.atomics ?? systemAtomics,
    clock: ports.clock ?? systemClock,
    control: new Int32Array(seed.memory.control),
    live: ports.live ?? new LiveConfig(seed),
  };
}

/** Microseconds since the runtime's epoch. */
export function runtimeUs(context: ThreadContext): number {
  return context.clock.monotonicUs() - context.seed.epochUs;
}
