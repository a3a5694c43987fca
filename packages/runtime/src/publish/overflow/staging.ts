/**
 * How events get into the stage: at the end, in the place of an event that gives way, or for one of their key that a newer one stands for.
 * Thread: the publisher's.
 */
import type { PublishOutcome } from '@ringmain/core';
import { ThreadWord } from '@ringmain/ring';
import { runtimeUs } from '../../thread-context.ts';
import { keyText } from '../publish-key.ts';
import type { Refusal } from '../record-group.ts';
import type { DeadlineTimer } from '../../deadline-timer.ts';
import { FOR_EVER } from '../../deadline-timer.ts';
import { EventCopy } from './event-copy.ts';
import type { OverflowParts, PublishRequest } from './overflow-parts.ts';
import type { Refusals } from './refusals.ts';
import type { Stage, StagedEvent } from './stage.ts';
import type { StageRoutes } from './stage-routes.ts';
import type { StagedWaits } from './staged-waits.ts';
import type { TypePolicies } from './type-policies.ts';

/** Parts of an overflow that its staging works with. */
export interface StagingParts extends OverflowParts {
  readonly stage: Stage;
  readonly routes: StageRoutes;
  readonly refusals: Refusals;
  readonly policies: TypePolicies;
  readonly waits: StagedWaits;
  readonly timer: DeadlineTimer;
  /** Has staged events go on as far as there is room. */
  readonly pump: () => void;
}

/** Puts events of one publisher into its stage. */
export class Staging {
  /** The event that the last `staged` or `coalesced` outcome spoke of. */
  last: StagedEvent | undefined;

  private readonly parts: StagingParts;
  private readonly copy: EventCopy;
  private readonly stagedIndex: number;
  private isPumpDue = false;

  constructor(parts: StagingParts) {
    const { context, writer } = parts;
    this.parts = parts;
    this.copy = new EventCopy(context, writer);
    this.stagedIndex = ((context.seed.plan.threads[context.thread]?.words ?? 0) >> 2) + ThreadWord.staged;
    // What a predecessor had staged is gone with it; the deliveries that staged it did not settle and come again.
    context.atomics.store(context.control, this.stagedIndex, 0);
  }

  /**
   * Stages an event at the end.
   *
   * @param makeRoom - takes another event out, once this one is known to be valid
   */
  put(request: PublishRequest, refusal: Refusal, droppable: boolean, makeRoom?: () => void): PublishOutcome {
    const { type, priority, hash } = request;
    // Room is not what it waits for.
    const isLate = refusal.held === 'moving' || refusal.held === 'rate';
    const policy = this.parts.policies.of(type, priority);
    const waitMs = this.parts.waits.longestMs(policy, refusal.held);
    // One of a sample says for how many events it stands.
    const { sampledRate = 1 } = request.attributes ?? {};
    const attributes =
      policy.policy === 'sample' && !isLate
        ? { ...request.attributes, sampledRate: sampledRate * policy.oneOf }
        : request.attributes;
    this.add(
      request,
      this.encode({ ...request, attributes }),
      {
        key: keyText(request),
        routes: this.parts.routes.of(type, hash, priority),
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
    return { status: 'staged', accepted: true, ...this.parts.refusals.pressure(refusal) };
  }

  /** Has a newer event stand for a staged one as well: in its place, unless it would pass events that it must not pass. */
  replace(request: PublishRequest, before: StagedEvent, refusal: Refusal): PublishOutcome {
    const merged = before.merged + 1;
    const body = this.encode({ ...request, attributes: { ...request.attributes, mergedCount: merged } });
    if (before.priority === request.priority && this.parts.stage.isAlone(before)) {
      this.parts.stage.renew(before, request.flags, body);
      this.last = before;
    } else this.putBehind(request, before, body);
    this.parts.counters.drop(request.type, 'coalesced');
    return { status: 'coalesced', accepted: true, merged, ...this.parts.refusals.pressure(refusal) };
  }

  /** Has a newer event stand for a staged one, at the end: others of its key were published in between, or it has another priority. */
  private putBehind(request: PublishRequest, before: StagedEvent, body: Buffer): void {
    const { key, waitMs, deadlineUs, droppable, settled } = before;
    const { type, priority, hash } = request;
    const ticket = before.ticket?.isPaid === false ? { priority, isPaid: false } : before.ticket;
    const place = { key, routes: this.parts.routes.of(type, hash, priority), waitMs, deadlineUs, droppable, ticket, settled };
    this.add(request, body, { ...place, merged: before.merged + 1 }, () => this.take(before));
    if (this.last !== undefined) this.parts.waits.begin(this.last);
  }

  /** Encodes an event, which is the next in sequence then. */
  private encode({ type, data, priority, hash, flags, attributes }: PublishRequest): Buffer {
    const body = this.copy.encode(type, data, priority, hash, flags, attributes);
    const { writer, counters } = this.parts;
    writer.advance();
    counters.keepSequence(writer.sequenceLow, writer.sequenceHigh);
    return body;
  }

  /** Adds an event that was encoded before: an invalid payload takes nobody's place. */
  private add(
    { type, priority, hash, flags }: PublishRequest,
    body: Buffer,
    place: Omit<StagedEvent, 'type' | 'priority' | 'hash' | 'flags' | 'body'>,
    makeRoom?: () => void,
  ): void {
    const event = { type, priority, hash, flags, body, ...place };
    // The stage never exceeds its bound.
    makeRoom?.();
    this.parts.stage.add(event);
    if (place.ticket?.isPaid === false) this.parts.admission.queue.add(place.ticket);
    this.last = event;
    this.tellSize();
    this.parts.timer.wakeAt(event.deadlineUs);
    if (makeRoom === undefined) return;
    this.parts.refusals.held.look();
    if (type.toMain || this.parts.stage.holdsOthers(type)) this.pumpSoon();
  }

  /** Some event gave its place up: what stood behind it may go. Once per turn of the event loop, for a flood drops events by the thousand. */
  private pumpSoon(): void {
    if (this.isPumpDue) return;
    this.isPumpDue = true;
    setImmediate(() => {
      this.isPumpDue = false;
      this.parts.pump();
    });
  }

  /** Takes an event, and its place among those that wait for the rate limit; false when it had left before. */
  take(event: StagedEvent): boolean {
    if (event.ticket !== undefined) this.parts.admission.queue.remove(event.ticket);
    return this.parts.stage.remove(event);
  }

  /** Tells others how many events are staged. */
  tellSize(): void {
    const { atomics, control } = this.parts.context;
    atomics.store(control, this.stagedIndex, this.parts.stage.size);
    this.parts.changed();
  }
}
