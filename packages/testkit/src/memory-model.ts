/**
 * The simulated memory: values, happens-before, and the waiters of each word. Sequentially consistent atomics.
 * Thread: the explorer's own.
 *
 * An operation that may block is announced first and performed when it is scheduled. Nothing ever disables an announced operation:
 * a wait is two operations (look and register; go on once notified), and so is a spin (look; look again once the word was written).
 * The exploration's proof of completeness rests on that.
 */
import { RingmainError } from '@ringmain/core';
import { ControlWords, Counter, Status, ThreadField, WAITERS_MAX, WaiterField, WaiterState } from './control-words.ts';
import { HappensBefore, ORDERED } from './happens-before.ts';
import type { Conflict } from './happens-before.ts';
import { Op, queueWrite, valueRead, valueWrite } from './operations.ts';
import type { Footprint, OpKind } from './operations.ts';
import { UndoWords } from './undo-words.ts';

/** Results of {@link Op.wait}; a result above is the number of a registered waiter plus this. */
export const WaitResult = { notEqual: 0, timedOut: 1, waiter: 2 } as const;

/** Second operand of a wait that ends at once when it finds the expected value. */
export const MAY_TIME_OUT = 1;

const NOTHING: Footprint = [];

/** Values, order and waiters of simulated shared memory. */
export class MemoryModel {
  readonly cells: UndoWords;
  readonly control: ControlWords;
  readonly words: number;
  /** First of the cells left to the history of events. */
  readonly historyBase: number;
  /** What the last performed operation touches in any state of the memory; see {@link footprintOf}. */
  footprint: Footprint = NOTHING;
  /** True when it changed something that others, or a successor, may see. */
  changed = false;
  /** 1 + number of the event that enabled the last performed operation, if it had been blocked. */
  enabler = 0;
  /** The race of the last access, if there was one. */
  conflict: Conflict = ORDERED;

  private readonly order: HappensBefore;

  /** @param historyCells - cells to leave for the history of events */
  constructor(values: readonly number[], threads: number, historyCells: number) {
    this.words = values.length;
    this.control = new ControlWords(threads);
    const orderCells = HappensBefore.cellsFor(this.words, threads);
    this.historyBase = this.words + orderCells;
    this.cells = new UndoWords(this.historyBase + historyCells);
    this.order = new HappensBefore(this.cells, this.words, this.control);
    values.forEach((value, word) => this.cells.set(word, value));
  }

  value(word: number): number {
    return this.cells.get(word);
  }

  plainRead(thread: number, word: number): number {
    this.conflict = this.order.plainRead(thread, word);
    return this.cells.get(word);
  }

  plainWrite(thread: number, word: number, value: number): void {
    this.conflict = this.order.plainWrite(thread, word);
    this.cells.set(word, value);
  }

  /** Announces a thread's next operation. */
  announce(thread: number, kind: OpKind, word: number, first: number, second: number): void {
    const control = this.control;
    control.setThread(thread, ThreadField.opKind, kind);
    control.setThread(thread, ThreadField.opWord, word);
    control.setThread(thread, ThreadField.opFirst, first);
    control.setThread(thread, ThreadField.opSecond, second);
    if (kind !== Op.reload) return;
    control.setThread(thread, ThreadField.ready, 0);
    control.setThread(thread, ThreadField.enabler, 0);
  }

  /** Tells whether a thread's announced operation may run. */
  isEnabled(thread: number): boolean {
    const control = this.control;
    if (control.thread(thread, ThreadField.status) !== Status.live) return false;
    const kind = control.thread(thread, ThreadField.opKind);
    if (kind === Op.wake) {
      return control.waiter(control.thread(thread, ThreadField.opFirst), WaiterField.state) === WaiterState.woken;
    }
    return kind !== Op.reload || control.thread(thread, ThreadField.ready) === 1;
  }

  /** Performs a thread's announced operation and leaves what it touched in {@link MemoryModel.footprint}. */
  perform(thread: number): number {
    const control = this.control;
    const kind = control.thread(thread, ThreadField.opKind) as OpKind;
    const word = control.thread(thread, ThreadField.opWord);
    const first = control.thread(thread, ThreadField.opFirst);
    const second = control.thread(thread, ThreadField.opSecond);
    control.setThread(thread, ThreadField.opKind, Op.none);
    this.enabler = 0;
    this.conflict = ORDERED;
    this.footprint = footprintOf(kind, word, second);
    this.changed = false;
    switch (kind) {
      case Op.load:
        return this.load(thread, word);
      case Op.reload:
        this.enabler = control.thread(thread, ThreadField.enabler);
        return this.load(thread, word);
      case Op.store:
        this.store(thread, word, first);
        return first;
      case Op.exchange:
        return this.exchange(thread, word, first);
      case Op.compareExchange:
        return this.cells.get(word) === first ? this.exchange(thread, word, second) : this.load(thread, word);
      case Op.notify:
        return this.notify(thread, word, first);
      case Op.wait:
      case Op.waitAsync:
        return this.wait(thread, word, first, second);
      case Op.wake:
        return this.wake(thread, first);
      default:
        return this.leave(thread);
    }
  }

  /** Tells whether a thread is registered as a waiter anywhere. */
  isRegistered(thread: number): boolean {
    for (let waiter = 0; waiter < WAITERS_MAX; waiter++) {
      if (
        this.control.waiter(waiter, WaiterField.state) !== WaiterState.free &&
        this.control.waiter(waiter, WaiterField.thread) === thread
      )
        return true;
    }
    return false;
  }

  private load(thread: number, word: number): number {
    this.conflict = this.order.atomicRead(thread, word);
    return this.cells.get(word);
  }

  private store(thread: number, word: number, value: number): void {
    this.conflict = this.order.atomicWrite(thread, word);
    this.changed = true;
    this.cells.set(word, value);
    this.enableSpinners(word, value);
  }

  private exchange(thread: number, word: number, value: number): number {
    const before = this.cells.get(word);
    const conflict = this.order.atomicRead(thread, word);
    this.store(thread, word, value);
    if (conflict !== ORDERED) this.conflict = conflict;
    return before;
  }

  private enableSpinners(word: number, value: number): void {
    const control = this.control;
    for (let thread = 0; thread < control.threads; thread++) {
      if (control.thread(thread, ThreadField.opKind) !== Op.reload || control.thread(thread, ThreadField.opWord) !== word)
        continue;
      if (control.thread(thread, ThreadField.ready) === 1 || control.thread(thread, ThreadField.opFirst) === value) continue;
      control.setThread(thread, ThreadField.ready, 1);
      control.setThread(thread, ThreadField.enabler, control.counter(Counter.events) + 1);
    }
  }

  private wait(thread: number, word: number, expected: number, mayTimeOut: number): number {
    const value = this.load(thread, word);
    if (value !== expected) return WaitResult.notEqual;
    if (mayTimeOut === MAY_TIME_OUT) return WaitResult.timedOut;
    const waiter = this.freeWaiter();
    const control = this.control;
    const order = control.counter(Counter.registrations);
    control.setCounter(Counter.registrations, order + 1);
    control.setWaiter(waiter, WaiterField.state, WaiterState.waiting);
    control.setWaiter(waiter, WaiterField.word, word);
    control.setWaiter(waiter, WaiterField.thread, thread);
    control.setWaiter(waiter, WaiterField.order, order);
    this.changed = true;
    return WaitResult.waiter + waiter;
  }

  private freeWaiter(): number {
    for (let waiter = 0; waiter < WAITERS_MAX; waiter++) {
      if (this.control.waiter(waiter, WaiterField.state) === WaiterState.free) return waiter;
    }
    throw new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `more than ${WAITERS_MAX} simulated waits are open`, {
      allowed: 'every result of waitAsync is given to thread.await',
    });
  }

  private notify(thread: number, word: number, count: number): number {
    const control = this.control;
    let woken = 0;
    while (woken < count) {
      const waiter = this.eldestWaiter(word);
      if (waiter === -1) break;
      control.setWaiter(waiter, WaiterField.state, WaiterState.woken);
      control.setWaiter(waiter, WaiterField.enabler, control.counter(Counter.events) + 1);
      this.order.releaseTo(thread, control.waiterClock(waiter));
      woken++;
    }
    this.changed = woken > 0;
    return woken;
  }

  private eldestWaiter(word: number): number {
    let eldest = -1;
    for (let waiter = 0; waiter < WAITERS_MAX; waiter++) {
      if (
        this.control.waiter(waiter, WaiterField.state) !== WaiterState.waiting ||
        this.control.waiter(waiter, WaiterField.word) !== word
      )
        continue;
      if (eldest === -1 || this.control.waiter(waiter, WaiterField.order) < this.control.waiter(eldest, WaiterField.order))
        eldest = waiter;
    }
    return eldest;
  }

  private wake(thread: number, waiter: number): number {
    this.control.join(this.control.memoryClock(thread), this.control.waiterClock(waiter));
    this.enabler = this.control.waiter(waiter, WaiterField.enabler);
    this.control.setWaiter(waiter, WaiterField.state, WaiterState.free);
    return 0;
  }

  /** Takes a dying thread out of every queue it waits in. */
  private leave(thread: number): number {
    const touched: number[] = [];
    for (let waiter = 0; waiter < WAITERS_MAX; waiter++) {
      if (
        this.control.waiter(waiter, WaiterField.state) === WaiterState.free ||
        this.control.waiter(waiter, WaiterField.thread) !== thread
      )
        continue;
      touched.push(queueWrite(this.control.waiter(waiter, WaiterField.word)));
      this.control.setWaiter(waiter, WaiterField.state, WaiterState.free);
    }
    this.footprint = touched;
    return 0;
  }
}

/**
 * What an operation touches in any state of the memory: a comparison counts as the write it may become, a wait as the registration, a notify
 * as the wake-up. Were it less where nothing is written, an order that the reduction takes for irrelevant in one state would matter in the
 * state it derives from it.
 */
function footprintOf(kind: OpKind, word: number, second: number): Footprint {
  switch (kind) {
    case Op.load:
    case Op.reload:
      return [valueRead(word)];
    case Op.notify:
      return [queueWrite(word)];
    case Op.wait:
    case Op.waitAsync:
      return second === MAY_TIME_OUT ? [valueRead(word)] : [valueRead(word), queueWrite(word)];
    case Op.wake:
    case Op.die:
      return NOTHING;
    default:
      return [valueWrite(word)];
  }
}
