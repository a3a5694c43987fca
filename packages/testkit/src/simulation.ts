/**
 * Runs simulated threads, which are plain synchronous functions, in any order of their atomic operations.
 * Thread: the explorer's own; everything simulated runs on one real thread.
 *
 * 1. A thread runs until its next atomic operation, which it announces. The strategy then picks a thread.
 * 2. If it picks the same one, the operation is performed and the thread just runs on.
 * 3. If not, the thread's code is left by a signal. When its turn comes, the thread is run again from its start; its log answers all accesses
 *    up to the announced operation, which is then performed ({@link ThreadRun}).
 * 4. A kill ends a thread between two accesses; its successor goes on in its place, as the same thread to all clocks.
 * Invariant: one thread at most is neither finished nor dead nor stands at an announced operation: the one that runs.
 */
import { RingmainError } from '@ringmain/core';
import { Counter, Status, THREADS_MAX, ThreadField } from './control-words.ts';
import { END, Execution, emptySnapshot } from './execution.ts';
import type { Snapshot } from './execution.ts';
import { KillPoints } from './kill-points.ts';
import type { MemoryModel } from './memory-model.ts';
import { Op } from './operations.ts';
import type { Scenario } from './scenario.ts';
import { SimulatedMemory } from './simulated-memory.ts';
import { PRUNE } from './strategy.ts';
import type { Strategy } from './strategy.ts';
import { ThreadPort } from './thread-port.ts';
import { ThreadRun } from './thread-run.ts';
import type { Scheduler } from './thread-run.ts';
import { verdictOf } from './verdict.ts';

/** One scenario's threads over one simulated memory. */
export class Simulation<Shared> implements Scheduler {
  readonly execution: Execution;
  readonly model: MemoryModel;

  private readonly scenario: Scenario<Shared>;
  private readonly shared: Shared;
  private readonly strategy: Strategy;
  private readonly stepsMax: number;
  private readonly killPoints: KillPoints;
  private readonly current: ThreadRun;
  private readonly port: ThreadPort;
  private readonly origin = emptySnapshot();

  /**
   * @param stepsMax - atomic operations in one execution
   * @throws RingmainError `RINGMAIN_OPTION_INVALID` when there are no threads, too many, or a victim that is none of them
   */
  constructor(scenario: Scenario<Shared>, strategy: Strategy, stepsMax: number) {
    const names = scenario.threads.map((thread) => thread.name);
    if (names.length === 0 || names.length > THREADS_MAX) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `a scenario of ${names.length} threads`, {
        allowed: `1 to ${THREADS_MAX}`,
      });
    }
    this.scenario = scenario;
    this.strategy = strategy;
    this.stepsMax = stepsMax;
    const memory = new SimulatedMemory();
    this.shared = scenario.setup(memory);
    this.execution = new Execution(scenario.name, memory, names);
    this.model = this.execution.model;
    this.killPoints = new KillPoints(scenario.kills, names, this.model.control);
    this.current = new ThreadRun(this.execution, strategy, this, this.killPoints);
    this.port = new ThreadPort(this.execution, this.current, strategy, scenario.timeouts ?? 0);
    memory.connect(this.port);
    this.save(this.origin);
  }

  /** Goes back to the state right after the set-up; {@link Simulation.run} then runs a whole execution. */
  begin(): void {
    this.restore(this.origin);
    this.execution.next = this.decide();
  }

  /** Lets a thread perform its announced operation next. */
  grant(thread: number): void {
    this.execution.next = thread;
  }

  /** Kills a thread where it stands. */
  kill(thread: number): void {
    const { control } = this.model;
    control.setCounter(Counter.deaths, control.counter(Counter.deaths) + 1);
    control.setThread(thread, ThreadField.opKind, Op.none);
    if (!this.model.isRegistered(thread)) return this.succeed(thread);
    // Others can see whether the waiter is still there, so that leaving the queue is an operation of its own.
    this.model.announce(thread, Op.die, 0, 0, 0);
    this.execution.next = this.decide();
  }

  /** Runs until the execution is over, pruned or failed. */
  run(): void {
    const { execution } = this;
    for (let thread = execution.next; thread >= 0; thread = execution.next) {
      if (this.model.control.thread(thread, ThreadField.opKind) === Op.die) {
        this.current.perform(thread);
        this.succeed(thread);
      } else {
        this.invoke(thread);
      }
    }
    this.current.stop();
    execution.counts.depthMax = Math.max(execution.counts.depthMax, this.model.control.counter(Counter.events));
    if (execution.finding !== undefined || execution.pruned) return;
    const finding = verdictOf(execution, this.scenario, this.shared);
    if (finding !== undefined) execution.report(finding);
  }

  save(snapshot: Snapshot): void {
    this.execution.save(snapshot);
  }

  restore(snapshot: Snapshot): void {
    this.execution.restore(snapshot);
    this.current.stop();
  }

  /** {@inheritDoc Scheduler.decide} */
  decide(): number {
    const { execution } = this;
    const { control } = this.model;
    const started = control.counter(Counter.started);
    if (started < control.threads) {
      control.setCounter(Counter.started, started + 1);
      control.setThread(started, ThreadField.status, Status.live);
      this.killPoints.touch(started);
      return started;
    }
    let enabled = 0;
    for (let thread = 0; thread < control.threads; thread++) if (this.model.isEnabled(thread)) enabled |= 1 << thread;
    if (enabled === 0) return END;
    if (control.counter(Counter.events) >= this.stepsMax) {
      const message = `an execution passed ${this.stepsMax} atomic operations; loops that poll need thread.spin`;
      execution.report({ kind: 'endless', message });
      return END;
    }
    const choice = this.strategy.schedule(enabled, this.current.thread);
    execution.pruned = choice === PRUNE;
    return choice;
  }

  /** Lets the successor of a dead thread go on in its place. */
  private succeed(thread: number): void {
    const { control } = this.model;
    control.setThread(thread, ThreadField.generation, control.thread(thread, ThreadField.generation) + 1);
    if (this.scenario.threads[thread]?.successor === undefined) {
      control.setThread(thread, ThreadField.status, Status.dead);
      this.execution.next = this.decide();
      return;
    }
    this.killPoints.touch(thread);
    this.execution.logOf(thread).length = 0;
    this.execution.next = thread;
  }

  /** Tells whether code under test runs now. */
  isInBody(): boolean {
    return this.current.isInBody;
  }

  /** Runs a thread's code until it loses its turn or ends. */
  private invoke(thread: number): void {
    const { current, execution } = this;
    const spec = this.scenario.threads[thread];
    const body = execution.generationOf(thread) === 0 ? spec?.run : spec?.successor;
    const name = execution.nameOf(thread);
    current.start(thread);
    try {
      const result = body?.(this.shared, this.port.contextOf(thread));
      if (current.isLeft) this.reportSwallowed(name);
      else this.exit(thread, result);
    } catch (error) {
      if (!current.isLeft) execution.report({ kind: 'thrown', message: `${name} threw ${String(error)}`, cause: error });
    }
    current.stop();
  }

  private reportSwallowed(name: string): void {
    const times = this.current.voidAccesses + 1;
    const message = `${name} caught the signal that suspends it (${times} ${times === 1 ? 'time' : 'times'}) and returned`;
    this.execution.report({
      kind: 'swallowed',
      message: `${message}: a catch around shared accesses must throw what it does not know`,
    });
  }

  /** A thread's code returned. */
  private exit(thread: number, result: unknown): void {
    const { current, execution } = this;
    current.isInBody = false;
    if (current.isShort()) current.failDiverged();
    if (result instanceof Promise) {
      const message = `${execution.nameOf(thread)} returned a promise: simulated threads are synchronous`;
      execution.report({ kind: 'thrown', message });
      return;
    }
    current.passKillPoint();
    execution.results[thread] = result;
    this.model.control.setThread(thread, ThreadField.status, Status.finished);
    execution.next = this.decide();
  }
}
