/**
 * One attempt that outlives its turn: it ends with what its handler's promise says, what the handler chose, or its time limit, whichever is first, and is
 * over once what it staged has left the stage. That wait is no time of the handler: the stage has limits of its own.
 * Thread: the consumer's. One object with methods, since every asynchronous delivery makes one; see docs/decisions/0030-short-lived-garbage.md.
 * 1. `open`: the handler's promise counts.
 * 2. `closed`: it has ended; only what it staged is waited for.
 */
import type { RingmainError } from '@ringmain/core';
import type { Slot } from '@ringmain/ring';
import type { Attempt, AttemptFollower, Failure } from './attempt.ts';
import type { Group } from './group.ts';

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

/** Whoever keeps the attempts that run. */
export interface AttemptKeeper {
  /** It may run so many milliseconds from a time on; from now on, where that is 0. */
  limit(running: RunningAttempt, ms: number, fromUs: number): void;
  /** It is over. */
  over(running: RunningAttempt): void;
  /** It failed after it had settled. */
  afterwards(group: Group, error: unknown): void;
}

/** A running attempt. */
export class RunningAttempt implements AttemptFollower {
  readonly begun: Begun;
  /** The group's limit as it was when this began, in milliseconds; 0 for none. */
  readonly timeoutMs: number;
  /** When it is given up, in microseconds of the runtime. */
  endsUs = Infinity;

  private readonly keeper: AttemptKeeper;
  private readonly ended: (failure: Failure) => void;
  /** It had ended within its turn, and is followed for what it staged. */
  private readonly hadEnded: boolean;
  private isOpen = true;

  constructor(begun: Begun, keeper: AttemptKeeper, ended: (failure: Failure) => void) {
    this.begun = begun;
    this.timeoutMs = begun.group.timeoutMs;
    this.keeper = keeper;
    this.ended = ended;
    this.hadEnded = begun.attempt.isClosed;
  }

  /** The time limit begins, unless the handler has ended. */
  start(): void {
    const { attempt } = this.begun;
    attempt.follower = this;
    if (this.hadEnded) return;
    if (attempt.extendedMs > 0) this.extended(attempt.extendedMs);
    else this.keeper.limit(this, this.timeoutMs, attempt.beganUs);
  }

  /** The handler chose: the attempt ends once what the handler does now is done. */
  chosen(): void {
    queueMicrotask(() => this.fulfilled());
  }

  extended(ms: number): void {
    this.keeper.limit(this, ms, 0);
  }

  /** The handler's promise is fulfilled. */
  fulfilled(): void {
    this.conclude(this.begun.attempt.choice?.failure);
  }

  /** The handler's promise is rejected. */
  rejected(error: unknown): void {
    const { attempt, group } = this.begun;
    const chosen = this.hadEnded ? undefined : attempt.choice;
    if (chosen !== undefined) this.keeper.afterwards(group, error);
    this.conclude(chosen === undefined ? { error } : chosen.failure);
  }

  /** Nobody waits for the handler any more. */
  giveUp(error: RingmainError): void {
    const { attempt } = this.begun;
    attempt.giveUp(error);
    // What is told of it may know that the handler had chosen.
    this.conclude(attempt.choice === undefined ? { error } : attempt.choice.failure);
  }

  private conclude(reached: Failure): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.endsUs = Infinity;
    const { attempt } = this.begun;
    attempt.close();
    const failure = attempt.verdictOn === undefined ? reached : attempt.verdictOn(reached);
    attempt.onEnd?.(failure);
    if (attempt.hasStaged) void attempt.unstaged().then(() => this.finish(failure));
    else this.finish(failure);
  }

  private finish(failure: Failure): void {
    this.keeper.over(this);
    this.ended(failure);
  }
}
