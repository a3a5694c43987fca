/**
 * Attempts that outlive their turn: each ends with what its handler's promise says, what the handler chose, or its time limit, whichever is first, and is
 * over once what it staged has left the stage. That wait is no time of the handler: the stage has limits of its own.
 *
 * Thread: the consumer's. Deadlines stand in an array by slot; one timer waits for the first of them and looks at all. It is set anew only for an
 * earlier one, and a limit is the same for all of a group, so that an attempt costs two stores and no timer.
 * Invariant: an attempt is kept from `follow` until it is over. Bounded by the bay's slots.
 */
import { RingmainError } from '@ringmain/core';
import type { Slot } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { Attempt, Failure } from './attempt.ts';
import type { Continuations } from './continuations.ts';
import type { FailureLog } from './failure-log.ts';
import type { Group } from './group.ts';
import { follow } from './thenable.ts';

/** An attempt that outlives its turn. */
export interface Begun {
  /** Names the attempt; for a batch, the slot of any of its events. */
  readonly slot: Slot;
  readonly group: Group;
  /** Priority of its event; of a batch, that of its first. */
  readonly priority: number;
  readonly attempt: Attempt;
  /** What its handler returned. */
  readonly result: PromiseLike<unknown>;
  /** Deadline of its event, in microseconds of the runtime; Infinity when there is none. */
  readonly deadlineUs: number;
}

interface Running {
  readonly attempt: Attempt;
  readonly group: Group;
  /** The limit, in milliseconds; 0 for none. */
  readonly timeoutMs: number;
  readonly conclude: (failure: Failure) => void;
  /** Deadline of the event; Infinity when it has none. */
  readonly deadlineUs: number;
  /** When the attempt is given up. */
  endsUs: number;
}

/** Least time between two looks, so that attempts that end closely one after another are found together. */
const LOOK_US_MIN = 5000;
/** Longest wait of the platform's timers. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const US_PER_MS = 1000;

/** Running attempts of one thread. */
export class RunningAttempts {
  private readonly context: ThreadContext;
  private readonly failures: FailureLog;
  private readonly continuations: Continuations;
  private readonly running = new Map<Slot, Running>();
  private timer: NodeJS.Timeout | undefined;
  private lookUs = Number.POSITIVE_INFINITY;

  constructor(context: ThreadContext, failures: FailureLog, continuations: Continuations) {
    this.context = context;
    this.failures = failures;
    this.continuations = continuations;
  }

  /**
   * Follows an attempt to its end.
   *
   * @param ended - called once, and never before this returns
   */
  follow({ slot, group, priority, attempt, result, deadlineUs }: Begun, ended: (failure: Failure) => void): void {
    const { continuations } = this;
    // What runs in threads of a group's own takes no time of this one.
    const goesOnHere = !group.isIsolated;
    if (goesOnHere) continuations.began(priority);
    const finish = (failure: Failure): void => {
      this.running.delete(slot);
      if (goesOnHere) continuations.ended(priority);
      ended(failure);
    };
    let isOpen = true;
    const conclude = (reached: Failure): void => {
      if (!isOpen) return;
      isOpen = false;
      attempt.close();
      running.endsUs = Infinity;
      const failure = attempt.verdictOn === undefined ? reached : attempt.verdictOn(reached);
      attempt.onEnd?.(failure);
      if (attempt.hasStaged) void attempt.unstaged().then(() => finish(failure));
      else finish(failure);
    };
    const running: Running = { attempt, group, timeoutMs: group.timeoutMs, conclude, deadlineUs, endsUs: Infinity };
    this.running.set(slot, running);
    // It ended within its turn, and is followed for what it staged.
    const hasEnded = attempt.isClosed;
    attempt.onChoice = () => queueMicrotask(() => conclude(attempt.choice?.failure));
    attempt.onExtend = (ms) => this.limit(running, ms);
    follow(
      result,
      () => conclude(attempt.choice?.failure),
      (error: unknown) => {
        const chosen = hasEnded ? undefined : attempt.choice;
        if (chosen !== undefined) this.failures.afterwards(group, error);
        conclude(chosen === undefined ? { error } : chosen.failure);
      },
    );
    if (!hasEnded) this.limit(running, attempt.extendedMs || running.timeoutMs);
  }

  /** Tells handlers to stop; what they make of it counts. Those in threads of their own go on: there, whoever is told to stop is given up. */
  ask(reason: RingmainError): void {
    for (const { attempt, group } of this.running.values()) if (!group.isIsolated && !attempt.isClosed) attempt.abort(reason);
  }

  /** Tells everything that still runs to stop, since nobody will wait for it. */
  abort(reason: RingmainError): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const { attempt } of this.running.values()) attempt.abort(reason);
  }

  private limit(running: Running, ms: number): void {
    const limitUs = running.timeoutMs === 0 ? Infinity : runtimeUs(this.context) + ms * US_PER_MS;
    running.endsUs = Math.min(limitUs, running.deadlineUs);
    if (running.endsUs < this.lookUs) this.lookAt(running.endsUs);
  }

  private lookAt(timeUs: number): void {
    clearTimeout(this.timer);
    this.lookUs = timeUs;
    const waitMs = Math.ceil(Math.max(LOOK_US_MIN, timeUs - runtimeUs(this.context)) / US_PER_MS);
    // The thread is held by its loop; the timer only has it look.
    this.timer = setTimeout(this.look, Math.min(waitMs, TIMER_MS_MAX)).unref();
  }

  private readonly look = (): void => {
    const nowUs = runtimeUs(this.context);
    let nextUs = Number.POSITIVE_INFINITY;
    this.lookUs = nextUs;
    // What is given up makes room for others, which are added while this goes on; they are looked at too.
    for (const running of this.running.values()) {
      if (running.endsUs <= nowUs) this.giveUp(running);
      else nextUs = Math.min(nextUs, running.endsUs);
    }
    if (nextUs < this.lookUs) this.lookAt(nextUs);
  };

  private giveUp({ attempt, group, timeoutMs, deadlineUs, endsUs, conclude }: Running): void {
    const limit = endsUs === deadlineUs ? 'before the deadline of its event' : `within ${attempt.extendedMs || timeoutMs} ms`;
    const error = new RingmainError('RINGMAIN_HANDLER_TIMEOUT', `the handler of group ${group.name} did not end ${limit}`, {
      allowed: 'an end within timeoutMs, or calls of ctx.extend(ms) before',
    });
    attempt.giveUp(error);
    // What is told of it may know that the handler had chosen.
    conclude(attempt.choice === undefined ? { error } : attempt.choice.failure);
  }
}
