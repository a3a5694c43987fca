/**
 * Runs simulated threads, which are plain synchronous functions, in any order of their atomic operations.
 * Thread: the explorer's own; everything simulated runs on one real thread.
 *
 * 1. A thread runs until its next atomic operation, which it announces. The strategy then picks a thread.
 * 2. If it picks the same one, the operation is performed and the thread just runs on.
 * 3. If not, a signal is thrown through the thread's code. When its turn comes, the thread is run again from its start; its log answers all
 *    accesses up to the announced operation, which is then performed.
 * 4. Plain accesses are performed at once: where nothing races, their order against other threads cannot be seen.
 * 5. A kill ends a thread between two accesses; its successor goes on in its place, as the same thread to all clocks.
 * Invariant: while a thread is suspended, nothing it does has an effect: every access throws the signal again.
 */
import { RingmainError } from '@ringmain/core';
import type { AsyncWait } from '@ringmain/ring';
import { AccessLog, accessKey, isThreadsOwnValue } from './access-log.ts';
import { Counter, Status, THREADS_MAX, ThreadField } from './control-words.ts';
import { EventHistory } from './event-history.ts';
import type { Finding } from './failure.ts';
import { finalState } from './final-state.ts';
import { CATEGORY_NAMES, ORDERED } from './happens-before.ts';
import { MemoryModel } from './memory-model.ts';
import { Op } from './operations.ts';
import type { OpKind } from './operations.ts';
import type { Note, Scenario, ThreadContext } from './scenario.ts';
import { SimulatedMemory, directStep, waitOf } from './simulated-memory.ts';
import type { MemoryBackend } from './simulated-memory.ts';
import { PRUNE } from './strategy.ts';
import type { Strategy } from './strategy.ts';
import type { Tracer } from './tracer.ts';

const NOBODY = -1;
const END = -1;

/** Most accesses of one thread in one execution; an endless loop over plain words reaches it. */
const ACCESSES_MAX = 1_000_000;

/** Thrown through a thread's code to leave it. */
class Suspension extends Error {}
const SUSPENSION = new Suspension('a simulated thread was suspended; code under test must let this pass');

/** A state to return to. */
export interface Snapshot {
  mark: number;
  control: Int32Array;
}

/** What is counted over all executions. */
export interface SimulationCounts {
  accesses: number;
  events: number;
  runs: number;
  killPoints: number;
  depthMax: number;
}

/** One scenario's threads over one simulated memory. */
export class Simulation<Shared> implements MemoryBackend {
  readonly model: MemoryModel;
  readonly memory: SimulatedMemory;
  readonly shared: Shared;
  readonly notes: Note[] = [];
  readonly results: unknown[] = [];
  readonly counts: SimulationCounts = { accesses: 0, events: 0, runs: 0, killPoints: 0, depthMax: 0 };
  /** The first violation of the current execution. */
  finding: Finding | undefined;
  /** Set while an execution was cut short because another one covers it. */
  pruned = false;
  tracer: Tracer | undefined;

  private readonly scenario: Scenario<Shared>;
  private readonly strategy: Strategy;
  private readonly stepsMax: number;
  private readonly logs: AccessLog[][];
  private readonly victims: readonly boolean[];
  private readonly killsMax: number;
  private readonly killsEverywhere: boolean;
  private readonly origin: Snapshot;
  private next = END;
  private current = NOBODY;
  private log = new AccessLog();
  private cursor = 0;
  private granted = false;
  private suspended = false;
  private readonly contexts: (ThreadContext | undefined)[];

  constructor(scenario: Scenario<Shared>, strategy: Strategy, stepsMax: number) {
    const threads = scenario.threads.length;
    if (threads === 0 || threads > THREADS_MAX) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `a scenario of ${threads} threads`, { allowed: `1 to ${THREADS_MAX}` });
    }
    this.scenario = scenario;
    this.strategy = strategy;
    this.stepsMax = stepsMax;
    this.memory = new SimulatedMemory();
    this.shared = scenario.setup(this.memory);
    this.model = new MemoryModel(this.memory.initial, threads, EventHistory.cellsFor(this.memory.initial.length, threads));
    this.memory.connect(this);
    this.logs = scenario.threads.map(() => []);
    this.contexts = scenario.threads.map(() => undefined);
    this.victims = victimsOf(scenario);
    this.killsMax = scenario.kills?.max ?? 0;
    this.killsEverywhere = scenario.kills?.at === 'every-access';
    this.origin = { mark: 0, control: new Int32Array(0) };
    this.save(this.origin);
  }

  /** Goes back to the state right after the set-up; {@link Simulation.run} then runs a whole execution. */
  begin(): void {
    this.restore(this.origin);
    this.next = this.decide();
  }

  /** Lets a thread perform its announced operation next. */
  grant(thread: number): void {
    this.next = thread;
  }

  /** Kills a thread where it stands. */
  kill(thread: number): void {
    const control = this.model.control;
    control.setCounter(Counter.deaths, control.counter(Counter.deaths) + 1);
    control.setThread(thread, ThreadField.opKind, Op.none);
    if (!this.model.isRegistered(thread)) return this.succeed(thread);
    // Others can see whether the waiter is still there, so that leaving the queue is an operation of its own.
    this.model.announce(thread, Op.die, 0, 0, 0);
    this.next = this.decide();
  }

  /** Runs until the execution is over, pruned or failed. */
  run(): void {
    for (let thread = this.next; thread >= 0; thread = this.next) {
      if (this.model.control.thread(thread, ThreadField.opKind) === Op.die) {
        this.perform(thread);
        this.succeed(thread);
      } else {
        this.invoke(thread);
      }
    }
    this.current = NOBODY;
    this.suspended = false;
    this.counts.depthMax = Math.max(this.counts.depthMax, this.model.control.counter(Counter.events));
    if (this.finding === undefined && !this.pruned) this.finish();
  }

  save(snapshot: Snapshot): void {
    const control = this.model.control;
    for (let thread = 0; thread < control.threads; thread++)
      control.setThread(thread, ThreadField.logLength, this.logOf(thread).length);
    control.setCounter(Counter.notes, this.notes.length);
    snapshot.mark = this.model.cells.mark();
    if (snapshot.control.length === 0) snapshot.control = control.cells.slice();
    else snapshot.control.set(control.cells);
  }

  restore(snapshot: Snapshot): void {
    const control = this.model.control;
    this.model.cells.rewind(snapshot.mark);
    control.cells.set(snapshot.control);
    for (let thread = 0; thread < control.threads; thread++)
      this.logOf(thread).length = control.thread(thread, ThreadField.logLength);
    this.notes.length = control.counter(Counter.notes);
    this.finding = undefined;
    this.pruned = false;
    this.current = NOBODY;
    this.suspended = false;
  }

  /** {@inheritDoc MemoryBackend.read} */
  read(word: number): number {
    if (this.suspended) throw SUSPENSION;
    if (this.current === NOBODY) return this.model.value(word);
    const key = accessKey(Op.read, word);
    if (this.cursor < this.log.length) return this.recall(key);
    this.killPoint();
    const value = this.model.plainRead(this.current, word);
    this.tracer?.access(this.current, this.nameOf(this.current), this.generation, Op.read, word, String(value));
    if (this.model.conflict !== ORDERED) this.failRace(word, 'plain read');
    this.append(key, value);
    return value;
  }

  /** {@inheritDoc MemoryBackend.write} */
  write(word: number, value: number): void {
    if (this.suspended) throw SUSPENSION;
    if (this.current === NOBODY) return this.model.cells.set(word, value);
    const key = accessKey(Op.write, word);
    if (this.cursor < this.log.length) return this.recallOwn(key, value);
    this.killPoint();
    this.model.plainWrite(this.current, word, value);
    this.tracer?.access(this.current, this.nameOf(this.current), this.generation, Op.write, word, String(value));
    if (this.model.conflict !== ORDERED) this.failRace(word, 'plain write');
    this.append(key, value);
    this.model.control.setThread(this.current, ThreadField.dirty, 1);
  }

  /** {@inheritDoc MemoryBackend.step} */
  step(kind: OpKind, word: number, first: number, second: number): number {
    if (this.suspended) throw SUSPENSION;
    if (this.current === NOBODY)
      return directStep(
        { read: (at) => this.model.value(at), write: (at, value) => this.model.cells.set(at, value) },
        kind,
        word,
        first,
        second,
      );
    const key = accessKey(kind, word);
    if (this.cursor < this.log.length) return this.recall(key);
    const thread = this.current;
    if (this.granted) {
      this.granted = false;
      this.expectAnnounced(thread, kind, word, first);
    } else {
      this.killPoint();
      this.model.announce(thread, kind, word, first, second);
      const next = this.decide();
      if (next !== thread) this.suspend(next);
    }
    const value = this.perform(thread);
    this.append(key, value);
    return value;
  }

  /** {@inheritDoc MemoryBackend.timesOut} */
  timesOut(): boolean {
    const max = this.scenario.timeouts ?? 0;
    if (max === 0) return false;
    const control = this.model.control;
    const isNew = this.cursor === this.log.length;
    const outcome = this.choose(isNew && control.counter(Counter.timeouts) >= max ? 1 : 2);
    if (isNew && outcome === 1) control.setCounter(Counter.timeouts, control.counter(Counter.timeouts) + 1);
    return outcome === 1;
  }

  private choose(options: number): number {
    if (this.suspended) throw SUSPENSION;
    const key = accessKey(Op.choose, 0);
    if (this.cursor < this.log.length) return this.recall(key);
    const outcome = options <= 1 ? 0 : this.strategy.toss(options, 'choice', this.current);
    this.tracer?.remark(this.nameOf(this.current), this.generation, 'choose', String(outcome));
    this.append(key, outcome);
    return outcome;
  }

  private note(label: string, value: unknown): void {
    if (this.suspended) throw SUSPENSION;
    const key = accessKey(Op.note, 0);
    if (this.cursor < this.log.length) {
      this.recall(key);
      return;
    }
    this.killPoint();
    this.notes.push({ thread: this.nameOf(this.current), generation: this.generation, label, value });
    this.tracer?.remark(
      this.nameOf(this.current),
      this.generation,
      `note ${label}`,
      value === undefined ? '' : JSON.stringify(value),
    );
    this.append(key, 0);
    this.model.control.setThread(this.current, ThreadField.dirty, 1);
  }

  private spin(words: Int32Array, index: number, value: number): number {
    const word = this.memory.locate(words, index);
    let seen = this.step(Op.load, word, 0, 0);
    while (seen === (value | 0)) seen = this.step(Op.reload, word, value | 0, 0);
    return seen;
  }

  private await(result: AsyncWait): 'ok' | 'not-equal' | 'timed-out' {
    if (!result.async) return result.value;
    const open = waitOf(result.value);
    if (open === undefined)
      throw new RingmainError('RINGMAIN_OPTION_INVALID', 'only results of the simulated waitAsync can be awaited');
    this.step(Op.wake, open.word, open.waiter, 0);
    return 'ok';
  }

  private perform(thread: number): number {
    const { model, tracer } = this;
    const control = model.control;
    const kind = control.thread(thread, ThreadField.opKind) as OpKind;
    const word = control.thread(thread, ThreadField.opWord);
    const value = model.perform(thread);
    tracer?.access(thread, this.nameOf(thread), control.thread(thread, ThreadField.generation), kind, word, String(value));
    if (model.conflict !== ORDERED) this.failRace(word, 'atomic access');
    this.strategy.performed(thread, model.footprint);
    control.setCounter(Counter.events, control.counter(Counter.events) + 1);
    this.counts.events++;
    if (model.changed) control.setThread(thread, ThreadField.dirty, 1);
    return value;
  }

  private append(key: number, value: number): void {
    this.log.append(key, value);
    this.cursor++;
    this.counts.accesses++;
    if (this.cursor > ACCESSES_MAX)
      this.fail({ kind: 'endless', message: `${this.nameOf(this.current)} made ${ACCESSES_MAX} accesses` });
  }

  private recall(key: number): number {
    const at = this.cursor++;
    if (this.log.keyAt(at) !== key) this.failDiverged();
    return this.log.valueAt(at);
  }

  private recallOwn(key: number, value: number): void {
    if (this.recall(key) !== value && isThreadsOwnValue(key)) this.failDiverged();
  }

  private expectAnnounced(thread: number, kind: OpKind, word: number, first: number): void {
    const control = this.model.control;
    const same =
      control.thread(thread, ThreadField.opKind) === kind &&
      control.thread(thread, ThreadField.opWord) === word &&
      control.thread(thread, ThreadField.opFirst) === first;
    if (!same) this.failDiverged();
  }

  private killPoint(): void {
    const control = this.model.control;
    const thread = this.current;
    if (this.victims[thread] !== true || control.counter(Counter.deaths) >= this.killsMax) return;
    if (!this.killsEverywhere && control.thread(thread, ThreadField.dirty) === 0) return;
    control.setThread(thread, ThreadField.dirty, 0);
    this.counts.killPoints++;
    if (this.strategy.toss(2, 'kill', thread) === 0) return;
    this.tracer?.remark(this.nameOf(thread), this.generation, 'killed', '');
    this.suspended = true;
    this.kill(thread);
    throw SUSPENSION;
  }

  /** Lets the successor of a dead thread go on in its place. */
  private succeed(thread: number): void {
    const control = this.model.control;
    const generation = control.thread(thread, ThreadField.generation) + 1;
    control.setThread(thread, ThreadField.generation, generation);
    this.contexts[thread] = undefined;
    if (this.scenario.threads[thread]?.successor === undefined) {
      control.setThread(thread, ThreadField.status, Status.dead);
      this.next = this.decide();
      return;
    }
    control.setThread(thread, ThreadField.dirty, 1);
    this.logOf(thread).length = 0;
    this.next = thread;
  }

  private invoke(thread: number): void {
    const generation = this.model.control.thread(thread, ThreadField.generation);
    const spec = this.scenario.threads[thread];
    const body = generation === 0 ? spec?.run : spec?.successor;
    this.current = thread;
    this.log = this.logOf(thread);
    this.cursor = 0;
    this.granted = this.model.control.thread(thread, ThreadField.opKind) !== Op.none;
    this.suspended = false;
    this.counts.runs++;
    try {
      const result = body?.(this.shared, this.contextOf(thread, generation));
      if (!this.suspended) this.exit(thread, result);
      else this.report({ kind: 'swallowed', message: `${this.nameOf(thread)} caught the signal that suspends it and returned` });
    } catch (error) {
      if (!this.suspended)
        this.report({ kind: 'thrown', message: `${this.nameOf(thread)} threw ${String(error)}`, cause: error });
    }
    this.current = NOBODY;
  }

  private exit(thread: number, result: unknown): void {
    if (this.cursor < this.log.length || this.granted) this.failDiverged();
    if (result instanceof Promise) {
      this.report({ kind: 'thrown', message: `${this.nameOf(thread)} returned a promise: simulated threads are synchronous` });
      return;
    }
    this.killPoint();
    this.results[thread] = result;
    this.model.control.setThread(thread, ThreadField.status, Status.finished);
    this.next = this.decide();
  }

  private decide(): number {
    const control = this.model.control;
    const started = control.counter(Counter.started);
    if (started < control.threads) {
      control.setCounter(Counter.started, started + 1);
      control.setThread(started, ThreadField.status, Status.live);
      control.setThread(started, ThreadField.dirty, 1);
      return started;
    }
    let enabled = 0;
    for (let thread = 0; thread < control.threads; thread++) if (this.model.isEnabled(thread)) enabled |= 1 << thread;
    if (enabled === 0) return END;
    if (control.counter(Counter.events) >= this.stepsMax) {
      this.report({
        kind: 'endless',
        message: `an execution passed ${this.stepsMax} atomic operations; loops that poll need thread.spin`,
      });
      return END;
    }
    const choice = this.strategy.schedule(enabled, this.current);
    this.pruned = choice === PRUNE;
    return choice;
  }

  private suspend(next: number): never {
    this.next = next;
    this.suspended = true;
    throw SUSPENSION;
  }

  private finish(): void {
    const control = this.model.control;
    const blocked = this.scenario.threads
      .map((_, thread) => thread)
      .filter((thread) => control.thread(thread, ThreadField.status) === Status.live);
    if (blocked.some((thread) => this.scenario.threads[thread]?.daemon !== true)) {
      const waits = blocked.some((thread) => control.thread(thread, ThreadField.opKind) === Op.wake);
      const states = blocked.map(
        (thread) => `${this.nameOf(thread)} is blocked on ${this.memory.nameOf(control.thread(thread, ThreadField.opWord))}`,
      );
      this.report({ kind: waits ? 'lost-wake-up' : 'deadlock', message: states.join(', ') });
      return;
    }
    try {
      this.scenario.check?.(finalState(this, this.scenario));
    } catch (error) {
      this.report({ kind: 'check', message: error instanceof Error ? error.message : String(error), cause: error });
    }
  }

  private report(finding: Finding): void {
    this.finding ??= finding;
    this.suspended = true;
    this.next = END;
  }

  private fail(finding: Finding): never {
    this.report(finding);
    throw SUSPENSION;
  }

  private failDiverged(): never {
    return this.fail({
      kind: 'diverged',
      message: `${this.nameOf(this.current)} did something else when it was run again: it keeps state outside of its body`,
    });
  }

  private failRace(word: number, access: string): never {
    const other = this.model.conflict >> 2;
    const category = this.model.conflict & 3;
    const here = this.tracer?.here() ?? '';
    const there = this.tracer?.placeOf(word, other, category) ?? '';
    const name = this.nameOf(this.current);
    return this.fail({
      kind: 'race',
      message: `${access} of ${this.memory.nameOf(word)} by ${name} ${here} is not ordered after the ${CATEGORY_NAMES[category] ?? ''} by ${this.nameOf(other)} ${there}`,
    });
  }

  private get generation(): number {
    return this.model.control.thread(this.current, ThreadField.generation);
  }

  private nameOf(thread: number): string {
    return this.scenario.threads[thread]?.name ?? 'nobody';
  }

  private logOf(thread: number): AccessLog {
    const generations = this.logs[thread] as AccessLog[];
    return (generations[this.model.control.thread(thread, ThreadField.generation)] ??= new AccessLog());
  }

  private contextOf(thread: number, generation: number): ThreadContext {
    const known = this.contexts[thread];
    if (known?.generation === generation) return known;
    const context: ThreadContext = {
      name: this.nameOf(thread),
      generation,
      note: (label, value) => this.note(label, value),
      spin: (words, index, value) => this.spin(words, index, value),
      await: (result) => this.await(result),
      choose: (options) => this.choose(options),
    };
    this.contexts[thread] = context;
    return context;
  }
}

function victimsOf<Shared>(scenario: Scenario<Shared>): boolean[] {
  const names = scenario.threads.map((thread) => thread.name);
  const unknown = scenario.kills?.victims.find((victim) => !names.includes(victim));
  if (unknown !== undefined)
    throw new RingmainError('RINGMAIN_OPTION_INVALID', `victim "${unknown}" is no thread`, { allowed: names.join(', ') });
  return names.map((name) => scenario.kills?.victims.includes(name) === true);
}
