/**
 * Deliveries in the bay: handlers that returned a promise, and events that queue behind them because they share a key.
 *
 * Thread: the consumer's. A chain holds the deliveries of one (group, key); its first runs, the others wait. When the first
 * settles, the next starts, with a view over the bay's copy of its record. Deliveries without a key have no chain. One that failed and is
 * tried again stays the first of its chain, unless its group says `continue`: then it leaves the chain, and joins it as the last when it is due.
 * Invariant: a live slot is either running here, or waits in exactly one chain, for its next attempt (`Retries`), or is held back by `Recovery`.
 */
import type { RecordViews } from '@ringmain/codec';
import type { Bay, BayRun, Slot } from '@ringmain/ring';
import { SlotWord, ThreadWord, addToCell, laneProducer, lanePriority } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { Answers } from './answers.ts';
import type { Attempt } from './attempt.ts';
import type { WhereAnswer } from './ask-where.ts';
import { askWhere } from './ask-where.ts';
import { batchOfOne } from './batch-of-one.ts';
import { DeliveredEvent } from './delivered-event.ts';
import { DeliveryContext } from './delivery-context.ts';
import type { DeadLetterReason } from './dead-letter-reason.ts';
import { DeliveryStarts } from './delivery-starts.ts';
import type { DeadLetter, Ending } from './ending.ts';
import { cellOf, endingIn, isDead, isFailure } from './ending.ts';
import type { FailureLog } from './failure-log.ts';
import type { Gate, Refusal } from './gate.ts';
import type { Group } from './group.ts';
import type { InLink } from './in-link.ts';
import { writeLetterError } from '../letters/letter-error.ts';
import type { LetterOutlet } from '../letters/letter-outlet.ts';
import { endedBy } from '../letters/letter-outlet.ts';
import type { Retries } from './retries.ts';
import type { RunningAttempts } from './running-attempts.ts';
import { SlotRecords } from './slot-records.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Parts that parked deliveries work with; all of one thread. */
export interface ParkedParts {
  readonly context: ThreadContext;
  readonly bay: Bay;
  readonly run: BayRun;
  /** Views over the bay's bodies. */
  readonly views: RecordViews;
  readonly subscriptions: Subscriptions;
  readonly answers: Answers;
  readonly letters: LetterOutlet;
  readonly failures: FailureLog;
  readonly retries: Retries;
  readonly attempts: RunningAttempts;
  /** The link from a producer. */
  readonly linkOf: (producer: number) => InLink;
}

/** A settled delivery whose answer or letter had no room; what {@link ParkedDeliveries} finishes it with. */
interface Unanswered {
  readonly slot: Slot;
  readonly group: Group;
  readonly groups: number;
  readonly ending: Ending;
}

/** Parked deliveries of one thread. */
export class ParkedDeliveries {
  /** Called whenever a slot was freed: a stalled thread may go on. */
  onSettled: (() => void) | undefined;
  /** What the records of the slots say. */
  readonly records: SlotRecords;

  /** Which of them begin, and when. */
  readonly starts: DeliveryStarts;

  private readonly parts: ParkedParts;
  private readonly inFlightIndex: number;
  /** Settled deliveries whose answer or letter had no room yet. Bounded by the bay's slots. */
  private unanswered: Unanswered[] = [];

  constructor(parts: ParkedParts) {
    const regions = parts.context.seed.plan.threads[parts.context.thread];
    this.parts = parts;
    this.records = new SlotRecords(parts);
    this.inFlightIndex = ((regions?.words ?? 0) >> 2) + ThreadWord.inFlight;
    this.starts = new DeliveryStarts({
      context: parts.context,
      bay: parts.bay,
      crashesMax: parts.context.seed.config.restart.crashesMax,
      records: this.records,
      run: (slot, group, target) => this.run(slot, group, target),
      refuse: (slot, group, refusal) => this.refuse(slot, group, refusal),
      supersede: (slot, group) => this.supersede(slot, group),
    });
    parts.retries.onDue = this.starts.startDue;
  }

  /**
   * Follows a delivery whose handler returned a promise.
   *
   * @param target - the group whose handler it is
   */
  track(
    slot: Slot,
    group: Group,
    target: Group,
    event: DeliveredEvent,
    attempt: Attempt,
    result: PromiseLike<unknown>,
    groups: number,
  ): void {
    event.rebase(this.parts.views, this.parts.bay.bodyOffset(slot));
    if (this.records.isKeyed(slot)) group.chains.join(this.parts.bay.word(slot, SlotWord.keyHash), slot);
    this.follow(slot, group, target, event, attempt, result, groups);
    this.publishInFlight();
  }

  /**
   * Queues a waiting slot behind the others of its key.
   *
   * @returns true when there is none that it has to wait for
   */
  queue(slot: Slot, group: Group): boolean {
    const hash = this.parts.bay.word(slot, SlotWord.keyHash);
    this.publishInFlight();
    if (group.chains.join(hash, slot)) return true;
    const older = group.chains.excess(hash);
    if (older !== undefined) this.supersede(older, group);
    return false;
  }

  /** Ends a slot that waits in place of which a newer one does; returns the next of its chain. */
  supersede(slot: Slot, hint: Group): Slot | undefined {
    // Subscribers of one group share a chain, and not their credit.
    const { group = hint, groups } = this.records.groupOf(slot);
    return this.finish(slot, group, groups, 'superseded');
  }

  /** Has a slot wait at a gate. */
  wait(slot: Slot, group: Group, target: Group, gate: Gate): void {
    this.starts.wait(slot, group, target, gate);
    this.publishInFlight();
  }

  /** Ends a waiting slot whose handler is not called; what its group does not want is no loss. Returns the next of its chain. */
  private refuse(slot: Slot, group: Group, ending: Refusal | DeadLetter): Slot | undefined {
    const { context, bay, run } = this.parts;
    const { groups } = this.records.groupOf(slot);
    if (group.where !== undefined) {
      const event = this.records.event(slot);
      bay.beginAsking(slot);
      run.begin(slot, runtimeUs(context) | 0);
      const answer = askWhere(group, event);
      run.end();
      try {
        if (answer !== 'wanted') return this.endUnwanted(slot, group, groups, answer);
      } finally {
        event.release();
      }
    }
    if (isDead(ending)) return this.setAside(slot, group, groups, ending.reason);
    return this.finish(slot, group, groups, ending);
  }

  /** Its group declined it, or threw when it was asked; before the event is released, which what was thrown may carry. */
  private endUnwanted(slot: Slot, group: Group, groups: number, answer: Exclude<WhereAnswer, 'wanted'>): Slot | undefined {
    if (answer === 'declined') return this.finish(slot, group, groups, group.declined);
    return this.setAside(slot, group, groups, 'where', answer.error);
  }

  /** Ends a delivery that is not begun again: it was in flight at too many deaths, or is of no use any more; returns the next of its chain. */
  setAside(slot: Slot, group: Group, groups: number, reason: DeadLetterReason = 'crashes', error?: unknown): Slot | undefined {
    this.parts.failures.failed(group, this.records.typeName(slot), reason, error);
    return this.finish(slot, group, groups, { reason, error });
  }

  /** Why a delivery of a predecessor has ended already, if it has. Its letter may have left; it goes before all others. */
  endedBy(slot: Slot): DeadLetterReason | undefined {
    return endedBy(this.parts.bay, slot);
  }

  /** Goes on to end a delivery that a predecessor had ended; returns the next of its chain. */
  endAgain(slot: Slot, group: Group, groups: number, reason: DeadLetterReason): Slot | undefined {
    this.parts.letters.first = slot;
    return this.finish(slot, group, groups, { reason, error: undefined });
  }

  /**
   * A handler failed: the delivery is tried again, or ends.
   *
   * @returns the next of its chain, if that may go on
   */
  fail(slot: Slot, group: Group, groups: number, error: unknown): Slot | undefined {
    const { bay, retries } = this.parts;
    const verdict = retries.judge({
      group,
      type: this.records.typeName(slot),
      error,
      attempt: bay.failures(slot) + 1,
      previousMs: bay.lastDelayMs(slot),
      publishedUs: this.records.publishedUs(slot),
      deadlineUs: this.records.deadlineUs(slot),
    });
    return typeof verdict === 'number' ? this.postpone(slot, group, verdict) : this.finish(slot, group, groups, verdict);
  }

  /**
   * Has a delivery wait for its next attempt.
   *
   * @returns the next of its chain, if that may go on
   */
  postpone(slot: Slot, group: Group, delayMs: number): Slot | undefined {
    const { bay, retries } = this.parts;
    const hash = bay.word(slot, SlotWord.keyHash);
    const keyed = this.records.isKeyed(slot);
    const blocks = keyed && group.retry.ordering === 'block-key';
    // Of the same batch as the one that waits in front of it: its turn comes after that.
    if (blocks && !group.chains.join(hash, slot)) retries.postponeBehind(slot, group);
    else retries.postpone(slot, group, delayMs);
    this.publishInFlight();
    // A suspect that ran alone has done so.
    if (this.starts.hold !== undefined) this.onSettled?.();
    return keyed && !blocks ? group.chains.leave(hash, slot) : undefined;
  }

  /** True while an answer or a letter waits for room. */
  get isAnswering(): boolean {
    return this.unanswered.length > 0;
  }

  /** Sends answers and letters that had no room; true when none is left. */
  answerLate(): boolean {
    const late = this.unanswered;
    this.unanswered = [];
    for (const one of late) {
      this.starts.goOn(this.finish(one.slot, one.group, one.groups, one.ending), one.group);
    }
    return this.unanswered.length === 0;
  }

  /** Runs one slot and nothing behind it; returns the next of its chain if it settled at once. */
  run(slot: Slot, group: Group, target = group): Slot | undefined {
    const { context, bay, views } = this.parts;
    const nowUs = runtimeUs(context);
    if (this.records.deadlineUs(slot) < nowUs) return this.refuse(slot, group, { reason: 'expired', error: undefined });
    // It began in a thread that died.
    if (group.isBestEffort && bay.word(slot, SlotWord.attempt) > 0)
      return this.finish(slot, group, this.records.groupOf(slot).groups, 'lost');
    const again = !bay.isPostponed(slot);
    const attempt = bay.start(slot);
    this.parts.run.begin(slot, nowUs | 0);
    if (again && attempt > 1) addToCell(context.control, group.redelivered, 1);
    const match = this.parts.subscriptions.match(
      laneProducer(bay.word(slot, SlotWord.lane)),
      views.i32[bay.bodyOffset(slot) >> 2] as number,
    );
    const { groups } = match;
    const event = new DeliveredEvent(match, views, bay.bodyOffset(slot), attempt);
    const ctx = new DeliveryContext(target, event);
    let result: unknown;
    try {
      const answer = askWhere(group, event);
      if (answer !== 'wanted') {
        const next = this.endUnwanted(slot, group, groups.length, answer);
        event.release();
        return next;
      }
      group.latency(views.i32[(bay.bodyOffset(slot) >> 2) + 5] as number, nowUs | 0);
      result = ctx.run(target.batch && (() => batchOfOne(target, event, ctx.current())));
    } catch (error) {
      // Before the release: what was thrown may carry the event, and is written as text now.
      const next = this.fail(slot, group, groups.length, error);
      event.release();
      return next;
    } finally {
      this.parts.run.end();
    }
    if (result !== undefined) {
      this.follow(slot, group, target, event, ctx.current(), result as PromiseLike<unknown>, groups.length);
      return undefined;
    }
    event.release();
    return this.finish(slot, group, groups.length, 'delivered');
  }

  private follow(
    slot: Slot,
    group: Group,
    target: Group,
    event: DeliveredEvent,
    attempt: Attempt,
    result: PromiseLike<unknown>,
    groups: number,
  ): void {
    const { bulkhead } = target;
    const begunUs = bulkhead?.enter() ?? 0;
    const deadlineUs = this.records.deadlineUs(slot);
    const priority = lanePriority(this.parts.bay.word(slot, SlotWord.lane));
    this.parts.attempts.follow({ slot, group: target, priority, attempt, result, deadlineUs }, (failure) => {
      bulkhead?.leave(begunUs, bulkhead.isAdaptive && failure !== undefined && target.isFailure(failure.error));
      // Before the release: what was thrown may carry the event, and is written as text now.
      const next =
        failure === undefined ? this.finish(slot, group, groups, 'delivered') : this.fail(slot, group, groups, failure.error);
      event.release();
      this.starts.goOn(next, group);
      if (bulkhead !== undefined) this.starts.admit(bulkhead);
    });
  }

  /** Answers, counts and frees the slot of a delivery that ended, after its letter has left if there is one; returns the next of its chain. */
  finish(slot: Slot, group: Group, groups: number, ended: Ending): Slot | undefined {
    const { bay, context } = this.parts;
    const ending = endingIn(group, ended);
    const wantsAnswer = this.records.wantsAnswer(slot);
    // As text now: what was thrown may carry the event, which is released once this returns.
    const dead = isDead(ending) ? { ...ending, text: ending.text ?? writeLetterError(ending.error) } : undefined;
    const isSent = dead === undefined || this.sendLetter(slot, group, dead, wantsAnswer);
    if (!isSent || (wantsAnswer && !this.answer(slot, groups, isFailure(ending)))) {
      this.unanswered.push({ slot, group, groups, ending: dead ?? ending });
      return undefined;
    }
    if (ending === 'delivered' && group.repeats !== undefined) group.repeats.remember(this.records.event(slot));
    const keyed = this.records.isKeyed(slot);
    const hash = bay.word(slot, SlotWord.keyHash);
    const link = this.parts.linkOf(laneProducer(bay.word(slot, SlotWord.lane)));
    bay.settle(slot, context.control, cellOf(group, ending), link.credit.returned + group.id);
    link.grant();
    group.open--;
    this.publishInFlight();
    this.onSettled?.();
    return keyed ? group.chains.leave(hash, slot) : undefined;
  }

  /** Sends the letter of a delivery whose answer has room too: so none is sent twice because the other had no room. */
  private sendLetter(slot: Slot, group: Group, dead: DeadLetter, wantsAnswer: boolean): boolean {
    const { bay, answers, letters } = this.parts;
    if (wantsAnswer && !answers.hasRoom(laneProducer(bay.word(slot, SlotWord.lane)), 1)) return false;
    return letters.send(slot, group, dead);
  }

  private answer(slot: Slot, groups: number, failed: boolean): boolean {
    const { bay, answers } = this.parts;
    const producer = laneProducer(bay.word(slot, SlotWord.lane));
    const low = bay.word(slot, SlotWord.sequenceLow);
    const high = bay.word(slot, SlotWord.sequenceHigh);
    return answers.answer(producer, low, high, bay.word(slot, SlotWord.step), groups, failed);
  }

  /** Tells the other threads how many deliveries are in the bay; pairs with the load in `isQuiet`. */
  publishInFlight(): void {
    const { atomics, control } = this.parts.context;
    atomics.store(control, this.inFlightIndex, this.parts.bay.live);
  }
}
