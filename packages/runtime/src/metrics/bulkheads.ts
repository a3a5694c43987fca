/**
 * Bulkheads as shared memory tells of them.
 * Thread: main.
 */
import { CONTENDED, MAIN_THREAD, PermitWord, readSeats } from '@ringmain/ring';
import type { BulkheadUser } from '../limits/bulkhead-seats.ts';
import { bulkheadSeats } from '../limits/bulkhead-seats.ts';
import type { ThreadContext } from '../thread-context.ts';

/** Figures of a bulkhead in one thread. */
export interface BulkheadThreadMetrics {
  readonly thread: string;
  /** Handlers that are under way. */
  readonly inUse: number;
  /** Permits that the coordinator has leased to it; null where there is no bound over all shards. */
  readonly quota: number | null;
  /** Limit in force where it adapts; null elsewhere. */
  readonly limit: number | null;
  /** Times that deliveries had to wait because the share of the processor was used up. */
  readonly cpuHeld: number;
}

/** Figures of one bulkhead. */
export interface BulkheadMetrics {
  /** Its name in the configuration, or that of its only group. */
  readonly name: string;
  readonly groups: readonly string[];
  /** Handlers that may be under way in all shards together; null where there is no such bound. */
  readonly globalConcurrency: number | null;
  readonly threads: readonly BulkheadThreadMetrics[];
}

/** What a snapshot says of bulkheads. */
export interface BulkheadFigures {
  /** Bulkheads of the groups of subscriber modules. */
  readonly bulkheads: readonly BulkheadMetrics[];
}

/** A group whose figures are wanted, as far as its bulkheads go. */
export interface BulkheadSource {
  /** Subscribers of it that have one. */
  readonly bulkheads: readonly BulkheadUser[];
}

/** Reads the figures. */
export function readBulkheads(
  context: ThreadContext,
  sources: readonly BulkheadSource[],
  nameOf: (thread: number) => string,
): BulkheadFigures {
  const { atomics, control, seed } = context;
  const shards = Array.from({ length: readSeats(control, seed.plan) }, (_, shard) => MAIN_THREAD + 1 + shard);
  const threads = seed.config.shards === 0 ? [MAIN_THREAD] : shards;
  const seats = bulkheadSeats(
    seed.config,
    sources.flatMap(({ bulkheads }) => bulkheads),
  );
  const bulkheads = seats.map(({ number, name, groups, options: { globalConcurrency, adaptive } }) => {
    const ofThread = (thread: number): BulkheadThreadMetrics => {
      const base = ((seed.plan.threads[thread]?.permits ?? 0) >> 2) + number;
      const read = (word: number): number => atomics.load(control, base + word);
      const isLeased = globalConcurrency !== undefined && seed.config.shards !== 0;
      return {
        thread: nameOf(thread),
        inUse: read(PermitWord.inUse),
        quota: isLeased ? read(PermitWord.quota) & ~CONTENDED : null,
        limit: adaptive === undefined ? null : read(PermitWord.limit),
        cpuHeld: read(PermitWord.cpuHeld) >>> 0,
      };
    };
    return { name, groups, globalConcurrency: globalConcurrency ?? null, threads: threads.map(ofThread) };
  });
  return { bulkheads };
}
