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
import { FLAG_HAS_EXTENSION, FLAG_WANT_ACK, HEADER_SKIP_WORD } from '@ringmain/codec';
import { StampInterval } from '@ringmain/policy';
import { DRAINED, MAIN_THREAD, RecordKind, addToCell } from '@ringmain/ring';
import { runtimeUs } from '../thread-context.ts';
import { DeliveredEvent } from './delivered-event.ts';
import { DeliveryContext } from './delivery-context.ts';
import { deadlineUsOf } from './event-deadline.ts';
import type { Group } from './group.ts';
import type { InLane } from './in-link.ts';
import { PartitionLoads } from './partition-loads.ts';
import type { AttemptKeeper } from './running-attempt.ts';
import { specimensOf } from './specimens.ts';
import { StepEnds } from './step-ends.ts';
import type { StepGatesParts } from './step-gates.ts';
import { StepGates } from './step-gates.ts';
import type { Match, Subscriptions } from './subscriptions.ts';

/** Parts that a dispatcher works with; all of one thread. */
export interface DispatcherParts extends StepGatesParts {
  readonly subscriptions: Subscriptions;
  readonly attempts: AttemptKeeper;
  /** Takes records that are no events. */
  readonly onControl: (lane: InLane, kind: number, index: number) => void;
}

/** Answer of {@link Dispatcher.drainLane} when the lane can give nothing before a delivery settles or an answer leaves. */
export const STALLED = -1;

/** Readings of the clock after which specimens are made anew. */
const READINGS_PER_SPECIMEN = 1024;

/** Dispatcher of one thread. */
export class Dispatcher {
  private readonly parts: DispatcherParts;
  private readonly stamps = new StampInterval();
  private stampsLeft = 0;
  private nowUs = 0;
  private nowLow = 0;
  /** The deadline of the present record has passed. */
  private isLate = false;
  private readonly ends: StepEnds;
  private readonly gates: StepGates;
  private readonly loads: PartitionLoads;
  /** What nobody reads, and the collector must find; see `specimens.ts`. */
  specimens: readonly object[] = [];
  private readingsLeft = 0;

  constructor(parts: DispatcherParts) {
    this.parts = parts;
    this.ends = new StepEnds(parts);
    this.gates = new StepGates(parts, this.ends);
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
    const { data } = lane.ring;
    const word = index + 2;
    const group = match.groups[step] as Group;
    if (group.countsOffers) addToCell(this.parts.context.control, group.offered, 1);
    const isPlain = group.isPlain && group.chains.size === 0 && !this.isLate;
    const isUsual = isPlain && crashes === 0 && begun === 0 && data[word + HEADER_SKIP_WORD] === 0;
    const target = isUsual ? group : this.gates.targetOf(lane, index, match, step, crashes, begun, this.isLate);
    if (target === undefined) return;
    const event = new DeliveredEvent(match, lane.views, word << 2, begun + 1);
    if (!isUsual && !this.gates.begins(lane, index, match, step, crashes, begun, event)) return;
    const ctx = new DeliveryContext(target, event);
    if (this.readingsLeft === 0) this.renewSpecimens(match, target);
    let result: unknown;
    // Open also while its own code runs, which may unsubscribe it: its number is not given out before this delivery has settled.
    group.open++;
    try {
      group.latency(data[word + 5] as number, this.nowLow);
      result = ctx.run();
    } catch (error) {
      return this.ends.fail(lane, index, match, step, event, error, crashes);
    } finally {
      group.open--;
    }
    if (result === undefined) {
      group.remember(event);
      event.release();
      return this.ends.settle(lane, word, step, match.groups, group, group.delivered);
    }
    const slot = this.ends.park(lane, index, group, step, begun + 1, crashes);
    this.parts.ledger.pass(step);
    this.parts.parked.track(slot, group, target, event, ctx.current(), result as PromiseLike<unknown>, match.groups.length);
  }

  private renewSpecimens(match: Match, group: Group): void {
    this.readingsLeft = READINGS_PER_SPECIMEN;
    this.specimens = specimensOf(match, group, this.parts.attempts);
  }

  private readClock(hash: number): void {
    if (this.readingsLeft > 0) this.readingsLeft--;
    const now = runtimeUs(this.parts.context);
    this.loads.begin(hash, now);
    this.nowUs = now;
    this.nowLow = now | 0;
    this.stampsLeft = this.stamps.read(now);
    this.parts.ledger.startedAt(this.nowLow);
  }
}
