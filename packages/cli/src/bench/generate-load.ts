/**
 * Open-loop load generator: publishes each event when its schedule says, whatever became of the ones before.
 *
 * 1. A turn publishes what is due, for at most {@link TURN_US}; then the event loop runs.
 * 2. What is late is published at the next turns, as fast as turns allow, and its lateness is counted from the time it was due.
 * 3. Between events that lie far apart the loop sleeps; otherwise it takes every turn of the event loop.
 *
 * Thread: main. Invariant: every event of the schedule is published exactly once, in order, unless the signal ends it.
 */
import type { Clock } from '@ringmain/core';
import type { Histogram } from './histogram.ts';
import type { LoadSchedule } from './load-schedule.ts';
import type { LoadOutcome, OutcomeCounts } from './outcome-counts.ts';

/** Longest time a turn of catching up keeps the event loop waiting, in microseconds (one publish more may pass). */
export const TURN_US = 1000;

/** Timers are late by up to a millisecond or so; closer than this the loop does not sleep. */
const SLEEP_US_MIN = 2500;
const SLEEP_MARGIN_US = 1500;
/** A stop is noticed after this at the latest. */
const SLEEP_US_MAX = 50_000;

/**
 * Runs the next turn later.
 *
 * @param idleUs - microseconds until the next event is due
 */
export type LoadPace = (turn: () => void, idleUs: number) => void;

/** Takes every turn of the event loop unless the next event is milliseconds away. Events are published within tens of microseconds. */
export const promptPace: LoadPace = (turn, idleUs) => {
  if (idleUs < SLEEP_US_MIN) setImmediate(turn);
  else setTimeout(turn, Math.floor((Math.min(idleUs, SLEEP_US_MAX) - SLEEP_MARGIN_US) / 1000));
};

/** One turn a millisecond: events are up to two milliseconds late, but the thread sleeps, so that its CPU time can be compared. */
export const thriftyPace: LoadPace = (turn) => void setTimeout(turn, 1);

/** What a load is made of. */
export interface LoadOptions {
  readonly schedule: LoadSchedule;
  /**
   * Publishes an event. What it throws ends the load.
   *
   * @param dueUs - when the event was due, on the clock
   */
  readonly publish: (index: number, dueUs: number) => LoadOutcome;
  readonly clock: Pick<Clock, 'monotonicUs'>;
  readonly outcomes: OutcomeCounts;
  /** Takes how late each publish began, in microseconds. */
  readonly lateness: Histogram;
  readonly stop: AbortSignal;
  /** @defaultValue {@link promptPace} */
  readonly pace?: LoadPace;
  /** Called at the begin of each turn. */
  readonly onTurn?: (nowUs: number) => void;
}

/** How a load ended. */
export interface LoadEnd {
  /** Publishes attempted. */
  readonly published: number;
  readonly startUs: number;
  /** After the last publish. */
  readonly endUs: number;
}

/**
 * Publishes a schedule; resolves after the last event, or once stopped.
 *
 * @throws (rejects) what `publish` or `onTurn` throws
 */
export function generateLoad(options: LoadOptions): Promise<LoadEnd> {
  const { schedule, clock, stop, pace = promptPace, onTurn } = options;
  const startUs = clock.monotonicUs();
  let next = 0;
  return new Promise((resolve, reject) => {
    const turn = (): void => {
      try {
        const turnUs = clock.monotonicUs();
        onTurn?.(turnUs);
        next = publishDue(options, startUs, next, turnUs + TURN_US);
        const nowUs = clock.monotonicUs();
        if (next >= schedule.events || stop.aborted) resolve({ published: next, startUs, endUs: nowUs });
        else pace(turn, startUs + schedule.dueUs(next) - nowUs);
      } catch (error) {
        reject(error);
      }
    };
    turn();
  });
}

/** Publishes what is due from `first` on, until `untilUs`; returns the first event that was not published. */
function publishDue(options: LoadOptions, startUs: number, first: number, untilUs: number): number {
  const { schedule, publish, clock, outcomes, lateness, stop } = options;
  let index = first;
  for (; index < schedule.events && !stop.aborted; index++) {
    const dueUs = startUs + schedule.dueUs(index);
    const nowUs = clock.monotonicUs();
    if (dueUs > nowUs || nowUs >= untilUs) break;
    lateness.record(nowUs - dueUs);
    outcomes.add(publish(index, dueUs));
  }
  return index;
}
