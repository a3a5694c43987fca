/**
 * Deliveries that failed and are tried again: says whether and when, and starts them when they are due.
 *
 * Thread: the consumer's. A delivery that waits for its next attempt is a waiting slot of the bay and nothing else: it holds no promise, no timer
 * of its own and no place among running handlers. Due slots stand in a heap; one timer, for the first of them, wakes the loop.
 * Its own credit is out as long as it waits, so that a group that only fails slows down its publishers and not the thread.
 * Invariant: a slot is in the heap exactly while it waits for a due time. Bounded by the bay's slots.
 * A successor finds due times in the slots (`Recovery`).
 */
import type { Random } from '@ringmain/core';
import { isRingmainError, settlementOf, systemRandom } from '@ringmain/core';
import type { RetryBudgetOptions } from '@ringmain/policy';
import { RetryBudget, backoffMs } from '@ringmain/policy';
import type { Bay, Slot } from '@ringmain/ring';
import { SlotWord, addToCell, lanePriority, readCell } from '@ringmain/ring';
import { Heap } from './queue-and-heap.ts';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { DeadLetterReason } from './dead-letter-reason.ts';
import type { Ending } from './ending.ts';
import type { FailureLog } from './failure-log.ts';
import type { Group } from './group.ts';
import type { Subscriptions } from './subscriptions.ts';

/** A delivery whose handler failed. */
export interface FailedDelivery {
  readonly group: Group;
  /** Name of the event's type. */
  readonly type: string;
  readonly error: unknown;
  /** Number of the attempt that failed, from 1; attempts that ended with the thread do not count. */
  readonly attempt: number;
  /** Delay before that attempt, in milliseconds; 0 for the first. */
  readonly previousMs: number;
  /** Publish time of the event, in microseconds of the runtime. */
  readonly publishedUs: number;
  /** Its deadline, likewise; Infinity when it has none. */
  readonly deadlineUs: number;
}

/** Parts that retries work with; all of one thread. */
export interface RetryParts {
  readonly context: ThreadContext;
  readonly bay: Bay;
  readonly failures: FailureLog;
  readonly subscriptions: Subscriptions;
  /** Charges what handlers took to their priority, in microseconds. */
  readonly charge: (priority: number, us: number) => void;
}

/** A delivery that waits for its next attempt. */
interface Due {
  readonly slot: Slot;
  readonly group: Group;
  /** Milliseconds of the runtime, wrapping. */
  readonly atMs: number;
}

/** What becomes of a delivery that failed: milliseconds until its next attempt, or how it ended. */
export type Verdict = number | Ending;

/** Most deliveries started at once before the lanes are looked at again. */
const STARTS_MAX = 64;
const US_PER_MS = 1000;
const US_PER_SECOND = 1_000_000;
/** Longest wait of the platform's timers; a later due time is looked at again then. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Retries of one thread. */
export class Retries {
  /** Starts a delivery that is due. */
  onDue: ((slot: Slot, group: Group) => void) | undefined;
  /** Called when something is due. */
  wake: (() => void) | undefined;

  private readonly context: ThreadContext;
  private readonly bay: Bay;
  private readonly failures: FailureLog;
  private readonly random: Random;
  private readonly charge: RetryParts['charge'];
  private budget: RetryBudget | undefined;
  private readonly due = new Heap<Due>((a, b) => (a.atMs - b.atMs) | 0);
  private readonly groups: () => Iterable<Group>;
  private earnedUs = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private timerAtMs = 0;

  constructor({ context, bay, failures, subscriptions, charge }: RetryParts, random = systemRandom) {
    this.context = context;
    this.charge = charge;
    this.bay = bay;
    this.failures = failures;
    this.groups = () => subscriptions.groups();
    this.random = random;
    context.live.watch(['retry'], (config) => this.budget?.configure(budgetOptions(config)));
  }

  /** Says when a turn began: once a second the budget learns what was delivered. */
  beginTurn(nowUs: number): void {
    if (nowUs - this.earnedUs < US_PER_SECOND) return;
    this.earnedUs = nowUs;
    this.earn(nowUs);
  }

  /** Decides about a delivery that failed, and logs it: the milliseconds until the next attempt, or what it ends with. Never throws. */
  judge(failed: FailedDelivery): Verdict {
    const { group, type, error, attempt } = failed;
    const asked = settlementOf(error);
    if (asked?.kind === 'skip') return 'filtered';
    const reason = asked?.kind === 'never' ? 'non-retryable' : this.reasonAgainst(failed);
    if (reason !== undefined) return this.end(failed, reason);
    const nowUs = runtimeUs(this.context);
    const delayMs =
      asked?.kind === 'after' ? Math.ceil(asked.delayMs) : backoffMs(group.retry, attempt, failed.previousMs, this.random.next());
    if ((nowUs - failed.publishedUs) / US_PER_MS + delayMs > (group.retry.deadLetterAfterMs ?? Infinity))
      return this.end(failed, 'too-old');
    if (nowUs + delayMs * US_PER_MS > failed.deadlineUs) return this.end(failed, 'expired');
    if (!this.earn(nowUs).take(this.deliveries(), nowUs)) return this.end(failed, 'retry-budget');
    this.failures.willRetry(group, type, error, attempt, delayMs);
    return delayMs;
  }

  /** Has a delivery wait for its next attempt. */
  postpone(slot: Slot, group: Group, delayMs: number): void {
    addToCell(this.context.control, group.retried, 1);
    this.bay.postpone(slot, this.nowMs() + delayMs, delayMs);
    this.schedule(slot, group);
  }

  /** Has a delivery wait behind another of its key that waits; it may go on when that has settled. */
  postponeBehind(slot: Slot, group: Group): void {
    addToCell(this.context.control, group.retried, 1);
    this.bay.postpone(slot, this.nowMs(), 0);
  }

  /** Takes over a slot that waits for its due time. */
  schedule(slot: Slot, group: Group): void {
    this.due.push({ slot, group, atMs: this.bay.word(slot, SlotWord.due) });
    this.setTimer();
  }

  /**
   * Starts what is due, the most urgent first; some at a time, and one once the turn is over, so that lanes are looked at in between. Their time is
   * charged as that of first attempts is.
   *
   * @param endsUs - end of the turn, in microseconds of the runtime
   * @returns the number of deliveries started
   */
  startDue(endsUs: number): number {
    if (this.due.size === 0) return 0;
    const nowMs = this.nowMs();
    const found: Due[] = [];
    while (found.length < STARTS_MAX) {
      const first = this.due.peek();
      if (first === undefined || ((first.atMs - nowMs) | 0) > 0) break;
      found.push(first);
      this.due.pop();
    }
    found.sort((a, b) => this.priorityOf(a) - this.priorityOf(b));
    let started = 0;
    let fromUs = runtimeUs(this.context);
    for (const one of found) {
      if (started > 0 && fromUs >= endsUs) this.due.push(one);
      else {
        // Before it settles.
        const priority = this.priorityOf(one);
        this.onDue?.(one.slot, one.group);
        started++;
        const doneUs = runtimeUs(this.context);
        this.charge(priority, doneUs - fromUs);
        fromUs = doneUs;
      }
    }
    this.setTimer();
    return started;
  }

  /** Ends the timer; what waits stays in the bay. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wake = undefined;
  }

  private end({ group, type, error, attempt }: FailedDelivery, reason: DeadLetterReason): Ending {
    this.failures.failed(group, type, reason, error, attempt);
    return { reason, error };
  }

  private reasonAgainst({ group, type, error, attempt }: FailedDelivery): DeadLetterReason | undefined {
    if (attempt >= group.retry.maxAttempts) return 'attempts';
    const { retryIf } = group.retry;
    // What it sent has had its own attempts: theirs are not multiplied by those of the sender, unless its group asks for it.
    if (retryIf === undefined) return isRingmainError(error, 'RINGMAIN_DELIVERY_FAILED') ? 'non-retryable' : undefined;
    try {
      // Only a clear no: a `retryIf` in JavaScript may return nothing.
      const answer: unknown = retryIf(error, attempt);
      return answer === false ? 'retry-if' : undefined;
    } catch (fault) {
      this.failures.failed(group, type, 'retryIf', fault);
      return undefined;
    }
  }

  /** Tells the budget what was delivered. The first time, that was counted by predecessors: counts outlive threads. */
  private earn(nowUs: number): RetryBudget {
    const deliveries = this.deliveries();
    this.budget ??= new RetryBudget(budgetOptions(this.context.seed.config), deliveries);
    this.budget.earn(deliveries, nowUs);
    return this.budget;
  }

  private deliveries(): number {
    const { control } = this.context;
    let sum = 0;
    for (const { delivered, deadLettered } of this.groups())
      sum += readCell(control, delivered) + readCell(control, deadLettered);
    return sum;
  }

  private priorityOf({ slot }: Due): number {
    return lanePriority(this.bay.word(slot, SlotWord.lane));
  }

  private nowMs(): number {
    return Math.floor(runtimeUs(this.context) / US_PER_MS) | 0;
  }

  private setTimer(): void {
    const first = this.due.peek();
    if (first === undefined) return;
    if (this.timer !== undefined) {
      if (((first.atMs - this.timerAtMs) | 0) >= 0) return;
      clearTimeout(this.timer);
    }
    const waitMs = Math.max(1, (first.atMs - this.nowMs()) | 0);
    this.timerAtMs = first.atMs;
    // The thread is held by its loop; the timer only has it look.
    this.timer = setTimeout(this.ring, Math.min(waitMs, TIMER_MS_MAX)).unref();
  }

  private readonly ring = (): void => {
    this.timer = undefined;
    this.wake?.();
  };
}

/** The thread's part of the budget. */
function budgetOptions({ shards, retry }: RuntimeConfig): RetryBudgetOptions {
  const { ratio, perSecondMin } = retry.budget;
  return { ratio, perSecondMin: perSecondMin / Math.max(1, shards) };
}
