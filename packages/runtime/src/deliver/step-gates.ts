/**
 * What may keep a handler from being called for a record, asked step by step: who it is meant for, deaths and deadlines, keys, gates, filters.
 * Thread: the consumer's. Not asked where nothing of this can be true: for a group by `Group.isPlain`, for a record by `Dispatcher.step`.
 */
import { FLAG_HAS_KEY, HEADER_SKIP_WORD } from '@ringmain/codec';
import { addToCell } from '@ringmain/ring';
import { askWhere } from './ask-where.ts';
import type { DeadLetterReason } from './dead-letter-reason.ts';
import { reasonAgainst } from './dead-letter-reason.ts';
import { DeliveredEvent } from './delivered-event.ts';
import { cellOf } from './ending.ts';
import type { FailureLog } from './failure-log.ts';
import type { Gate } from './gate.ts';
import type { Group } from './group.ts';
import type { HandlerBatches } from './handler-batches.ts';
import type { InLane } from './in-link.ts';
import type { LatestDeliveries } from './latest-deliveries.ts';
import type { StepEnds, StepEndsParts } from './step-ends.ts';
import type { Match } from './subscriptions.ts';

/** Parts that steps are looked at with; all of one thread. */
export interface StepGatesParts extends StepEndsParts {
  readonly batches: HandlerBatches;
  readonly latest: LatestDeliveries;
  readonly failures: FailureLog;
}

/** A gate, and the group before whose handler it stands. */
type Shut = readonly [target: Group, gate: Gate];

/** Gates before the handlers of one thread. */
export class StepGates {
  private readonly parts: StepGatesParts;
  private readonly ends: StepEnds;
  private readonly crashesMax: number;

  constructor(parts: StepGatesParts, ends: StepEnds) {
    this.parts = parts;
    this.ends = ends;
    this.crashesMax = parts.context.seed.config.restart.crashesMax;
  }

  /**
   * Looks at all that may keep a handler from being called now, and ends the step where something does. Apart from `Dispatcher.step`, of which V8
   * compiles more as one piece as long as it is small.
   *
   * @returns the group whose handler is to be called; undefined when the step has ended
   */
  targetOf(
    lane: InLane,
    index: number,
    match: Match,
    step: number,
    crashes: number,
    begun: number,
    isLate: boolean,
  ): Group | undefined {
    const { ledger, parked } = this.parts;
    const { type, groups } = match;
    const { data } = lane.ring;
    const word = index + 2;
    const group = groups[step] as Group;
    const skip = data[word + HEADER_SKIP_WORD] as number;
    if (skip !== 0 && group.isLeftOut(data[word + 1] as number, skip, step)) {
      this.ends.leaveOut(lane, word, step, groups);
      return undefined;
    }
    if (lane.priority > group.levelMax) {
      this.ends.settle(lane, word, step, groups, group, group.filtered);
      return undefined;
    }
    if (begun !== 0 && group.isBestEffort) {
      this.ends.settle(lane, word, step, groups, group, group.lost, true);
      return undefined;
    }
    const reason = reasonAgainst(crashes, this.crashesMax, isLate);
    if (reason !== undefined) {
      this.giveUp(lane, index, match, step, begun, crashes, reason);
      return undefined;
    }
    const keyed = ((data[word + 1] as number) & FLAG_HAS_KEY) !== 0;
    if (keyed && group.chains.size !== 0 && !group.isLatest && group.chains.isFull(data[word + 2] as number)) {
      parked.queue(this.ends.park(lane, index, group, step, 0, crashes), group);
      ledger.pass(step);
      return undefined;
    }
    if (group.gathers) {
      this.gather(lane, index, match, step, crashes);
      return undefined;
    }
    const target = group.fallback === undefined ? group : group.targetOf(type.name);
    const gate = target.shutGate;
    if (gate !== undefined) {
      this.hold(lane, index, match, step, crashes, begun, [target, gate]);
      return undefined;
    }
    return target;
  }

  /**
   * The last question, once there is an event to show: whether the group wants it. Ends the step if not.
   *
   * @returns true when the handler is to be called
   */
  begins(
    lane: InLane,
    index: number,
    match: Match,
    step: number,
    crashes: number,
    begun: number,
    event: DeliveredEvent,
  ): boolean {
    const group = match.groups[step] as Group;
    if (group.where !== undefined && this.isUnwanted(lane, index, match, step, crashes, event)) return false;
    if (begun !== 0) addToCell(this.parts.context.control, group.redelivered, 1);
    return true;
  }

  /** Ends a step that is not begun. What nobody wants is no dead letter; beside deaths, no code of the user is asked. */
  private giveUp(
    lane: InLane,
    index: number,
    match: Match,
    step: number,
    begun: number,
    crashes: number,
    reason: DeadLetterReason,
  ): void {
    if (reason === 'expired' && this.isDeclined(lane, index, match, step, crashes, begun)) return;
    this.parts.failures.failed(match.groups[step] as Group, match.type.name, reason, undefined);
    this.ends.end(lane, index, match, step, { reason, error: undefined }, begun, crashes);
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
    if ((refusal !== undefined || isShed) && this.isDeclined(lane, index, match, step, crashes, begun)) return;
    if (refusal === 'dropped') return this.ends.settle(lane, index + 2, step, groups, group, group.broken);
    if (refusal !== undefined) {
      failures.failed(group, match.type.name, refusal.reason, undefined);
      return this.ends.end(lane, index, match, step, refusal, begun, crashes);
    }
    if (isShed) return this.ends.settle(lane, index + 2, step, groups, group, group.shed);
    const slot = this.ends.park(lane, index, group, step, begun, crashes, false);
    ledger.pass(step);
    parked.wait(slot, group, target, gate);
  }

  /** Parks a delivery for its group's next batch, or as the latest of its key, unless the group declines it. */
  private gather(lane: InLane, index: number, match: Match, step: number, crashes: number): void {
    if (this.isDeclined(lane, index, match, step, crashes, 0)) return;
    const { ledger, batches, latest } = this.parts;
    const group = match.groups[step] as Group;
    (group.isLatest ? latest : batches).gather(this.ends.park(lane, index, group, step, 0, crashes), group);
    ledger.pass(step);
  }

  /** Asks the group's `where` for a delivery that does not begin now; ends the step if it declines, or throws. */
  private isDeclined(lane: InLane, index: number, match: Match, step: number, crashes: number, begun: number): boolean {
    const group = match.groups[step] as Group;
    if (group.where === undefined) return false;
    const event = new DeliveredEvent(match, lane.views, (index + 2) << 2, begun + 1);
    if (this.isUnwanted(lane, index, match, step, crashes, event)) return true;
    event.release();
    return false;
  }

  /** Asks, and ends the step where the group does not want the event. */
  private isUnwanted(lane: InLane, index: number, match: Match, step: number, crashes: number, event: DeliveredEvent): boolean {
    const { groups, type } = match;
    const group = groups[step] as Group;
    // Open while its own code runs, which may unsubscribe it: its number is not given out before this delivery has settled.
    group.open++;
    const answer = askWhere(group, event);
    group.open--;
    if (answer === 'wanted') return false;
    if (answer === 'declined') {
      this.ends.settle(lane, index + 2, step, groups, group, cellOf(group, group.declined));
    } else {
      this.parts.failures.failed(group, type.name, 'where', answer.error);
      this.ends.end(lane, index, match, step, { reason: 'where', error: answer.error }, 0, crashes);
    }
    // After the end: what was thrown may carry the event, and is written as text there.
    event.release();
    return true;
  }
}
