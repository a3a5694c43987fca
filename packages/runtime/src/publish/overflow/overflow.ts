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
import type { EventType } from '../../events/event-type.ts';
import { runtimeUs } from '../../thread-context.ts';
import type { Refusal } from '../record-group.ts';
import { keyText } from '../publish-key.ts';
import { DeadlineTimer, FOR_EVER } from '../../deadline-timer.ts';
import type { OverflowParts, PublishRequest } from './overflow-parts.ts';
import { Refusals } from './refusals.ts';
import type { StagedEvent } from './stage.ts';
import { Stage } from './stage.ts';
import { StagePump } from './stage-pump.ts';
import { StageRoutes } from './stage-routes.ts';
import { StagedWaits } from './staged-waits.ts';
import { Staging } from './staging.ts';
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
  private readonly staging: Staging;
  private isThinning = false;
  private vainUntilUs = 0;

  constructor(parts: OverflowParts) {
    const { context } = parts;
    const { config, plan } = context.seed;
    this.parts = parts;
    this.routes = new StageRoutes(parts.router, plan.threadCount);
    this.stage = new Stage(config.stage, this.routes.count);
    this.refusals = new Refusals(parts, this.stage, this.routes);
    this.pumping = new StagePump(parts, this.stage);
    this.timer = new DeadlineTimer(context, this.expire);
    this.waits = new StagedWaits(parts, this.timer);
    context.live.watch(['stage'], ({ stage }) => this.stage.configure(stage));
    this.policies = new TypePolicies(context);
    const { stage, routes, refusals, policies, waits, timer } = this;
    this.staging = new Staging({ ...parts, stage, routes, refusals, policies, waits, timer, pump: () => this.pump() });
  }

  /** True where one more event may be staged, or may take the place of one that is. */
  hasPlace(request: PublishRequest): boolean {
    return this.stage.hasRoom || this.predecessor(request) !== undefined || this.givesWay(request) !== undefined;
  }

  /** Number of staged events. */
  get staged(): number {
    return this.stage.size;
  }

  /** Resolves when the event of the last `staged` or `coalesced` outcome has left the stage. */
  lastSettled(): Promise<void> {
    return new Promise((resolve) => this.staging.last?.settled.push(resolve));
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
    return this.staging.put(request, refusal, this.policies.of(request.type, request.priority).policy === 'drop-old');
  }

  /** Takes an event that is beyond the rate limit: it waits in the stage whatever its policy. A newer one of its key may take its place where that coalesces. */
  queue(request: PublishRequest, refusal: Refusal): PublishOutcome {
    const before = this.predecessor(request);
    if (before !== undefined) return this.staging.replace(request, before, refusal);
    const oldest = this.stage.hasRoom ? undefined : this.givesWay(request);
    const makeRoom = oldest === undefined ? undefined : (): void => this.leave(oldest, 'drop-old');
    const isDroppable = this.policies.of(request.type, request.priority).policy === 'drop-old';
    const outcome = this.staging.put(request, refusal, isDroppable, makeRoom);
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
        return this.staging.put(request, refusal, false);
      case 'stage-droppable':
        return this.staging.put(request, refusal, true);
      case 'replace':
        return this.staging.replace(request, this.stage.latest(type, key as string) as StagedEvent, refusal);
      case 'drop-oldest-then-stage': {
        const oldest = this.stage.oldestDroppable(type);
        if (oldest === undefined) return this.dropped(request, 'drop-old', refusal);
        return this.staging.put(request, refusal, true, () => this.leave(oldest, 'drop-old'));
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

  /** The staged event whose place a newer one takes, where its policy is to coalesce. */
  private predecessor(request: PublishRequest): StagedEvent | undefined {
    const key = keyText(request);
    return key !== undefined && this.coalesces(request) ? this.stage.latest(request.type, key) : undefined;
  }

  /** The oldest event of its type, where that gives way to a newer one. */
  private givesWay({ type, priority }: PublishRequest): StagedEvent | undefined {
    return this.policies.of(type, priority).policy === 'drop-old' ? this.stage.oldestDroppable(type) : undefined;
  }

  private dropped(request: PublishRequest, reason: PublishDrop, refusal: Refusal): PublishOutcome {
    this.parts.writer.check(request.type, request.data, request.attributes);
    this.parts.counters.drop(request.type, reason);
    this.refusals.watch(refusal);
    return { status: 'dropped', accepted: false, ...this.refusals.pressure(refusal) };
  }

  /** Takes an event out of the stage, counted as dropped if there is a reason. */
  private leave(event: StagedEvent, reason: PublishDrop | undefined): void {
    if (!this.staging.take(event)) return;
    this.staging.tellSize();
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
}
