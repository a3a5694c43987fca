/**
 * How the steps of a record end: settled in place, or handed over to the bay.
 * Thread: the consumer's. A step is one delivery of the record to one of its groups; the ledger knows which is under way.
 */
import { FLAG_ONE_GROUP, FLAG_WANT_ACK, readTimeUs } from '@ringmain/codec';
import type { Bay, DeliveryLedger, Slot } from '@ringmain/ring';
import { creditUnits } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import type { Answers } from './answers.ts';
import type { DeliveredEvent } from './delivered-event.ts';
import { cellOf, endingIn, isFailure } from './ending.ts';
import { deadlineUsOf } from './event-deadline.ts';
import type { Group } from './group.ts';
import type { InLane } from './in-link.ts';
import type { ParkedDeliveries } from './parked-deliveries.ts';
import type { Retries, Verdict } from './retries.ts';
import type { Match } from './subscriptions.ts';

/** Parts that steps end with; all of one thread. */
export interface StepEndsParts {
  readonly context: ThreadContext;
  readonly ledger: DeliveryLedger;
  readonly bay: Bay;
  readonly parked: ParkedDeliveries;
  readonly answers: Answers;
  readonly retries: Retries;
}

/** Ends of the steps of one thread. */
export class StepEnds {
  private readonly parts: StepEndsParts;

  constructor(parts: StepEndsParts) {
    this.parts = parts;
  }

  /** Settles a step of the record that is delivered now. */
  settle(lane: InLane, word: number, step: number, groups: readonly Group[], group: Group, cell: number, failed = false): void {
    const { data } = lane.ring;
    // The answer goes first: a death in between repeats the delivery and the answer, and loses neither.
    if (((data[word + 1] as number) & FLAG_WANT_ACK) !== 0) this.parts.answers.send(lane, word, step, groups.length, failed);
    // Two words in front of the header is the frame's length.
    this.parts.ledger.settle(step, cell, lane.returned + group.id, creditUnits(data[word - 2] as number));
  }

  /** Settles a step that is none of its group's; nothing was charged for it. */
  leaveOut(lane: InLane, word: number, step: number, groups: readonly Group[]): void {
    const group = groups[step] as Group;
    const flags = lane.ring.data[word + 1] as number;
    if ((flags & FLAG_WANT_ACK) !== 0) this.parts.answers.send(lane, word, step, groups.length, false);
    const cell = (flags & FLAG_ONE_GROUP) !== 0 ? group.filtered : group.shed;
    this.parts.ledger.settle(step, cell, lane.returned + group.id, 0);
  }

  /** Hands a delivery over to the bay. */
  park(lane: InLane, index: number, group: Group, step: number, attempt: number, crashes: number, isRunning = attempt > 0): Slot {
    const { data, position } = lane.ring;
    const word = index + 2;
    group.open++;
    const parking = {
      lane: lane.number,
      position,
      sequenceLow: data[word + 3] as number,
      sequenceHigh: data[word + 4] as number,
      step,
      keyHash: data[word + 2] as number,
      attempt,
      crashes,
    };
    return this.parts.bay.park(parking, data, word, data[index] as number, isRunning);
  }

  /** The handler threw. */
  fail(lane: InLane, index: number, match: Match, step: number, event: DeliveredEvent, error: unknown, crashes: number): void {
    const { context, retries } = this.parts;
    const { data } = lane.ring;
    const word = index + 2;
    const group = match.groups[step] as Group;
    const failed = { group, type: match.type.name, error, attempt: 1, previousMs: 0 };
    const times = { publishedUs: readTimeUs(data, word), deadlineUs: deadlineUsOf(context.seed, lane.views, word) };
    const verdict = retries.judge({ ...failed, ...times });
    const { attempt } = event;
    // After the verdict: what was thrown may carry the event, and is written as text then.
    event.release();
    this.end(lane, index, match, step, verdict, attempt, crashes);
  }

  /** Ends a step that did not succeed: from the bay, where it also waits for its next attempt. */
  end(lane: InLane, index: number, { groups }: Match, step: number, verdict: Verdict, attempt: number, crashes: number): void {
    const group = groups[step] as Group;
    const ending = typeof verdict === 'number' ? verdict : endingIn(group, verdict);
    if (typeof ending === 'string')
      return this.settle(lane, index + 2, step, groups, group, cellOf(group, ending), isFailure(ending));
    const { parked, ledger } = this.parts;
    const slot = this.park(lane, index, group, step, attempt, crashes);
    ledger.pass(step);
    if (typeof ending === 'number') parked.postpone(slot, group, ending);
    else parked.finish(slot, group, groups.length, ending);
  }
}
