/**
 * Delivers records to the groups of one thread.
 *
 * Thread: the consumer's. For each record, in order:
 * 1. Look up the groups that match. Go on only if the bay could take every delivery of the record, and the producer's answers fit.
 * 2. `ledger.open`. For each group (a step): a synchronous handler reads the record in place and its step is settled at once; a
 *    handler that returns a promise has its delivery parked in the bay; a delivery whose key is already in the bay queues behind it.
 * 3. `ring.advance`: every step is settled or in the bay.
 * 4. After a batch, release the head and ring producers that wait for room.
 * Invariant: at most one delivery per (group, key) is in flight, in the order of the producer's lane.
 */
import { FLAG_HAS_EXTENSION, FLAG_HAS_KEY, FLAG_ONE_GROUP, FLAG_WANT_ACK, HEADER_SKIP_WORD, readTimeUs } from '@ringmain/codec';
import { StampInterval } from '@ringmain/policy';
import type { Bay, DeliveryLedger, Slot } from '@ringmain/ring';
import { DRAINED, MAIN_THREAD, RecordKind, addToCell, creditUnits } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { Answers } from './answers.ts';
import { reasonAgainst } from './dead-letter-reason.ts';
import { DeliveredEvent } from './delivered-event.ts';
import { DeliveryContext } from './delivery-context.ts';
import { deadlineUsOf } from './event-deadline.ts';
import { cellOf, endingIn, isFailure } from './ending.ts';
import type { FailureLog } from './failure-log.ts';
import type { Gate } from './gate.ts';
import type { Group } from './group.ts';
import type { HandlerBatches } from './handler-batches.ts';
import type { InLane } from './in-link.ts';
import type { LatestDeliveries } from './latest-deliveries.ts';
import type { ParkedDeliveries } from './parked-deliveries.ts';
import { PartitionLoads } from './partition-loads.ts';
import type { Retries, Verdict } from './retries.ts';
import type { Match, Subscriptions } from './subscriptions.ts';

/** Parts that a dispatcher works with; all of one thread. */
export interface DispatcherParts {
  readonly context: ThreadContext;
  readonly subscriptions: Subscriptions;
  readonly ledger: DeliveryLedger;
  readonly bay: Bay;
  readonly parked: ParkedDeliveries;
  readonly batches: HandlerBatches;
  readonly latest: LatestDeliveries;
  readonly answers: Answers;
  readonly failures: FailureLog;
  readonly retries: Retries;
  /** Takes records that are no events. */
  readonly onControl: (lane: InLane, kind: number, index: number) => void;
}

/** Answer of {@link Dispatcher.drainLane} when the lane can give nothing before a delivery settles or an answer leaves. */
export const STALLED = -1;

/** A gate, and the group before whose handler it stands. */
type Shut = readonly [target: Group, gate: Gate];

/** Dispatcher of one thread. */
export class Dispatcher {
  private readonly parts: DispatcherParts;
  private readonly stamps = new StampInterval();
  private stampsLeft = 0;
  private nowUs = 0;
  private nowLow = 0;
  /** The deadline of the present record has passed. */
  private isLate = false;
  private readonly crashesMax: number;
  private readonly loads: PartitionLoads;

  constructor(parts: DispatcherParts) {
    this.parts = parts;
    this.crashesMax = parts.context.seed.config.restart.crashesMax;
    this.loads = new PartitionLoads(parts.context);
  }

  /** The thread runs out of work: time that passes from now on is no partition's. */
  endRun(nowUs: number): void {
    this.loads.end(nowUs);
  }

  /** A new turn begins: the next delivery reads the clock. */
  beginTurn(): void {
    this.stampsLeft = 0;
  }

  /**
   * Drains up to `max` records that were seen by the last look at a lane; returns how many, or {@link STALLED}.
   *
   * @param endsUs - no record is begun once the clock was read to be this late
   */
  readonly drainLane = (lane: InLane, max: number, endsUs: number): number => {
    const { ring } = lane;
    let count = 0;
    try {
      while (count < max) {
        const index = ring.next();
        if (index === DRAINED) break;
        const kind = ring.data[index + 1] as number;
        if (kind !== RecordKind.event) this.parts.onControl(lane, kind, index);
        else if (!this.deliver(lane, index, 0, 0, 0)) return count === 0 ? STALLED : count;
        ring.advance(index);
        count++;
        if (this.parts.batches.isDue) {
          // Between two records, so that a death is charged to the batch and to no record.
          this.parts.batches.handDue();
          this.stampsLeft = 0;
        }
        // Slow handlers use the time up long before the quota; the clock was read for the last delivery anyway.
        if (this.nowUs >= endsUs) break;
      }
      return count;
    } finally {
      if (ring.release()) lane.link.freed(lane);
    }
  };

  /**
   * Delivers one record from a step on.
   *
   * @param index - index of the record's frame in the lane's data
   * @param firstStep - steps before it were done by a predecessor
   * @param crashes - deaths charged to the first step
   * @param begun - how often the first step was begun, by predecessors
   * @returns false when the thread must stall; nothing was begun then
   */
  deliver(lane: InLane, index: number, firstStep: number, crashes: number, begun: number): boolean {
    const { subscriptions, bay, ledger, answers } = this.parts;
    const { data } = lane.ring;
    const word = index + 2;
    const match = subscriptions.match(lane.producer, data[word] as number);
    const { groups } = match;
    const flags = data[word + 1] as number;
    // A record that goes on after a crash was checked by the predecessor; what it parked may be all that fills the bay.
    if (firstStep === 0 && bay.live !== 0 && !this.fits(lane, data[index] as number, groups.length)) return false;
    const wantAck = (flags & FLAG_WANT_ACK) !== 0;
    if (wantAck && !answers.hasRoom(lane.producer, groups.length)) return false;
    if (firstStep === 0) ledger.open(lane.number, lane.ring.position);
    else ledger.reopen(lane.number, lane.ring.position, firstStep);
    if (this.stampsLeft === 0) this.readClock(data[word + 2] as number);
    this.stampsLeft--;
    this.isLate = (flags & FLAG_HAS_EXTENSION) !== 0 && deadlineUsOf(this.parts.context.seed, lane.views, word) < this.nowUs;
    if (wantAck && groups.length === 0) answers.send(lane, word, 0, 0, false);
    for (let step = firstStep; step < groups.length; step++) {
      const first = step === firstStep;
      this.step(lane, index, match, step, first ? crashes : 0, first ? begun : 0);
    }
    return true;
  }

  /**
   * What shards publish may use the whole bay, what the main thread publishes only most of it: deliveries that wait to publish more would
   * otherwise fill the bay of the very thread that has to make room for them.
   */
  private fits(lane: InLane, bodyBytes: number, deliveries: number): boolean {
    return this.parts.bay.canPark(bodyBytes, deliveries, lane.producer === MAIN_THREAD);
  }

  private step(lane: InLane, index: number, match: Match, step: number, crashes: number, begun: number): void {
    const { context, ledger, parked, retries } = this.parts;
    const { type, groups } = match;
    const { data } = lane.ring;
    const word = index + 2;
    const group = groups[step] as Group;
    if (group.countsOffers) addToCell(context.control, group.offered, 1);
    const skip = data[word + HEADER_SKIP_WORD] as number;
    if (skip !== 0 && group.isLeftOut(data[word + 1] as number, skip, step)) return this.leaveOut(lane, word, step, groups);
    if (lane.priority > group.levelMax) return this.settle(lane, word, step, groups, group, group.filtered);
    if (begun !== 0 && group.isBestEffort) return this.settle(lane, word, step, groups, group, group.lost, true);
    if (reasonAgainst(crashes, this.crashesMax, this.isLate) !== undefined)
      return this.giveUp(lane, index, match, step, begun, crashes);
    const keyed = ((data[word + 1] as number) & FLAG_HAS_KEY) !== 0;
    if (keyed && group.chains.size !== 0 && !group.isLatest && group.chains.isFull(data[word + 2] as number)) {
      parked.queue(this.park(lane, index, group, step, 0, crashes), group);
      return ledger.pass(step);
    }
    if (group.gathers) return this.gather(lane, index, match, step, crashes);
    const target = group.fallback === undefined ? group : group.targetOf(type.name);
    const gate = target.shutGate;
    if (gate !== undefined) return this.hold(lane, index, match, step, crashes, begun, [target, gate]);
    if (group.where !== undefined && this.isDeclined(lane, index, match, step, crashes)) return;
    const event = new DeliveredEvent(match, lane.views, word << 2, begun + 1);
    if (begun !== 0) addToCell(context.control, group.redelivered, 1);
    const ctx = new DeliveryContext(target, event);
    let result: unknown;
    // Open also while its own code runs, which may unsubscribe it: its number is not given out before this delivery has settled.
    group.open++;
    try {
      group.latency(data[word + 5] as number, this.nowLow);
      result = ctx.run();
    } catch (error) {
      // Before the release: what was thrown may carry the event, and is written as text now.
      const failed = { group, type: type.name, error, attempt: 1, previousMs: 0 };
      const times = { publishedUs: readTimeUs(data, word), deadlineUs: deadlineUsOf(context.seed, lane.views, word) };
      const verdict = retries.judge({ ...failed, ...times });
      event.release();
      return this.end(lane, index, match, step, verdict, begun + 1, crashes);
    } finally {
      group.open--;
    }
    if (result === undefined) {
      group.remember(event);
      event.release();
      return this.settle(lane, word, step, groups, group, group.delivered);
    }
    const slot = this.park(lane, index, group, step, begun + 1, crashes);
    ledger.pass(step);
    parked.track(slot, group, target, event, ctx.current(), result as PromiseLike<unknown>, groups.length);
  }

  /** Ends a step that is not begun. What nobody wants is no dead letter; beside deaths, no code of the user is asked. */
  private giveUp(lane: InLane, index: number, match: Match, step: number, begun: number, crashes: number): void {
    const reason = reasonAgainst(crashes, this.crashesMax, this.isLate) ?? 'expired';
    if (reason === 'expired' && this.isDeclined(lane, index, match, step, crashes)) return;
    this.parts.failures.failed(match.groups[step] as Group, match.type.name, reason, undefined);
    this.end(lane, index, match, step, { reason, error: undefined }, begun, crashes);
  }

  /** Ends a step that did not succeed: from the bay, where it also waits for its next attempt. */
  private end(
    lane: InLane,
    index: number,
    { groups }: Match,
    step: number,
    verdict: Verdict,
    attempt: number,
    crashes: number,
  ): void {
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

  /** Parks a delivery until a gate lets it through, or drops it where its group would rather lose it than have it wait. */
  private hold(lane: InLane, index: number, match: Match, step: number, crashes: number, begun: number, shut: Shut): void {
    const { ledger, parked, failures } = this.parts;
    const [target, gate] = shut;
    const { groups } = match;
    const group = groups[step] as Group;
    const refusal = gate.refuse(begun);
    // What was begun once is never dropped.
    const isShed = refusal === undefined && begun === 0 && group.sheds && gate.isQueueFull;
    if ((refusal !== undefined || isShed) && this.isDeclined(lane, index, match, step, crashes)) return;
    if (refusal === 'dropped') return this.settle(lane, index + 2, step, groups, group, group.broken);
    if (refusal !== undefined) {
      failures.failed(group, match.type.name, refusal.reason, undefined);
      return this.end(lane, index, match, step, refusal, begun, crashes);
    }
    if (isShed) return this.settle(lane, index + 2, step, groups, group, group.shed);
    const slot = this.park(lane, index, group, step, begun, crashes, false);
    ledger.pass(step);
    parked.wait(slot, group, target, gate);
  }

  /** Parks a delivery for its group's next batch, or as the latest of its key, unless the group declines it. */
  private gather(lane: InLane, index: number, match: Match, step: number, crashes: number): void {
    if (this.isDeclined(lane, index, match, step, crashes)) return;
    const { ledger, batches, latest } = this.parts;
    const group = match.groups[step] as Group;
    (group.isLatest ? latest : batches).gather(this.park(lane, index, group, step, 0, crashes), group);
    ledger.pass(step);
  }

  /** Asks the group's `where` for a delivery that does not begin now; ends the step if it declines, or throws. */
  private isDeclined(lane: InLane, index: number, match: Match, step: number, crashes: number): boolean {
    const { type, groups } = match;
    const group = groups[step] as Group;
    if (group.where === undefined) return false;
    const word = index + 2;
    const event = new DeliveredEvent(match, lane.views, word << 2, 1);
    // Open while its own code runs, which may unsubscribe it: its number is not given out before this delivery has settled.
    group.open++;
    try {
      if (group.where(event)) return false;
    } catch (error) {
      this.parts.failures.failed(group, type.name, 'where', error);
      this.end(lane, index, match, step, { reason: 'where', error }, 0, crashes);
      return true;
    } finally {
      group.open--;
      event.release();
    }
    this.settle(lane, word, step, groups, group, cellOf(group, group.declined));
    return true;
  }

  private settle(
    lane: InLane,
    word: number,
    step: number,
    groups: readonly Group[],
    group: Group,
    cell: number,
    failed = false,
  ): void {
    const { data } = lane.ring;
    // The answer goes first: a death in between repeats the delivery and the answer, and loses neither.
    if (((data[word + 1] as number) & FLAG_WANT_ACK) !== 0) this.parts.answers.send(lane, word, step, groups.length, failed);
    // Two words in front of the header is the frame's length.
    this.parts.ledger.settle(step, cell, lane.returned + group.id, creditUnits(data[word - 2] as number));
  }

  /** Settles a step that is none of its group's; nothing was charged for it. */
  private leaveOut(lane: InLane, word: number, step: number, groups: readonly Group[]): void {
    const group = groups[step] as Group;
    const flags = lane.ring.data[word + 1] as number;
    if ((flags & FLAG_WANT_ACK) !== 0) this.parts.answers.send(lane, word, step, groups.length, false);
    const cell = (flags & FLAG_ONE_GROUP) !== 0 ? group.filtered : group.shed;
    this.parts.ledger.settle(step, cell, lane.returned + group.id, 0);
  }

  /** Hands a delivery over to the bay. */
  private park(
    lane: InLane,
    index: number,
    group: Group,
    step: number,
    attempt: number,
    crashes: number,
    isRunning = attempt > 0,
  ): Slot {
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

  private readClock(hash: number): void {
    const now = runtimeUs(this.parts.context);
    this.loads.begin(hash, now);
    this.nowUs = now;
    this.nowLow = now | 0;
    this.stampsLeft = this.stamps.read(now);
    this.parts.ledger.startedAt(this.nowLow);
  }
}
