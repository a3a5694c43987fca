/**
 * The attempts of one thread that outlive their turns, and their time limits.
 *
 * Thread: the consumer's. They stand in an array by slot; one timer waits for the first deadline, and all are looked at then. It is set anew only for an
 * earlier one, and a limit is the same for all of a group, so that an attempt costs two stores and no timer.
 * Invariant: an attempt is kept from `follow` until it is over. Bounded by the bay's slots.
 */
import { RingmainError } from '@ringmain/core';
import { DeadlineTimer, FOR_EVER } from '../deadline-timer.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { Failure } from './attempt.ts';
import type { Continuations } from './continuations.ts';
import type { FailureLog } from './failure-log.ts';
import type { Group } from './group.ts';
import type { AttemptKeeper, Begun } from './running-attempt.ts';
import { RunningAttempt } from './running-attempt.ts';
import { follow } from './thenable.ts';

/** Least time between two looks. */
const LOOK_MS_MIN = 5;
const US_PER_MS = 1000;

/** Running attempts of one thread. */
export class RunningAttempts implements AttemptKeeper {
  private readonly context: ThreadContext;
  private readonly failures: FailureLog;
  private readonly continuations: Continuations;
  /** By slot; no Map, whose retired tables would keep what stood in them alive. */
  private readonly running: (RunningAttempt | undefined)[] = [];
  private readonly timer: DeadlineTimer;

  constructor(context: ThreadContext, failures: FailureLog, continuations: Continuations) {
    this.context = context;
    this.failures = failures;
    this.continuations = continuations;
    this.timer = new DeadlineTimer(context, () => this.look(), LOOK_MS_MIN);
  }

  /**
   * Follows an attempt to its end.
   *
   * @param ended - called once, and never before this returns
   */
  follow(begun: Begun, ended: (failure: Failure) => void): void {
    const running = new RunningAttempt(begun, this, ended);
    while (this.running.length <= begun.slot) this.running.push(undefined);
    this.running[begun.slot] = running;
    // What runs in threads of a group's own takes no time of this one.
    if (!begun.group.isIsolated) this.continuations.began(begun.priority);
    follow(
      begun.result,
      () => running.fulfilled(),
      (error: unknown) => running.rejected(error),
    );
    running.start();
  }

  limit(running: RunningAttempt, ms: number, fromUs: number): void {
    const limitUs = running.timeoutMs === 0 ? FOR_EVER : (fromUs || runtimeUs(this.context)) + ms * US_PER_MS;
    running.endsUs = Math.min(limitUs, running.begun.deadlineUs);
    this.timer.wakeAt(running.endsUs);
  }

  over({ begun }: RunningAttempt): void {
    this.running[begun.slot] = undefined;
    if (!begun.group.isIsolated) this.continuations.ended(begun.priority);
  }

  afterwards(group: Group, error: unknown): void {
    this.failures.afterwards(group, error);
  }

  /** Tells handlers to stop; what they make of it counts. Those in threads of their own go on: there, whoever is told to stop is given up. */
  tellToStop(reason: RingmainError): void {
    for (const running of this.running) {
      if (running === undefined) continue;
      const { attempt, group } = running.begun;
      if (!group.isIsolated && !attempt.isClosed) attempt.abort(reason);
    }
  }

  /** Nobody waits for what still runs; handlers are told so, and may settle while their thread lives. */
  giveUpAll(reason: RingmainError): void {
    this.timer.stop();
    for (const running of this.running) running?.begun.attempt.giveUp(reason);
  }

  private look(): void {
    const nowUs = runtimeUs(this.context);
    let nextUs = FOR_EVER;
    // What is given up makes room for others, which begin while this goes on, and whose limits set the timer by themselves.
    for (const running of this.running) {
      if (running === undefined) continue;
      if (running.endsUs <= nowUs) this.giveUp(running);
      else nextUs = Math.min(nextUs, running.endsUs);
    }
    this.timer.wakeAt(nextUs);
  }

  private giveUp(running: RunningAttempt): void {
    const { timeoutMs, endsUs, begun } = running;
    const { attempt, group, deadlineUs } = begun;
    const limit = endsUs === deadlineUs ? 'before the deadline of its event' : `within ${attempt.extendedMs || timeoutMs} ms`;
    running.giveUp(
      new RingmainError('RINGMAIN_HANDLER_TIMEOUT', `the handler of group ${group.name} did not end ${limit}`, {
        allowed: 'an end within timeoutMs, or calls of ctx.extend(ms) before',
      }),
    );
  }
}
