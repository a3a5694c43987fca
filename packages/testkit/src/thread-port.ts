/**
 * Everything a simulated thread's code can ask for: accesses of memory, and what its context offers beside them.
 * Thread: the explorer's own.
 *
 * Plain accesses are performed at once: where nothing races, their order against other threads cannot be seen. Atomic operations wait for
 * the thread's turn. While no simulated thread runs, accesses go straight to memory: they are those of a check.
 */
import { RingmainError } from '@ringmain/core';
import type { AsyncWait } from '@ringmain/ring';
import { accessKey } from './access-log.ts';
import { Counter } from './control-words.ts';
import type { Execution } from './execution.ts';
import { Op } from './operations.ts';
import type { OpKind } from './operations.ts';
import type { ThreadContext } from './scenario.ts';
import { directStep, waitOf } from './simulated-memory.ts';
import type { MemoryBackend } from './simulated-memory.ts';
import type { Strategy } from './strategy.ts';
import { NOBODY } from './thread-run.ts';
import type { ThreadRun } from './thread-run.ts';

/** Carries out what the thread that runs asks for. */
export class ThreadPort implements MemoryBackend {
  private readonly execution: Execution;
  private readonly run: ThreadRun;
  private readonly strategy: Strategy;
  private readonly timeoutsMax: number;
  private readonly contexts: (ThreadContext | undefined)[] = [];

  /** @param timeoutsMax - how many waits with a timeout may time out in one execution */
  constructor(execution: Execution, run: ThreadRun, strategy: Strategy, timeoutsMax: number) {
    this.execution = execution;
    this.run = run;
    this.strategy = strategy;
    this.timeoutsMax = timeoutsMax;
  }

  /** {@inheritDoc MemoryBackend.read} */
  read(word: number): number {
    const { run, execution } = this;
    run.assertRunning();
    if (run.thread === NOBODY) return execution.model.value(word);
    const key = accessKey(Op.read, word);
    if (run.isRecalling()) return run.recall(key);
    run.passKillPoint();
    const value = execution.model.plainRead(run.thread, word);
    execution.traceAccess(run.thread, Op.read, word, value);
    run.assertOrdered(word, 'plain read');
    run.append(key, value);
    return value;
  }

  /** {@inheritDoc MemoryBackend.write} */
  write(word: number, value: number): void {
    const { run, execution } = this;
    run.assertRunning();
    if (run.thread === NOBODY) return execution.model.cells.set(word, value);
    const key = accessKey(Op.write, word);
    if (run.isRecalling()) return run.recallOwn(key, value);
    run.passKillPoint();
    execution.model.plainWrite(run.thread, word, value);
    execution.traceAccess(run.thread, Op.write, word, value);
    run.assertOrdered(word, 'plain write');
    run.append(key, value);
    run.touch();
  }

  /** {@inheritDoc MemoryBackend.step} */
  step(kind: OpKind, word: number, first: number, second: number): number {
    const { run } = this;
    run.assertRunning();
    if (run.thread === NOBODY) return this.stepDirectly(kind, word, first, second);
    const key = accessKey(kind, word);
    if (run.isRecalling()) return run.recall(key);
    run.awaitTurn(kind, word, first, second);
    const value = run.perform(run.thread);
    run.append(key, value);
    return value;
  }

  /** {@inheritDoc MemoryBackend.timesOut} */
  timesOut(): boolean {
    if (this.timeoutsMax === 0) return false;
    const { control } = this.execution.model;
    const isNew = !this.run.isRecalling();
    const outcome = this.choose(isNew && control.counter(Counter.timeouts) >= this.timeoutsMax ? 1 : 2);
    if (isNew && outcome === 1) control.setCounter(Counter.timeouts, control.counter(Counter.timeouts) + 1);
    return outcome === 1;
  }

  /** What a thread's body gets beside the shared memory; the same object each time a generation is run. */
  contextOf(thread: number): ThreadContext {
    const generation = this.execution.generationOf(thread);
    const known = this.contexts[thread];
    if (known?.generation === generation) return known;
    const context: ThreadContext = {
      name: this.execution.nameOf(thread),
      generation,
      note: (label, value) => this.note(label, value),
      spin: (words, index, value) => this.spin(words, index, value),
      await: (result) => this.await(result),
      choose: (options) => this.choose(options),
    };
    this.contexts[thread] = context;
    return context;
  }

  private stepDirectly(kind: OpKind, word: number, first: number, second: number): number {
    const { model } = this.execution;
    const cells = {
      read: (at: number): number => model.value(at),
      write: (at: number, value: number): void => model.cells.set(at, value),
    };
    return directStep(cells, kind, word, first, second);
  }

  private choose(options: number): number {
    const { run } = this;
    run.assertRunning();
    const key = accessKey(Op.choose, 0);
    if (run.isRecalling()) return run.recall(key);
    const outcome = options <= 1 ? 0 : this.strategy.toss(options, 'choice', run.thread);
    this.execution.traceRemark(run.thread, 'choose', String(outcome));
    run.append(key, outcome);
    return outcome;
  }

  private note(label: string, value: unknown): void {
    const { run, execution } = this;
    run.assertRunning();
    const key = accessKey(Op.note, 0);
    if (run.isRecalling()) {
      run.recall(key);
      return;
    }
    run.passKillPoint();
    const { thread } = run;
    execution.notes.push({ thread: execution.nameOf(thread), generation: execution.generationOf(thread), label, value });
    execution.traceRemark(thread, `note ${label}`, value === undefined ? '' : JSON.stringify(value));
    run.append(key, 0);
    run.touch();
  }

  private spin(words: Int32Array, index: number, value: number): number {
    const word = this.execution.memory.locate(words, index);
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
}
