/**
 * Measures what is not told by lanes: memory of the process, delay of the main thread, and how much publishers are turned away.
 * Thread: the coordinator.
 *
 * - Memory is the resident set of the whole process, which a worker reads as well as any thread.
 * - The main thread is late while it is awake (its bell is not armed) and its heartbeat stands still. Nothing is written and nobody is woken for that;
 *   the delay is known to one tick, and a main thread that sleeps until nothing wakes it is not late.
 * - Turned away is an event that was refused, or dropped by its publisher. Whoever waits for room after a refusal is turned away once for every half
 *   of a lane or window, which is seldom unless they are tiny; a load beyond what is handled is turned away all the time. That tells overload from a
 *   full lane.
 */
import { LIMITS } from '@ringmain/core';
import {
  CELL_BYTES,
  MAIN_THREAD,
  PUBLISH_DROPS,
  ThreadCell,
  ThreadPhase,
  ThreadWord,
  TYPE_CELLS,
  readCell,
} from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import type { ControlWords } from './control-words.ts';

/** Part of the events offered lately that must be turned away for lanes and credit to count as overloaded: at least, and where windows are tiny. */
const TURNED_AWAY_MIN = 1 / 8;
const TURNED_AWAY_MAX = 1 / 2;
/** Units of credit of a record of 1 KiB; few are larger. */
const RECORD_UNITS = 1024 / LIMITS.bayChunkBytes;

/** What remains of a count from one look to the next. */
const KEPT = 1 / 2;
const CELL_WORDS = CELL_BYTES / 4;
const ASLEEP = 1;

/** Measures of one runtime. */
export class LoadGates {
  private readonly context: ThreadContext;
  private readonly words: ControlWords;
  private heartbeat: number | undefined;
  private turnedUs = 0;
  private last: { readonly taken: number; readonly away: number } | undefined;
  private taken = 0;
  private away = 0;
  private readonly laneUnits: number;
  /** The narrowest window that refused lately; forgotten as the refusals are. */
  private windowUnits = Infinity;

  constructor(context: ThreadContext, words: ControlWords) {
    this.context = context;
    this.words = words;
    const { lanes, mesh } = context.seed.config;
    this.laneUnits =
      Math.min(...Object.values(lanes).map((lane) => lane.capacityBytes), mesh.capacityBytes) / LIMITS.bayChunkBytes;
  }

  /** Time since the main thread should have begun a turn, in milliseconds. Once per look. */
  mainDelayMs(nowUs: number): number {
    const { words } = this;
    const heartbeat = words.read(MAIN_THREAD, ThreadWord.heartbeat);
    const runs = words.read(MAIN_THREAD, ThreadWord.phase) === ThreadPhase.running;
    const asleep = words.read(MAIN_THREAD, ThreadWord.bell) === ASLEEP;
    if (!runs || asleep || heartbeat !== this.heartbeat) this.turnedUs = nowUs;
    this.heartbeat = heartbeat;
    return (nowUs - this.turnedUs) / 1000;
  }

  /**
   * True while more of what is offered is turned away than by publishers that wait for room. Once per look.
   *
   * @param windowUnits - the narrowest window of credit that refused somebody; `Infinity` for none
   */
  isTurningAway(windowUnits: number): boolean {
    const now = this.count();
    const last = this.last ?? now;
    this.last = now;
    this.taken = this.taken * KEPT + now.taken - last.taken;
    this.away = this.away * KEPT + now.away - last.away;
    // Who waits is refused once for every half of a window, but no more often than he publishes.
    this.windowUnits = Math.min(windowUnits, this.laneUnits, this.windowUnits / KEPT);
    const halfRecords = this.windowUnits / 2 / RECORD_UNITS;
    const patient = Math.min(TURNED_AWAY_MAX, Math.max(TURNED_AWAY_MIN, 1 / (1 + halfRecords)));
    return this.away > (this.taken + this.away) * patient;
  }

  /** Events taken and turned away since the start, in all threads. */
  private count(): { readonly taken: number; readonly away: number } {
    const { control, seed } = this.context;
    let taken = 0;
    let away = 0;
    for (const [thread, { typeCells, dropCells }] of seed.plan.threads.entries()) {
      away += this.words.cell(thread, ThreadCell.rejected);
      // Between the closed types and the open ones there are thousands of cells that nobody uses.
      for (const [first, end] of [
        [0, seed.types.length],
        [LIMITS.typesMax, TYPE_CELLS],
      ] as const) {
        taken += sumCells(control, typeCells, first, end);
        away += sumCells(control, dropCells, first * PUBLISH_DROPS.length, end * PUBLISH_DROPS.length);
      }
    }
    return { taken, away };
  }
}

function sumCells(control: Int32Array, cells: number, first: number, end: number): number {
  let sum = 0;
  for (let cell = first; cell < end; cell++) sum += readCell(control, (cells >> 2) + cell * CELL_WORDS);
  return sum;
}
