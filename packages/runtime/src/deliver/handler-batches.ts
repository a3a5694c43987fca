/**
 * Batches for handlers: deliveries gather in the bay, and a group's handler gets many of them in one call.
 *
 * Thread: the consumer's.
 * 1. The dispatcher parks a delivery for a group with `handleBatch` as waiting, and it is gathered here, in the order of the lane.
 * 2. Handed over are batches that are full, those whose oldest event is overdue, and everything once the thread finds nothing more to drain, or
 *    nothing that the bay would take. So no timer hands over: a thread with time to spare delays nothing. A breaker may let through fewer, or none; what
 *    waits then ends at its deadline.
 * 3. When the handler is through, every delivery of the batch settles on its own. One that failed is tried again alone (`batchOfOne`), and later events
 *    of its key queue behind it: those gathered by then at once, before any that comes after them.
 * 4. A batch is one handler under way. It takes a permit of the group's bulkhead, and waits for one among the deliveries of the other groups. A delivery
 *    that is tried again alone waits for the end of a batch that holds as many of its key as may run.
 * Never inside a delivery step: the step would be charged with a death that belongs to the batch. What is in the bay at a death comes again one
 * by one (`Recovery`), through `batchOfOne`, and later events of its keys queue behind it.
 * Invariant: at most one batch per group runs, so events of a key are handled in order; a gathered slot is waiting, in no chain, and with `block-key` and
 * one place per key, none is gathered whose key has a chain.
 */
import type { RecordViews } from '@ringmain/codec';
import { HEADER_TIME_LO_WORD } from '@ringmain/codec';
import type { Bay, BayRun, Slot } from '@ringmain/ring';
import { SlotWord, laneProducer, lanePriority } from '@ringmain/ring';
import { DeadlineTimer } from '../deadline-timer.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { Failure } from './attempt.ts';
import { Attempt } from './attempt.ts';
import { BatchContext } from './batch-context.ts';
import { DeliveredEvent } from './delivered-event.ts';
import type { FailureLog } from './failure-log.ts';
import type { Gate } from './gate.ts';
import { Gathering } from './gathering.ts';
import type { Group } from './group.ts';
import type { ParkedDeliveries } from './parked-deliveries.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { RunningAttempts } from './running-attempts.ts';
import type { BreakerCall } from './running-calls.ts';

/** Parts that batches work with; all of one thread. */
export interface HandlerBatchParts {
  readonly context: ThreadContext;
  readonly bay: Bay;
  readonly run: BayRun;
  /** Views over the bay's bodies. */
  readonly views: RecordViews;
  readonly subscriptions: Subscriptions;
  readonly parked: ParkedDeliveries;
  readonly failures: FailureLog;
  readonly attempts: RunningAttempts;
}

/** One delivery of a batch. */
interface Member {
  readonly slot: Slot;
  readonly event: DeliveredEvent;
  /** Groups that its record goes to. */
  readonly groups: number;
}

/** A batch whose handler has been called. */
interface RunningBatch {
  readonly gathering: Gathering;
  readonly members: readonly Member[];
  readonly batch: BatchContext;
  readonly call: BreakerCall | undefined;
  /** What the bulkhead's `enter` returned. */
  readonly begunUs: number;
  /** Events that failed; known once the handler has ended. */
  failed: number;
}

/** Takes the time of a priority, in microseconds. */
type Charge = (priority: number, us: number) => void;

/** Least time between two looks for deadlines, and the time to the next while nothing may end. */
const LOOK_MS_MIN = 5;
const PAUSE_US = 100_000;

/** Batches of one thread. */
export class HandlerBatches {
  /** True when a full batch may be handed over. */
  isDue = false;

  private readonly parts: HandlerBatchParts;
  private readonly gatherings = new Map<Group, Gathering>();
  private readonly deadlines: DeadlineTimer;
  private turnUs = 0;

  constructor(parts: HandlerBatchParts) {
    this.parts = parts;
    this.deadlines = new DeadlineTimer(parts.context, () => this.expire(), LOOK_MS_MIN);
    parts.parked.starts.behindBatch = (slot, group) => this.waitsForBatch(slot, group);
  }

  /** Says when a turn began: the time by which batches are found overdue. */
  beginTurn(nowUs: number): void {
    this.turnUs = nowUs;
  }

  /** Takes a waiting slot. */
  gather(slot: Slot, group: Group): void {
    const gathering = this.of(group);
    gathering.add(slot, this.turnUs);
    if (gathering.isFull) this.isDue = true;
    this.deadlines.wakeAt(this.parts.parked.records.deadlineUs(slot));
    this.parts.parked.publishInFlight();
  }

  /**
   * Hands over what is full or overdue.
   *
   * @param charge - takes the time that handlers computed, where no lane that is being drained is charged for it
   */
  handDue(charge?: Charge): void {
    this.isDue = false;
    for (const gathering of this.gatherings.values()) this.handSome(gathering, false, charge);
  }

  /** Hands over everything that waits for no running batch; returns the number of events. */
  handAll(charge?: Charge): number {
    let handed = 0;
    for (const gathering of this.gatherings.values()) handed += this.handSome(gathering, true, charge);
    return handed;
  }

  /** @param all - also what is neither full nor overdue */
  private handSome(gathering: Gathering, all: boolean, charge: Charge | undefined): number {
    let handed = 0;
    while (all || gathering.isDue(this.turnUs)) {
      const count = this.admitted(gathering);
      if (count === 0) break;
      handed += charge === undefined ? this.hand(gathering, count) : this.handCharged(gathering, count, charge);
    }
    return this.mayBegin && gathering.isRefused ? handed + this.refuse(gathering) : handed;
  }

  /** Charges what the handler computes to the priority of the oldest event. */
  private handCharged(gathering: Gathering, count: number, charge: Charge): number {
    const { context, bay } = this.parts;
    const priority = lanePriority(bay.word(gathering.oldest ?? 0, SlotWord.lane));
    const fromUs = runtimeUs(context);
    const handed = this.hand(gathering, count);
    charge(priority, runtimeUs(context) - fromUs);
    return handed;
  }

  /** False once the thread has stopped, and beside a suspect. */
  private get mayBegin(): boolean {
    const { starts } = this.parts.parked;
    return !starts.isStopped && starts.hold === undefined;
  }

  /** How many may be handed over now; a batch that only lacks a permit waits for it. */
  private admitted(gathering: Gathering): number {
    const { group, waiter } = gathering;
    if (waiter !== undefined || !this.mayBegin) return 0;
    const count = gathering.admitted();
    if (count === 0 || group.bulkhead?.isShut !== true) return count;
    this.waitForPermit(gathering, group.bulkhead);
    return 0;
  }

  /** Waits with the priority of its oldest event. */
  private waitForPermit(gathering: Gathering, bulkhead: Gate): void {
    const { oldest = 0, group } = gathering;
    const lane = this.parts.bay.word(oldest, SlotWord.lane);
    gathering.waiter = {
      group: group.name,
      priority: lanePriority(lane),
      begin: () => {
        gathering.waiter = undefined;
        const count = this.admitted(gathering);
        if (count > 0) this.hand(gathering, count);
      },
    };
    bulkhead.wait(gathering.waiter);
  }

  private of(group: Group): Gathering {
    const known = this.gatherings.get(group);
    if (known !== undefined) return known;
    const created = new Gathering(group);
    this.gatherings.set(group, created);
    return created;
  }

  /** Runs the handler with one batch. */
  private hand(gathering: Gathering, count: number): number {
    const { group } = gathering;
    const taken = gathering.take(count);
    const members = taken
      .filter((slot) => !this.isLate(slot, group) && !this.waitsForKey(slot, group))
      .map((slot) => this.begin(slot, group));
    if (members.length === 0) return taken.length;
    gathering.running = members.map(({ slot }) => slot);
    const begunUs = group.bulkhead?.enter() ?? 0;
    const events = members.map(({ event }) => event);
    const attempt = new Attempt();
    const batch = new BatchContext(group, events, attempt);
    const running = {
      gathering,
      members,
      batch,
      call: group.breaker?.begin(members.length, group.isIsolated),
      begunUs,
      failed: 0,
    };
    const begun = (): void => running.call && group.breaker?.started(running.call);
    if (group.isIsolated) attempt.onBegin = begun;
    this.parts.run.begin((members[0] as Member).slot, runtimeUs(this.parts.context) | 0, members);
    const end = (reached: Failure): void => this.endCall(running, reached);
    attempt.onEnd = end;
    let failure: Failure;
    try {
      const call = (): unknown => batch.run(events);
      const result = group.bulkhead === undefined ? call() : group.bulkhead.metered(call);
      if (result !== undefined) {
        const [{ slot }] = members as [Member];
        const priority = lanePriority(this.parts.bay.word(slot, SlotWord.lane));
        this.parts.attempts.follow(
          { slot, group, priority, attempt, result: result as PromiseLike<unknown>, deadlineUs: Infinity },
          (reached) => this.end(running, reached),
        );
        return members.length;
      }
    } catch (error) {
      failure = { error };
    } finally {
      this.parts.run.end();
    }
    this.endCall(running, failure);
    this.end(running, failure);
    return members.length;
  }

  /** What waits for a batch of a group whose breaker is open, and that does not wait for it: each event finds the gate shut by itself. */
  private refuse(gathering: Gathering): number {
    const { parked } = this.parts;
    const { group } = gathering;
    const slots = gathering.take(Infinity);
    this.waitNoMore(gathering);
    // In the chain of its key, so that later events of it queue behind what another group is handling.
    for (const slot of slots) {
      // It goes on when the batch that holds its key has ended.
      if (this.waitsForBatch(slot, group)) continue;
      if (!parked.records.isKeyed(slot) || parked.queue(slot, group)) parked.starts.start(slot, group);
    }
    return slots.length;
  }

  /** Ends a gathered slot whose deadline has passed meanwhile. */
  private isLate(slot: Slot, group: Group): boolean {
    const { context, parked } = this.parts;
    if (parked.records.deadlineUs(slot) >= runtimeUs(context)) return false;
    parked.setAside(slot, group, parked.records.groupOf(slot).groups, 'expired');
    return true;
  }

  /** Ends what waits for a batch beyond its deadline, however long no batch may begin. */
  private expire(): void {
    const { context, parked } = this.parts;
    if (parked.starts.isStopped) return;
    if (!this.mayBegin) return this.deadlines.wakeAt(runtimeUs(context) + PAUSE_US);
    for (const gathering of this.gatherings.values()) {
      gathering.keep((slot) => {
        if (this.isLate(slot, gathering.group)) return false;
        this.deadlines.wakeAt(parked.records.deadlineUs(slot));
        return true;
      });
      this.waitNoMore(gathering);
    }
  }

  /** Gives up the place at the bulkhead of a batch that has no events any more. */
  private waitNoMore(gathering: Gathering): void {
    const { waiter, group } = gathering;
    if (waiter === undefined || gathering.oldest !== undefined) return;
    group.bulkhead?.forget(waiter);
    gathering.waiter = undefined;
  }

  /** Queues a gathered slot behind an event of its key that waits for its next attempt; it is handled alone then. */
  private waitsForKey(slot: Slot, group: Group): boolean {
    const { bay, parked } = this.parts;
    if (group.chains.size === 0 || !parked.records.isKeyed(slot) || !group.chains.isFull(bay.word(slot, SlotWord.keyHash)))
      return false;
    parked.queue(slot, group);
    return true;
  }

  /** Keeps a delivery that would run beside a batch with as many of its key as may run. */
  private waitsForBatch(slot: Slot, group: Group): boolean {
    const { bay, parked } = this.parts;
    const gathering = this.gatherings.get(group);
    if (gathering?.isRunning !== true || !parked.records.isKeyed(slot)) return false;
    const hash = bay.word(slot, SlotWord.keyHash);
    const meets = gathering.running.some((one) => parked.records.isKeyed(one) && bay.word(one, SlotWord.keyHash) === hash);
    if (!meets || group.chains.hasRoomBeside(hash, slot)) return false;
    gathering.behind.push(slot);
    return true;
  }

  private begin(slot: Slot, group: Group): Member {
    const { context, bay, views, subscriptions } = this.parts;
    const offset = bay.bodyOffset(slot);
    const attempt = bay.start(slot);
    const match = subscriptions.match(laneProducer(bay.word(slot, SlotWord.lane)), views.i32[offset >> 2] as number);
    group.latency(views.i32[(offset >> 2) + HEADER_TIME_LO_WORD] as number, runtimeUs(context) | 0);
    return { slot, event: new DeliveredEvent(match, views, offset, attempt), groups: match.groups.length };
  }

  /** The handler has ended, or was given up: to the breaker that is the end of the call, whatever still waits in the stage. */
  private endCall(running: RunningBatch, failure: Failure): void {
    const { members, batch, gathering } = running;
    const { group } = gathering;
    const failed = members.filter(({ event }) => {
      const verdict = batch.verdictOn(event, failure);
      return verdict !== undefined && group.isFailure(verdict.error);
    }).length;
    if (running.call !== undefined) group.breaker?.end(running.call, failed);
    running.failed = failed;
  }

  /** Settles every delivery of a batch on its own. */
  private end({ gathering, members, batch, begunUs, failed }: RunningBatch, failure: Failure): void {
    const { parked } = this.parts;
    const { group } = gathering;
    for (const { slot, event, groups } of members) {
      // Before the release: what was thrown may carry the event, and is written as text now.
      const verdict = batch.verdictOn(event, failure);
      if (verdict !== undefined) parked.fail(slot, group, groups, verdict.error);
      else parked.finish(slot, group, groups, 'delivered');
      event.release();
    }
    gathering.running = [];
    group.bulkhead?.leave(begunUs, failed > 0);
    // Those that failed have their places by now; what came behind the batch was published before all that is gathered still.
    for (const slot of gathering.behind.splice(0)) parked.starts.startDue(slot, group);
    if (group.chains.size > 0) gathering.keep((slot) => !this.waitsForKey(slot, group));
    this.waitNoMore(gathering);
    if (gathering.isFull) this.isDue = true;
    // Whatever waited for the end of this batch; answers that had no room may have kept every slot from saying so.
    parked.onSettled?.();
    if (group.bulkhead !== undefined) parked.starts.admit(group.bulkhead);
  }
}
