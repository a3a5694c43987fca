/**
 * What becomes of events that find no room: asks the policy of their type, keeps the stage, and brings staged events into the lanes once there is
 * room.
 * Thread: the publisher's.
 *
 * 1. `resolve` decides about an event that was refused, and gives the publisher its outcome at once.
 * 2. `pump`, whenever a lane or an account has room: staged events go on in order; one that cannot go holds back the later ones for the same groups.
 * 3. A timer drops what waited too long. Every drop is counted by type and reason, and told to `onDrop`.
 * Invariant: what was staged is committed, replaced by a newer event of its key, or dropped and counted.
 */
import type { Pressure, PriorityLevel, PublishOutcome } from '@ringmain/core';
import type { PublishDrop } from '@ringmain/ring';
import { ThreadCell, ThreadWord } from '@ringmain/ring';
import type { EventType } from '../../events/event-type.ts';
import { runtimeUs } from '../../thread-context.ts';
import type { OutLane } from '../out-link.ts';
import { Pauses } from '../pauses.ts';
import type { Refusal } from '../record-group.ts';
import { RecordGroup } from '../record-group.ts';
import type { Barrier } from './admission.ts';
import { keyText } from '../publish-key.ts';
import { DeadlineTimer, FOR_EVER } from './deadline-timer.ts';
import { EventCopy } from './event-copy.ts';
import type { OverflowParts, PublishRequest } from './overflow-parts.ts';
import { PressureGauge } from './pressure-gauge.ts';
import type { StagedEvent } from './stage.ts';
import { Stage } from './stage.ts';
import { StageRoutes } from './stage-routes.ts';
import { TypePolicies } from './type-policies.ts';

const MOVE_RETRY_MS = 10; // A move takes some milliseconds.
const THIN_US = 10_000; // How long an event that the ladder thins out waits for a newer one of its key.
const IN_VAIN_US = 1000; // Where there was no room for anything that is staged, it is not looked through again for every event.

/** Overflow of one publisher. */
export class Overflow {
  /** Told of every event that was dropped after it had been staged. */
  onDrop: ((type: string, reason: PublishDrop) => void) | undefined;

  /** What becomes of events without room, by type. */
  readonly policies: TypePolicies;

  /** Types that are refused although room is not what is missing. */
  readonly pauses: Pauses;

  private readonly parts: OverflowParts;
  private readonly stage: Stage;
  private readonly routes: StageRoutes;
  private readonly timer: DeadlineTimer;
  private readonly copy: EventCopy;
  private readonly gauge: PressureGauge;
  private readonly stagedIndex: number;
  private isThinning = false;
  private vainUntilUs = 0;
  /** The event that the last `staged` or `coalesced` outcome spoke of. */
  private last: StagedEvent | undefined;

  constructor(parts: OverflowParts) {
    const { context, writer } = parts;
    const { config, plan } = context.seed;
    this.parts = parts;
    this.routes = new StageRoutes(parts.router, plan.threadCount);
    this.stage = new Stage(config.stage, this.routes.count);
    this.timer = new DeadlineTimer(context, this.expire);
    context.live.watch(['stage'], ({ stage }) => this.stage.configure(stage));
    this.copy = new EventCopy(context, writer);
    this.policies = new TypePolicies(context);
    this.pauses = new Pauses(() => runtimeUs(context));
    this.gauge = new PressureGauge(context);
    this.stagedIndex = ((plan.threads[context.thread]?.words ?? 0) >> 2) + ThreadWord.staged;
    // What a predecessor had staged is gone with it; the deliveries that staged it did not settle and come again.
    context.atomics.store(context.control, this.stagedIndex, 0);
  }

  /** Number of staged events. */
  get staged(): number {
    return this.stage.size;
  }

  /** Resolves when the event of the last `staged` or `coalesced` outcome has left the stage. */
  lastSettled(): Promise<void> {
    return new Promise((resolve) => this.last?.settled.push(resolve));
  }

  /** Why an event may not go at once, if so: its partition moves, or earlier ones for the same groups wait. */
  heldBack(type: EventType, hash: number, priority: PriorityLevel): Refusal['held'] {
    if (this.parts.router.isHeld(type, hash)) return 'moving';
    if (this.stage.size === 0) return undefined;
    // An event that is not thinned out need not wait behind those that are.
    if (this.isThinning) this.pumpUnasked();
    return this.routes.of(type, hash, priority).some((route) => this.stage.holds(route)) ? 'staged' : undefined;
  }

  /** Takes an event whose partition moves: it waits in the stage whatever its policy. Where that is full, the policy decides. */
  hold(request: PublishRequest, refusal: Refusal): PublishOutcome {
    if (!this.stage.hasRoom) return this.resolve(request, refusal);
    return this.put(request, keyText(request), refusal, this.policies.of(request.type, request.priority).policy === 'drop-old');
  }

  /** True for an event that has a key to coalesce by, and whose policy is to do so. */
  coalesces(request: PublishRequest): boolean {
    return this.policies.of(request.type, request.priority).policy === 'coalesce' && keyText(request) !== undefined;
  }

  /** Takes an event that coalesces as if there were no room for some milliseconds: of each key the newest goes on then, or when something else must. */
  thin(request: PublishRequest, refusal: Refusal): PublishOutcome {
    if (!this.stage.hasRoom) this.pumpUnasked();
    const outcome = this.resolve(request, refusal);
    this.isThinning = true;
    this.timer.wakeAt(runtimeUs(this.parts.context) + THIN_US);
    return outcome;
  }

  /** Decides about an event for which there was no room. */
  resolve(request: PublishRequest, refusal: Refusal): PublishOutcome {
    const { type, priority } = request;
    const key = keyText(request);
    const { policy } = this.policies.of(type, priority);
    const decision = this.policies.decider(type, priority).decide({
      stageHasRoom: this.stage.hasRoom,
      keyed: key !== undefined,
      canReplace: policy === 'coalesce' && key !== undefined && this.stage.latest(type, key) !== undefined,
      nowUs: runtimeUs(this.parts.context),
    });
    switch (decision) {
      case 'stage':
        return this.put(request, key, refusal, false);
      case 'stage-droppable':
        return this.put(request, key, refusal, true);
      case 'replace':
        return this.replace(request, key as string, refusal);
      case 'drop-oldest-then-stage': {
        const oldest = this.stage.oldestDroppable(type);
        if (oldest === undefined) return this.dropped(request, 'drop-old', refusal);
        return this.put(request, key, refusal, true, () => this.leave(oldest, 'drop-old'));
      }
      case 'drop-new':
        return this.dropped(request, 'drop-new', refusal);
      case 'sampled':
        this.parts.counters.drop(type, 'sampled');
        this.parts.awaitRoom(refusal);
        return { status: 'sampled', accepted: false, ...this.pressure(refusal) };
      case 'broken':
        return this.barred(type, request.hash, priority, 'broken', this.policies.brokenForMs(type, priority));
      case 'reject':
        return this.rejected(refusal);
    }
  }

  /** The outcome of an event that was not let through to its lane. */
  barred(
    type: EventType,
    hash: number,
    priority: PriorityLevel,
    barrier: Barrier | 'broken',
    retryAfterMs: number,
  ): PublishOutcome {
    const lane = this.parts.router.lane(this.parts.router.owner(hash), priority);
    const pressure = { ...this.pressure({ lane, credit: undefined }), retryAfterMs };
    this.pauses.begin(type, priority, retryAfterMs);
    if (barrier === 'sample') {
      this.parts.counters.drop(type, 'sampled');
      return { status: 'sampled', accepted: false, ...pressure };
    }
    this.parts.counters.add(ThreadCell.rejected, 1);
    return { status: 'rejected', accepted: false, reason: barrier, ...pressure };
  }

  /** The outcome of an event that found no room and that the publisher keeps. */
  rejected(refusal: Refusal): PublishOutcome {
    this.parts.counters.add(ThreadCell.rejected, 1);
    this.parts.awaitRoom(refusal);
    if (refusal.moves !== undefined) this.pauses.begin(refusal.moves, refusal.lane.priority as PriorityLevel, MOVE_RETRY_MS);
    const { credit, held = credit === undefined ? 'full' : 'credit' } = refusal;
    const group = credit === undefined ? undefined : { group: credit.blockedGroup() };
    return { status: 'rejected', accepted: false, reason: held, ...group, ...this.pressure(refusal) };
  }

  /**
   * Brings staged events into the lanes.
   *
   * @returns true when one left
   */
  pump(): boolean {
    let moved = false;
    this.isThinning = false;
    const full = new Set<OutLane>();
    const heldBack = new Set<number>();
    for (const event of this.stage) {
      const { type, hash, priority, routes } = event;
      const lane = this.parts.router.lane(this.parts.router.owner(hash), priority);
      const mustStay = this.parts.router.isHeld(type, hash) || full.has(lane);
      if (mustStay || routes.some((route) => heldBack.has(route))) {
        for (const route of routes) heldBack.add(route);
        continue;
      }
      const refusal = this.commit(event);
      if (refusal === undefined) {
        moved = true;
        this.leave(event, undefined);
        continue;
      }
      for (const route of routes) heldBack.add(route);
      if (refusal.credit === undefined) full.add(refusal.lane);
      this.parts.awaitRoom(refusal);
    }
    return moved;
  }

  /** Routes everything that is staged anew, after the partition table has changed. Time in which an event could not go is no wait for room. */
  reroute(): void {
    for (const event of this.stage) {
      const { type, hash, priority } = event;
      if (this.parts.router.isHeld(type, hash)) event.deadlineUs = FOR_EVER;
      else if (event.deadlineUs === FOR_EVER) event.deadlineUs = runtimeUs(this.parts.context) + event.waitMs * 1000;
      this.timer.wakeAt(event.deadlineUs);
      this.stage.reroute(event, this.routes.of(type, hash, priority));
    }
  }

  /** Drops everything that is staged. */
  close(): void {
    this.timer.stop();
    this.pauses.clear();
    for (const event of this.stage) this.leave(event, 'closed');
  }

  private pumpUnasked(): void {
    const nowUs = runtimeUs(this.parts.context);
    if (nowUs >= this.vainUntilUs && !this.pump()) this.vainUntilUs = nowUs + IN_VAIN_US;
  }

  private commit({ type, priority, hash, body }: StagedEvent): Refusal | undefined {
    const { router, writer, counters, bells } = this.parts;
    const group = new RecordGroup(router, writer, counters);
    try {
      const refusal = group.copy(type, priority, hash, body);
      if (refusal !== undefined) return refusal;
      group.commit();
      for (const lane of group.lanes()) bells.committed(lane.link);
      return undefined;
    } finally {
      group.end();
    }
  }

  private put(
    request: PublishRequest,
    key: string | undefined,
    refusal: Refusal,
    droppable: boolean,
    makeRoom?: () => void,
  ): PublishOutcome {
    const { type, priority, hash } = request;
    const policy = this.policies.of(type, priority);
    // Every wait ends: a handler may hold the very credit that what it staged waits for.
    const waitMs = policy.policy === 'block' ? policy.deadlineMs : this.parts.context.seed.config.stage.maxWaitMs;
    // One of a sample says for how many events it stands.
    const { sampledRate = 1 } = request.attributes ?? {};
    const attributes =
      policy.policy === 'sample' ? { ...request.attributes, sampledRate: sampledRate * policy.oneOf } : request.attributes;
    this.stageEvent(
      { ...request, attributes },
      {
        key,
        routes: this.routes.of(type, hash, priority),
        waitMs,
        deadlineUs: refusal.held === 'moving' ? FOR_EVER : runtimeUs(this.parts.context) + waitMs * 1000,
        droppable,
        merged: 1,
        settled: [],
      },
      makeRoom,
    );
    this.parts.awaitRoom(refusal);
    return { status: 'staged', accepted: true, ...this.pressure(refusal) };
  }

  private replace(request: PublishRequest, key: string, refusal: Refusal): PublishOutcome {
    const before = this.stage.latest(request.type, key) as StagedEvent;
    const merged = before.merged + 1;
    const { waitMs, deadlineUs, droppable, settled } = before;
    const routes = this.routes.of(request.type, request.hash, request.priority);
    const attributes = { ...request.attributes, mergedCount: merged };
    const place = { key, routes, waitMs, deadlineUs, droppable, merged, settled };
    this.stageEvent({ ...request, attributes }, place, () => this.stage.remove(before));
    this.parts.counters.drop(request.type, 'coalesced');
    return { status: 'coalesced', accepted: true, merged, ...this.pressure(refusal) };
  }

  private stageEvent(
    request: PublishRequest,
    place: Pick<StagedEvent, 'key' | 'routes' | 'waitMs' | 'deadlineUs' | 'droppable' | 'merged' | 'settled'>,
    makeRoom?: () => void,
  ): void {
    const { type, data, priority, hash, flags, attributes } = request;
    const body = this.copy.encode(type, data, priority, hash, flags, attributes);
    const { writer, counters } = this.parts;
    writer.advance();
    counters.keepSequence(writer.sequenceLow, writer.sequenceHigh);
    const event = { type, priority, hash, flags, attributes, body, ...place };
    // Encoded before, so that an invalid payload takes nobody's place; added after, so that the stage never exceeds its bound.
    makeRoom?.();
    this.stage.add(event);
    this.last = event;
    this.publishSize();
    this.timer.wakeAt(event.deadlineUs);
  }

  private dropped(request: PublishRequest, reason: PublishDrop, refusal: Refusal): PublishOutcome {
    this.parts.writer.check(request.type, request.data, request.attributes);
    this.parts.counters.drop(request.type, reason);
    this.parts.awaitRoom(refusal);
    return { status: 'dropped', accepted: false, ...this.pressure(refusal) };
  }

  /** Takes an event out of the stage, counted as dropped if there is a reason. */
  private leave(event: StagedEvent, reason: PublishDrop | undefined): void {
    if (!this.stage.remove(event)) return;
    this.publishSize();
    if (reason !== undefined) {
      this.parts.counters.drop(event.type, reason);
      this.onDrop?.(event.type.name, reason);
    }
    for (const settled of event.settled) settled();
  }

  private readonly expire = (): void => {
    // Room may have come that nobody looked for yet.
    this.pump();
    const nowUs = runtimeUs(this.parts.context);
    let next = FOR_EVER;
    for (const event of this.stage) {
      if (event.deadlineUs <= nowUs) this.leave(event, 'expired');
      else next = Math.min(next, event.deadlineUs);
    }
    this.timer.wakeAt(next);
  };

  private pressure(refusal: Refusal): Pressure {
    return this.gauge.read(refusal, this.stage.size);
  }

  private publishSize(): void {
    const { atomics, control } = this.parts.context;
    atomics.store(control, this.stagedIndex, this.stage.size);
    this.parts.changed();
  }
}
