/**
 * What the coordinator decided and measured, and what consumers told it, read out of shared memory.
 * Thread: main.
 */
import type { PriorityName } from '@ringmain/core';
import { PRIORITY_NAMES } from '@ringmain/core';
import type { RungName } from '@ringmain/policy';
import { RUNG_NAMES } from '@ringmain/policy';
import { MAIN_THREAD, ThreadWord, readSeats } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';

/** State of the degradation ladder. */
export interface DegradationMetrics {
  /** 0 (full service) to 5 (critical events only). */
  readonly rung: number;
  readonly name: RungName;
  /** What the coordinator measured last, from 0 to 1. */
  readonly pressure: number;
}

/** How the coordinator steers the runtime. */
export interface SteeringMetrics {
  /** Where the runtime stands on the degradation ladder; a publishing thread may be one rung ahead. With `shards: 0` nobody steers. */
  readonly degradation: DegradationMetrics;
  /**
   * By thread and priority: how long the oldest event of its lanes had waited when the thread last looked, in microseconds. Waits of about a
   * millisecond and less are 0, and a thread that hangs tells nothing new.
   */
  readonly sojournUs: Readonly<Record<string, Readonly<Record<PriorityName, number>>>>;
  /** Synchronous handlers that were found to run for longer than `watchdog.slowMs`. */
  readonly slowHandlers: number;
  /** Shards replaced because of a handler that did not end. */
  readonly stuckHandlers: number;
  /** Partitions that changed their shard, by `resize` or to relieve a hot one. */
  readonly partitionMoves: number;
  /** Moves of partitions that were given up; the partitions stayed where they were. */
  readonly movesRolledBack: number;
  /** Time that the last move took, in milliseconds; null if there was none. */
  readonly lastMoveMs: number | null;
}

const PRESSURE_UNITS = 1000;

/** Reads the figures. */
export function readSteering(context: ThreadContext, nameOf: (thread: number) => string): SteeringMetrics {
  const { atomics, control, seed } = context;
  const read = (thread: number, word: number): number =>
    atomics.load(control, ((seed.plan.threads[thread]?.words ?? 0) >> 2) + word);
  const rung = read(MAIN_THREAD, ThreadWord.ladderRung);
  const present = Array.from(
    { length: 1 + (seed.config.shards === 0 ? 1 : readSeats(control, seed.plan)) },
    (_, thread) => thread,
  );
  const sojournUs = present.map((thread) => {
    const waits = PRIORITY_NAMES.map((name, priority) => [name, read(thread, ThreadWord.sojourn + priority)] as const);
    return [nameOf(thread), Object.fromEntries(waits) as Record<PriorityName, number>] as const;
  });
  const moves = read(MAIN_THREAD, ThreadWord.partitionMoves) >>> 0;
  return {
    degradation: {
      rung,
      name: RUNG_NAMES[rung] ?? 'normal',
      pressure: read(MAIN_THREAD, ThreadWord.pressure) / PRESSURE_UNITS,
    },
    sojournUs: Object.fromEntries(sojournUs),
    slowHandlers: read(MAIN_THREAD, ThreadWord.slowHandlers) >>> 0,
    stuckHandlers: read(MAIN_THREAD, ThreadWord.stuckHandlers) >>> 0,
    partitionMoves: moves,
    movesRolledBack: read(MAIN_THREAD, ThreadWord.movesRolledBack) >>> 0,
    lastMoveMs: moves === 0 ? null : read(MAIN_THREAD, ThreadWord.lastMoveUs) / 1000,
  };
}
