/**
 * The events of the execution at hand, which of them depend on each other, and which pairs could have happened the other way round.
 * Thread: the explorer's own.
 *
 * 1. An event depends on the last write of each object it touched and, if it writes, on every read since.
 * 2. Two such events of different threads race when no third event lies between them in the order of dependence.
 * 3. For each race the later thread (or one that leads to it) has to run first in some other execution: the caller is told the
 *    threads that may start that execution, and at which decision.
 * Source: P. Abdulla, S. Aronis, B. Jonsson, K. Sagonas, "Optimal dynamic partial order reduction", POPL 2014 (source sets).
 */
import { Counter } from './control-words.ts';
import type { MemoryModel } from './memory-model.ts';
import { doubled } from './undo-words.ts';

/** Is told the decision before which the order can turn, the threads that may run there instead (a bit mask), and the one that raced. */
export type RaceListener = (decision: number, initials: number, thread: number) => void;

/** Events and their dependence. */
export class EventHistory {
  private readonly model: MemoryModel;
  private readonly threads: number;
  private readonly stride: number;
  private readonly base: number;
  private eventThread = new Int32Array(256);
  private eventDecision = new Int32Array(256);
  private eventClocks: Int32Array;
  private readonly candidates: number[] = [];

  /** @param model - memory that left {@link EventHistory.cellsFor} cells */
  constructor(model: MemoryModel) {
    this.model = model;
    this.threads = model.control.threads;
    this.stride = 1 + this.threads;
    this.base = model.historyBase;
    this.eventClocks = new Int32Array(256 * this.threads);
  }

  /** Number of cells needed: last write and last read of each thread, for the two objects of each word. */
  static cellsFor(words: number, threads: number): number {
    return words * 2 * (1 + threads);
  }

  /** Takes up the operation that `thread` just performed as an event, made by the decision of that number. */
  record(thread: number, decision: number, onRace: RaceListener): void {
    const control = this.model.control;
    const event = control.counter(Counter.events);
    this.reserve(event);
    this.eventThread[event] = thread;
    this.eventDecision[event] = decision;
    const clock = control.eventClock(thread);
    if (this.model.enabler !== 0) this.joinEvent(clock, this.model.enabler - 1);
    this.gatherCandidates(thread);
    const raced = this.candidates.filter((candidate) => this.isRace(candidate, clock));
    for (const candidate of this.candidates) this.joinEvent(clock, candidate);
    control.cells[clock + thread] = event + 1;
    for (let other = 0; other < this.threads; other++) {
      this.eventClocks[event * this.threads + other] = control.get(clock + other);
    }
    this.noteObjects(thread, event);
    for (const candidate of raced) onRace(this.eventDecision[candidate] as number, this.initials(candidate, event), thread);
  }

  private reserve(event: number): void {
    if (event < this.eventThread.length) return;
    this.eventThread = doubled(this.eventThread);
    this.eventDecision = doubled(this.eventDecision);
    this.eventClocks = doubled(this.eventClocks);
  }

  private joinEvent(clock: number, event: number): void {
    const cells = this.model.control.cells;
    for (let other = 0; other < this.threads; other++) {
      const value = this.eventClocks[event * this.threads + other] as number;
      if (value > (cells[clock + other] as number)) cells[clock + other] = value;
    }
  }

  /** Collects the events of other threads on which the performed operation depends. */
  private gatherCandidates(thread: number): void {
    const cells = this.model.cells;
    this.candidates.length = 0;
    for (const entry of this.model.footprint) {
      const at = this.base + (entry >> 1) * this.stride;
      this.addCandidate(cells.get(at), thread);
      if ((entry & 1) === 0) continue;
      for (let other = 0; other < this.threads; other++) this.addCandidate(cells.get(at + 1 + other), thread);
    }
  }

  private addCandidate(numberPlusOne: number, thread: number): void {
    if (numberPlusOne === 0) return;
    const event = numberPlusOne - 1;
    if (this.eventThread[event] !== thread && !this.candidates.includes(event)) this.candidates.push(event);
  }

  private isRace(candidate: number, clock: number): boolean {
    const by = this.eventThread[candidate] as number;
    if (candidate < this.model.control.get(clock + by)) return false;
    return !this.candidates.some((other) => other !== candidate && this.comesBefore(candidate, other));
  }

  private comesBefore(earlier: number, later: number): boolean {
    return earlier < (this.eventClocks[later * this.threads + (this.eventThread[earlier] as number)] as number);
  }

  private noteObjects(thread: number, event: number): void {
    const cells = this.model.cells;
    for (const entry of this.model.footprint) {
      const at = this.base + (entry >> 1) * this.stride;
      cells.set((entry & 1) === 1 ? at : at + 1 + thread, event + 1);
    }
  }

  /** Threads whose first event after `from`, among those that do not depend on it (and `last`), depends on none of the others. */
  private initials(from: number, last: number): number {
    let seen = 0;
    let initials = 0;
    const firsts: number[] = [];
    for (let event = from + 1; event <= last; event++) {
      const by = this.eventThread[event] as number;
      if ((seen & (1 << by)) !== 0 || (event !== last && this.comesBefore(from, event))) continue;
      seen |= 1 << by;
      if (!firsts.some((first) => this.comesBefore(first, event))) initials |= 1 << by;
      firsts.push(event);
    }
    return initials;
  }
}
