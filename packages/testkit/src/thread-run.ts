/**
 * One run of a simulated thread's code: its log answers what the thread did before, then it takes its turns until it is left.
 * Thread: the explorer's own.
 *
 * 1. Up to the end of the log, every access is answered from it, and has to be the access that is written there.
 * 2. The operation that was announced when the thread was suspended is performed next, for it has the turn.
 * 3. Every later operation is announced first. If the turn goes to another thread, a signal is thrown through the code to leave it.
 * Invariant: once the signal was thrown, nothing the code does has an effect: every access throws it again. Code in a `finally` may ask
 * for some; code that catches the signal in an endless loop would ask for ever, which ends the process ({@link endProcess}).
 */
import type { AccessLog } from './access-log.ts';
import { isThreadsOwnValue } from './access-log.ts';
import { Counter, ThreadField } from './control-words.ts';
import { endProcess } from './end-process.ts';
import type { Execution } from './execution.ts';
import { END } from './execution.ts';
import type { Finding } from './failure.ts';
import { CATEGORY_NAMES, ORDERED } from './happens-before.ts';
import type { KillPoints } from './kill-points.ts';
import { Op } from './operations.ts';
import type { OpKind } from './operations.ts';
import type { Strategy } from './strategy.ts';

/** Value of {@link ThreadRun.thread} while no simulated thread runs. */
export const NOBODY = -1;

/** Most accesses of one thread in one execution; an endless loop over plain words reaches it. */
const ACCESSES_MAX = 1_000_000;

/** Most accesses that code which has been left may ask for, before it is taken for a loop that catches the signal for ever. */
const VOID_ACCESSES_MAX = 100_000;

/** Thrown through a thread's code to leave it. */
class Suspension extends Error {}
const SUSPENSION = new Suspension('a simulated thread was suspended; code under test must let this pass');

/** What a run asks of the simulation around it. */
export interface Scheduler {
  /** Picks the thread that goes on, or `END`. */
  decide(): number;
  /** Ends a thread where it stands and picks who goes on. */
  kill(thread: number): void;
}

/** The thread that runs now. */
export class ThreadRun {
  /** Number of the thread, or {@link NOBODY}. */
  thread = NOBODY;
  /** True once the thread has lost its turn, its life, or the whole execution: whatever its code does now is void. */
  isLeft = false;
  /** True while the thread's own code is on the stack. */
  isInBody = false;
  /** How many accesses the code asked for since it was left. */
  voidAccesses = 0;

  private readonly execution: Execution;
  private readonly strategy: Strategy;
  private readonly scheduler: Scheduler;
  private readonly killPoints: KillPoints;
  private log: AccessLog;
  private cursor = 0;
  private hasTurn = false;

  constructor(execution: Execution, strategy: Strategy, scheduler: Scheduler, killPoints: KillPoints) {
    this.execution = execution;
    this.strategy = strategy;
    this.scheduler = scheduler;
    this.killPoints = killPoints;
    this.log = execution.logOf(0);
  }

  /** Gets ready to run a thread's code from its start. */
  start(thread: number): void {
    this.thread = thread;
    this.log = this.execution.logOf(thread);
    this.cursor = 0;
    this.hasTurn = this.execution.model.control.thread(thread, ThreadField.opKind) !== Op.none;
    this.isLeft = false;
    this.isInBody = true;
    this.voidAccesses = 0;
    this.execution.counts.runs++;
  }

  /** From now on accesses are those of the explorer itself: of a check, say. */
  stop(): void {
    this.thread = NOBODY;
    this.isLeft = false;
    this.isInBody = false;
  }

  /** Throws the signal again where the thread has been left. Comes before everything that a thread's code can ask for. */
  assertRunning(): void {
    if (this.isLeft) this.throwAgain();
  }

  /** True while the log answers. */
  isRecalling(): boolean {
    return this.cursor < this.log.length;
  }

  /** True when the code returned before it did again what it did before. */
  isShort(): boolean {
    return this.isRecalling() || this.hasTurn;
  }

  /** Answers an access from the log. */
  recall(key: number): number {
    const at = this.cursor++;
    if (this.log.keyAt(at) !== key) this.failDiverged();
    return this.log.valueAt(at);
  }

  /** Answers a write from the log, which has to be a write of the same value. */
  recallOwn(key: number, value: number): void {
    if (this.recall(key) !== value && isThreadsOwnValue(key)) this.failDiverged();
  }

  /** Logs an access that was performed. */
  append(key: number, value: number): void {
    this.log.append(key, value);
    this.cursor++;
    this.execution.counts.accesses++;
    if (this.cursor > ACCESSES_MAX)
      this.fail({ kind: 'endless', message: `${this.execution.nameOf(this.thread)} made ${ACCESSES_MAX} accesses` });
  }

  /** Returns once it is this thread's turn to perform the operation; throws the signal where it is not. */
  awaitTurn(kind: OpKind, word: number, first: number, second: number): void {
    const { model } = this.execution;
    if (this.hasTurn) {
      this.hasTurn = false;
      const { control } = model;
      const isAnnounced =
        control.thread(this.thread, ThreadField.opKind) === kind &&
        control.thread(this.thread, ThreadField.opWord) === word &&
        control.thread(this.thread, ThreadField.opFirst) === first;
      if (!isAnnounced) this.failDiverged();
      return;
    }
    this.passKillPoint();
    model.announce(this.thread, kind, word, first, second);
    const next = this.scheduler.decide();
    if (next !== this.thread) this.leave(next);
  }

  /** Performs the operation that a thread announced. */
  perform(thread: number): number {
    const { model, counts } = this.execution;
    const { control } = model;
    const kind = control.thread(thread, ThreadField.opKind) as OpKind;
    const word = control.thread(thread, ThreadField.opWord);
    const value = model.perform(thread);
    this.execution.traceAccess(thread, kind, word, value);
    this.assertOrdered(word, 'atomic access');
    this.strategy.performed(thread, model.footprint);
    control.setCounter(Counter.events, control.counter(Counter.events) + 1);
    counts.events++;
    if (model.changed) this.killPoints.touch(thread);
    return value;
  }

  /** Kills the thread here if the strategy says so. */
  passKillPoint(): void {
    if (!this.killPoints.isDue(this.thread)) return;
    this.execution.counts.killPoints++;
    if (this.strategy.toss(2, 'kill', this.thread) === 0) return;
    this.execution.traceRemark(this.thread, 'killed', '');
    this.isLeft = true;
    this.scheduler.kill(this.thread);
    throw SUSPENSION;
  }

  /** The thread did something that others, or its successor, may see. */
  touch(): void {
    this.killPoints.touch(this.thread);
  }

  /** Fails when the last access races with an earlier one. */
  assertOrdered(word: number, access: string): void {
    const { model, memory, tracer } = this.execution;
    if (model.conflict === ORDERED) return;
    const other = model.conflict >> 2;
    const category = model.conflict & 3;
    const here = tracer?.here() ?? '';
    const there = tracer?.placeOf(word, other, category) ?? '';
    const names = [this.thread, other].map((thread) => this.execution.nameOf(thread));
    this.fail({
      kind: 'race',
      message: `${access} of ${memory.nameOf(word)} by ${names[0]} ${here} is not ordered after the ${CATEGORY_NAMES[category] ?? ''} by ${names[1]} ${there}`,
    });
  }

  /** Fails because the code did not do again what it did before. */
  failDiverged(): never {
    const name = this.execution.nameOf(this.thread);
    return this.fail({
      kind: 'diverged',
      message: `${name} did something else when it was run again: it keeps state outside of its body`,
    });
  }

  private throwAgain(): never {
    if (++this.voidAccesses > VOID_ACCESSES_MAX) {
      const { finding, scenarioName } = this.execution;
      const reason = finding === undefined ? '' : `\nThe execution had failed before: ${finding.kind}: ${finding.message}`;
      endProcess(
        `${scenarioName}: swallowed: ${this.execution.nameOf(this.thread)} caught the signal that suspends it ${VOID_ACCESSES_MAX} times` +
          ` and does not stop: a loop over shared memory must not catch what it does not know${reason}`,
      );
    }
    throw SUSPENSION;
  }

  private fail(finding: Finding): never {
    this.execution.report(finding);
    return this.leave(END);
  }

  private leave(next: number): never {
    this.execution.next = next;
    this.isLeft = true;
    throw SUSPENSION;
  }
}
