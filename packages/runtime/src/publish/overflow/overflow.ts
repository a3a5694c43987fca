/**
 * What becomes of events that find no room: asks the policy of their type, keeps the stage, and brings staged events into the lanes once there is
 * room.
 * Thread: the publisher's.
 *
 * 1. `resolve` decides about an event that was refused, and gives the publisher its outcome at once.
 * 2. `pump`, whenever a lane or an account has room, or something left the stage that others stood behind: staged events go on in order (`StagePump`).
 * 3. A timer drops what waited too long. Every drop is counted by type and reason, and told to `onDrop`.
 * 4. Whoever was refused is told when what refused is over: by `awaitRoom` of lanes and credit, by `HeldWatch` of the stage and of moves, by `Pauses` of time.
 * Invariant: what was staged is committed, replaced by a newer event of its key, or dropped and counted.
 */
import type { PriorityLevel, PublishOutcome } from '@ringmain/core';
import type { PublishDrop } from '@ringmain/ring';
import { ThreadWord } from '@ringmain/ring';
import type { EventType } from '../../events/event-type.ts';
import { runtimeUs } from '../../thread-context.ts';
import type { Refusal } from '../record-group.ts';
import { keyText } from '../publish-key.ts';
import { DeadlineTimer, FOR_EVER } from './deadline-timer.ts';
import { EventCopy } from './event-copy.ts';
import type { OverflowParts, PublishRequest } from './overflow-parts.ts';
import { Refusals } from './refusals.ts';
import type { StagedEvent } from './stage.ts';
import { Stage } from './stage.ts';
import { StagePump } from './stage-pump.ts';
import { StageRoutes } from './stage-routes.ts';
import { StagedWaits } from './staged-waits.ts';
import { TypePolicies } from './type-policies.ts';

/** How long an event that the ladder thins out waits for a newer one of its key. */
const THIN_US = 10_000;
/** Where there was no room for anything that is staged, it is not looked through again for every event. */
const IN_VAIN_US = 1000;

/** Overflow of one publisher. */
export class Overflow {
  /** Told of every event that was dropped after it had been staged. */
  onDrop: ((type: string, reason: PublishDrop) => void) | undefined;

  /** What becomes of events without room, by type. */
  readonly policies: TypePolicies;

  /** Outcomes of events that were not taken, and what whoever waits for them is told of. */
  readonly refusals: Refusals;

  private readonly parts: OverflowParts;
  private readonly stage: Stage;
  private readonly routes: StageRoutes;
  private readonly pumping: StagePump;
  private readonly timer: DeadlineTimer;
  private readonly waits: StagedWaits;
  private readonly copy: EventCopy;
  private readonly stagedIndex: number;
  /** The event that the last `staged` or `coalesced` outcome spoke of. */
  private last: StagedEvent | undefined;
  private isPumpDue = false;
  private isThinning = false;
  private vainUntilUs = 0;

  constructor(parts: OverflowParts) {
    const { context, writer } = parts;
    const { config, plan } = context.seed;
    this.parts = parts;
    this.routes = new StageRoutes(parts.router, plan.threadCount);
    this.stage = new Stage(config.stage, this.routes.count);
    this.refusals = new Refusals(parts, this.stage, this.routes);
    this.pumping = new StagePump(parts, this.stage);
    this.timer = new DeadlineTimer(context, this.expire);
    this.waits = new StagedWaits(parts, this.timer);
    context.live.watch(['stage'], ({ stage }) => this.stage.configure(stage));
    this.copy = new EventCopy(context, writer);
    this.policies = new TypePolicies(context);
    this.stagedIndex = ((plan.threads[context.thread]?.words ?? 0) >> 2) + ThreadWord.staged;
    // What a predecessor had staged is gone with it; the deliveries that staged it did not settle and come again.
    context.atomics.store(context.control, this.stagedIndex, 0);
  }

  /** True while one more event may be staged. */
  get hasRoom(): boolean {
    return this.stage.hasRoom;
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
    return this.routes.of(type, hash, priority).some((route) => this.stage.holds(route)) ? 'staged' : undefined;
  }

  /** True for an event that has a key to coalesce by, and whose policy is to do so. */
  coalesces(request: PublishRequest): boolean {
    return this.policies.of(request.type, request.priority).policy === 'coalesce' && keyText(request) !== undefined;
  }

  /** Has what the ladder thins out go on, for an event that need not wait behind it. Never while records are written that are not committed. */
  letThinnedGo(): void {
    if (this.isThinning) this.pumpUnasked();
  }

  /** Takes an event that coalesces as if there were no room for some milliseconds: of each key the newest goes on then, or when something else must. Undefined where it has no place. */
  thin(request: PublishRequest, refusal: Refusal): PublishOutcome | undefined {
    if (!this.stage.hasRoom) this.pumpUnasked();
    const key = keyText(request);
    const hasPlace = this.stage.hasRoom || this.stage.oldestDroppable(request.type) !== undefined;
    if (!hasPlace && (key === undefined || this.stage.latest(request.type, key) === undefined)) return undefined;
    const mayGo = this.stage.hasRoom;
    const outcome = this.resolve(request, refusal);
    this.isThinning = true;
    // It stands for no want of room, as what was looked through before may do; one more look for each that the stage takes.
    if (mayGo && outcome.status === 'staged') this.vainUntilUs = 0;
    this.timer.wakeAt(runtimeUs(this.parts.context) + THIN_US);
    return outcome;
  }

  /** Takes an event whose partition moves: it waits in the stage whatever its policy. Where that is full, the policy decides. */
  hold(request: PublishRequest, refusal: Refusal): PublishOutcome {
    if (!this.stage.hasRoom) return this.resolve(request, refusal);
    return this.put(request, keyText(request), refusal, this.policies.of(request.type, request.priority).policy === 'drop-old');
  }

  /** Takes an event that is beyond the rate limit: it waits in the stage whatever its policy. A newer one of its key may take its place where that coalesces. */
  queue(request: PublishRequest, refusal: Refusal): PublishOutcome {
    const key = keyText(request);
    const { policy } = this.policies.of(request.type, request.priority);
    const isReplacing = policy === 'coalesce' && key !== undefined && this.stage.latest(request.type, key) !== undefined;
    if (isReplacing) return this.replace(request, key, refusal);
    const outcome = this.put(request, key, refusal, policy === 'drop-old');
    this.timer.wakeAt(runtimeUs(this.parts.context) + this.parts.admission.retryAfterMs * 1000);
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
        this.refusals.watch(refusal);
        return { status: 'sampled', accepted: false, ...this.refusals.pressure(refusal) };
      case 'broken':
        return this.refusals.barred(type, request.hash, priority, 'broken', this.policies.brokenForMs(type, priority));
      case 'reject':
        return this.refusals.rejected(refusal);
    }
  }

  /**
   * Brings staged events into the lanes.
   *
   * @returns true when one left
   */
  pump(): boolean {
    const hasPaid = this.waits.payQueue();
    const moved = this.pumping.run((event) => this.leave(event, undefined));
    if (hasPaid) for (const event of this.stage) this.waits.begin(event);
    if (moved) this.refusals.held.look();
    return moved;
  }

  /** Routes everything that is staged anew, after the partition table has changed. Time in which an event could not go is no wait for room. */
  reroute(): void {
    for (const event of this.stage) {
      const { type, hash, priority } = event;
      this.waits.begin(event);
      this.stage.reroute(event, this.routes.of(type, hash, priority));
    }
    this.refusals.held.look();
  }

  /** Drops everything that is staged. */
  close(): void {
    this.timer.stop();
    this.refusals.pauses.clear();
    for (const event of this.stage) this.leave(event, 'closed');
    this.refusals.held.look();
  }

  private put(
    request: PublishRequest,
    key: string | undefined,
    refusal: Refusal,
    droppable: boolean,
    makeRoom?: () => void,
  ): PublishOutcome {
    const { type, priority, hash } = request;
    // Room is not what it waits for.
    const isLate = refusal.held === 'moving' || refusal.held === 'rate';
    const policy = this.policies.of(type, priority);
    const waitMs = this.waits.longestMs(policy);
    // One of a sample says for how many events it stands.
    const { sampledRate = 1 } = request.attributes ?? {};
    const attributes =
      policy.policy === 'sample' && !isLate
        ? { ...request.attributes, sampledRate: sampledRate * policy.oneOf }
        : request.attributes;
    this.stageEvent(
      { ...request, attributes },
      {
        key,
        routes: this.routes.of(type, hash, priority),
        waitMs,
        deadlineUs: isLate ? FOR_EVER : runtimeUs(this.parts.context) + waitMs * 1000,
        droppable,
        merged: 1,
        ticket: refusal.held === 'rate' ? { priority, isPaid: false } : undefined,
        settled: [],
      },
      makeRoom,
    );
    // What is held waits behind others that wait for room already, or for the end of a move.
    if (refusal.held === undefined) this.parts.awaitRoom(refusal);
    return { status: 'staged', accepted: true, ...this.refusals.pressure(refusal) };
  }

  private replace(request: PublishRequest, key: string, refusal: Refusal): PublishOutcome {
    const before = this.stage.latest(request.type, key) as StagedEvent;
    const merged = before.merged + 1;
    const { waitMs, deadlineUs, droppable, ticket, settled } = before;
    const routes = this.routes.of(request.type, request.hash, request.priority);
    const attributes = { ...request.attributes, mergedCount: merged };
    const place = { key, routes, waitMs, deadlineUs, droppable, merged, ticket, settled };
    this.stageEvent({ ...request, attributes }, place, () => this.stage.remove(before));
    this.parts.counters.drop(request.type, 'coalesced');
    return { status: 'coalesced', accepted: true, merged, ...this.refusals.pressure(refusal) };
  }

  private stageEvent(
    request: PublishRequest,
    place: Pick<StagedEvent, 'key' | 'routes' | 'waitMs' | 'deadlineUs' | 'droppable' | 'merged' | 'ticket' | 'settled'>,
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
    if (place.ticket?.isPaid === false) this.parts.admission.queue.add(place.ticket);
    this.last = event;
    this.publishSize();
    this.timer.wakeAt(event.deadlineUs);
    if (makeRoom === undefined) return;
    this.refusals.held.look();
    if (type.toMain || this.stage.holdsOthers(type)) this.pumpSoon();
  }

  /** Some event gave its place up: what stood behind it may go. Once per turn of the event loop, for a flood drops events by the thousand. */
  private pumpSoon(): void {
    if (this.isPumpDue) return;
    this.isPumpDue = true;
    setImmediate(() => {
      this.isPumpDue = false;
      this.pump();
    });
  }

  private dropped(request: PublishRequest, reason: PublishDrop, refusal: Refusal): PublishOutcome {
    this.parts.writer.check(request.type, request.data, request.attributes);
    this.parts.counters.drop(request.type, reason);
    this.refusals.watch(refusal);
    return { status: 'dropped', accepted: false, ...this.refusals.pressure(refusal) };
  }

  /** Takes an event out of the stage, counted as dropped if there is a reason. */
  private leave(event: StagedEvent, reason: PublishDrop | undefined): void {
    if (!this.stage.remove(event)) return;
    if (event.ticket !== undefined) this.parts.admission.queue.remove(event.ticket);
    this.publishSize();
    if (reason !== undefined) {
      this.parts.counters.drop(event.type, reason);
      this.onDrop?.(event.type.name, reason);
    }
    for (const settled of event.settled) settled();
  }

  private pumpUnasked(): void {
    const nowUs = runtimeUs(this.parts.context);
    if (nowUs >= this.vainUntilUs && !this.pump()) this.vainUntilUs = nowUs + IN_VAIN_US;
  }

  private readonly expire = (): void => {
    this.isThinning = false;
    // Room may have come that nobody looked for yet.
    this.pump();
    const nowUs = runtimeUs(this.parts.context);
    const staged = this.stage.size;
    let next = FOR_EVER;
    for (const event of this.stage) {
      if (event.deadlineUs <= nowUs) this.leave(event, 'expired');
      else next = Math.min(next, event.deadlineUs);
    }
    this.timer.wakeAt(next);
    if (this.stage.size === staged) return;
    // What stood behind one that is gone now need not wait for its own end.
    this.pump();
    this.refusals.held.look();
  };

  private publishSize(): void {
    const { atomics, control } = this.parts.context;
    atomics.store(control, this.stagedIndex, this.stage.size);
    this.parts.changed();
  }
}
