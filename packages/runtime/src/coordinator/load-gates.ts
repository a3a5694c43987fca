/**
 * Measures what is not told by lanes: memory of the process, delay of the main thread, and how much publishers are turned away.
 * Thread: the coordinator.
 *
 * - Memory is the resident set of the whole process, which a worker reads as well as any thread.
 * - The main thread is late while it is awake (its bell is not armed) and its heartbeat stands still. Nothing is written and nobody is woken for that;
 *   the delay is known to one tick, and a main thread that sleeps until nothing wakes it is not late.
 * - Turned away is an event that was refused, or dropped by its publisher. Whoever waits for room after a refusal is turned away once for every half
 *   lane of events; a load beyond what is handled is turned away most of the time. That tells a full lane from overload.
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

/** Part of the events offered lately that must be turned away for lanes and credit to count as overloaded. */
export const TURNED_AWAY_MIN = 1 / 8;

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

  constructor(context: ThreadContext, words: ControlWords) {
    this.context = context;
    this.words = words;
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

  /** True while more than {@link TURNED_AWAY_MIN} of what is offered is turned away. Once per look. */
  isTurningAway(): boolean {
    const now = this.count();
    const last = this.last ?? now;
    this.last = now;
    this.taken = this.taken * KEPT + now.taken - last.taken;
    this.away = this.away * KEPT + now.away - last.away;
    return this.away > (this.taken + this.away) * TURNED_AWAY_MIN;
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
