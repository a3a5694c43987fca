/**
 * Deliveries in the bay: handlers that returned a promise, and events that queue behind them because they share a key.
 *
 * Thread: the consumer's. A chain holds the deliveries of one (group, key); its first runs, the others wait. When the first
 * settles, the next starts, with a view over the bay's copy of its record. Deliveries without a key have no chain. One that failed and is
 * tried again stays the first of its chain, unless its group says `continue`: then it leaves the chain, and joins it as the last when it is due.
 * Invariant: a live slot is either running here, or waits in exactly one chain, for its next attempt (`Retries`), or is held back by `Recovery`.
 */
import type { RecordViews } from '@ringmain/codec';
import { FLAG_HAS_KEY, FLAG_WANT_ACK, readTimeUs } from '@ringmain/codec';
import type { Bay, Slot } from '@ringmain/ring';
import { SlotWord, ThreadWord, addToCell, laneProducer } from '@ringmain/ring';
import { Queue } from 'mnemonist';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { Answers } from './answers.ts';
import { batchOfOne } from './batch-of-one.ts';
import { DeliveredEvent } from './delivered-event.ts';
import { DeliveryContext } from './delivery-context.ts';
import type { FailureLog } from './failure-log.ts';
import type { Group, KeyChain } from './group.ts';
import type { InLink } from './in-link.ts';
import type { Retries } from './retries.ts';
import type { Subscriptions } from './subscriptions.ts';
import { follow, isThenable } from './thenable.ts';

/** Parts that parked deliveries work with; all of one thread. */
export interface ParkedParts {
  readonly context: ThreadContext;
  readonly bay: Bay;
  /** Views over the bay's bodies. */
  readonly views: RecordViews;
  readonly subscriptions: Subscriptions;
  readonly answers: Answers;
  readonly failures: FailureLog;
  readonly retries: Retries;
  /** The link from a producer. */
  readonly linkOf: (producer: number) => InLink;
}

/** A settled delivery whose answer had no room; what {@link ParkedDeliveries} finishes it with. */
interface Unanswered {
  readonly slot: Slot;
  readonly group: Group;
  readonly groups: number;
  readonly failed: boolean;
  /** The counter it belongs to, where `failed` does not say it. */
  readonly cell: number | undefined;
}

/** Parked deliveries of one thread. */
export class ParkedDeliveries {
  /** Called whenever a slot was freed: a stalled thread may go on. */
  onSettled: (() => void) | undefined;
  /** Takes the next of a chain in place of starting it; set while a delivery must run alone. */
  holdNext: ((slot: Slot, group: Group) => void) | undefined;

  private readonly parts: ParkedParts;
  private readonly inFlightIndex: number;
  /** Settled deliveries whose answer had no room yet. Bounded by the bay's slots. */
  private unanswered: Unanswered[] = [];

  constructor(parts: ParkedParts) {
    const regions = parts.context.seed.plan.threads[parts.context.thread];
    this.parts = parts;
    this.inFlightIndex = ((regions?.words ?? 0) >> 2) + ThreadWord.inFlight;
    parts.retries.onDue = (slot, group) => this.startDue(slot, group);
  }

  /** Follows a delivery whose handler returned a promise. */
  track(slot: Slot, group: Group, event: DeliveredEvent, result: PromiseLike<unknown>, groups: number): void {
    event.rebase(this.parts.views, this.parts.bay.bodyOffset(slot));
    if (this.isKeyed(slot)) {
      const hash = this.parts.bay.word(slot, SlotWord.keyHash);
      // A slot that starts out of a chain is already its first.
      if (!group.chains.has(hash)) group.chains.set(hash, Queue.of(slot));
    }
    this.follow(slot, group, event, result, groups);
    this.publishInFlight();
  }

  /** Queues a waiting slot behind the others of its key. */
  queue(slot: Slot, group: Group): void {
    const hash = this.parts.bay.word(slot, SlotWord.keyHash);
    const chain = group.chains.get(hash);
    if (chain === undefined) group.chains.set(hash, Queue.of(slot));
    else chain.enqueue(slot);
    this.publishInFlight();
  }

  /** The group of a live slot and the number of groups its record goes to; after a crash nothing else knows. */
  groupOf(slot: Slot): { readonly group: Group | undefined; readonly groups: number } {
    const { bay, views, subscriptions } = this.parts;
    const topicId = views.i32[bay.bodyOffset(slot) >> 2] as number;
    const { groups } = subscriptions.match(laneProducer(bay.word(slot, SlotWord.lane)), topicId);
    return { group: groups[bay.word(slot, SlotWord.step)], groups: groups.length };
  }

  /** True when the slot's event belongs to a key. */
  isKeyed(slot: Slot): boolean {
    return (this.flags(slot) & FLAG_HAS_KEY) !== 0;
  }

  /** Starts a waiting slot; goes on with its chain as long as handlers settle synchronously. */
  start(slot: Slot, group: Group): void {
    let next: Slot | undefined = slot;
    while (next !== undefined) next = this.run(next, group);
  }

  /** Starts a waiting slot and nothing behind it; returns the next of its chain if it settled at once. */
  startAlone(slot: Slot, group: Group): Slot | undefined {
    return this.run(slot, group);
  }

  /** Sets a delivery aside that was in flight at too many deaths; returns the next of its chain. */
  setAside(slot: Slot, group: Group, groups: number): Slot | undefined {
    this.parts.failures.failed(group, this.typeName(slot), 'crashes', undefined);
    return this.finish(slot, group, groups, true);
  }

  /** Settles a delivery that a batch handed over. */
  settleGathered(slot: Slot, group: Group, groups: number): void {
    this.finish(slot, group, groups, false);
  }

  /**
   * A handler failed: the delivery is tried again, or ends.
   *
   * @returns the next of its chain, if that may go on
   */
  fail(slot: Slot, group: Group, groups: number, error: unknown): Slot | undefined {
    const { bay, views, retries } = this.parts;
    const verdict = retries.judge({
      group,
      type: this.typeName(slot),
      error,
      attempt: bay.word(slot, SlotWord.attempt) - bay.word(slot, SlotWord.crashes),
      previousMs: bay.lastDelayMs(slot),
      publishedUs: readTimeUs(views.i32, bay.bodyOffset(slot) >> 2),
    });
    if (verdict === 'skip') return this.finish(slot, group, groups, false, group.filtered);
    if (verdict === 'dead') return this.finish(slot, group, groups, true);
    return this.postpone(slot, group, verdict);
  }

  /**
   * Has a delivery wait for its next attempt.
   *
   * @returns the next of its chain, if that may go on
   */
  postpone(slot: Slot, group: Group, delayMs: number): Slot | undefined {
    const { bay, retries } = this.parts;
    const hash = bay.word(slot, SlotWord.keyHash);
    const chain = this.isKeyed(slot) && group.retry.ordering === 'block-key' ? this.chainWith(slot, group, hash) : undefined;
    // Of the same batch as the one that waits in front of it: its turn comes after that.
    if (chain !== undefined && chain.peek() !== slot) retries.postponeBehind(slot, group);
    else retries.postpone(slot, group, delayMs);
    this.publishInFlight();
    // A suspect that ran alone has done so.
    if (this.holdNext !== undefined) this.onSettled?.();
    return chain === undefined && this.isKeyed(slot) ? this.leaveChain(slot, group, hash) : undefined;
  }

  /** True while an answer waits for room. */
  get isAnswering(): boolean {
    return this.unanswered.length > 0;
  }

  /** Sends answers that had no room; true when none is left. */
  answerLate(): boolean {
    const late = this.unanswered;
    this.unanswered = [];
    for (const one of late) {
      this.goOn(this.finish(one.slot, one.group, one.groups, one.failed, one.cell), one.group);
    }
    return this.unanswered.length === 0;
  }

  /** Starts a delivery whose next attempt is due; behind those of its key that are running, if its group did not wait for it. */
  private startDue(slot: Slot, group: Group): void {
    const hash = this.parts.bay.word(slot, SlotWord.keyHash);
    if (!this.isKeyed(slot) || this.chainWith(slot, group, hash).peek() === slot) this.goOn(slot, group);
  }

  /** The chain of a key, with the slot in it: as its last, unless it is the first already. */
  private chainWith(slot: Slot, group: Group, hash: number): KeyChain {
    const chain = group.chains.get(hash);
    if (chain === undefined) {
      const created = Queue.of(slot);
      group.chains.set(hash, created);
      return created;
    }
    if (chain.peek() !== slot) chain.enqueue(slot);
    return chain;
  }

  /** Goes on with a chain whose first settled. */
  private goOn(next: Slot | undefined, group: Group): void {
    if (next === undefined) return;
    if (this.holdNext === undefined) this.start(next, group);
    else this.holdNext(next, group);
  }

  /** Runs one slot; returns the next of its chain if it settled at once. */
  private run(slot: Slot, group: Group): Slot | undefined {
    const { context, bay, views } = this.parts;
    const again = !bay.isPostponed(slot);
    const attempt = bay.start(slot);
    if (again && attempt > 1) addToCell(context.control, group.redelivered, 1);
    const match = this.parts.subscriptions.match(
      laneProducer(bay.word(slot, SlotWord.lane)),
      views.i32[bay.bodyOffset(slot) >> 2] as number,
    );
    const { groups } = match;
    const event = new DeliveredEvent(match, views, bay.bodyOffset(slot), attempt);
    let result: unknown;
    try {
      if (group.where !== undefined && !group.where(event)) {
        event.release();
        return this.finish(slot, group, groups.length, false, group.filtered);
      }
      group.latency(views.i32[(bay.bodyOffset(slot) >> 2) + 5] as number, runtimeUs(context) | 0);
      const ctx = new DeliveryContext(group, event);
      result = group.batch === undefined ? ctx.resultOf(group.handle?.(event, ctx)) : batchOfOne(group, event);
      if (result !== undefined && !isThenable(result)) result = undefined;
    } catch (error) {
      // Before the release: what was thrown may carry the event, and is written as text now.
      const next = this.fail(slot, group, groups.length, error);
      event.release();
      return next;
    }
    if (result !== undefined) {
      this.follow(slot, group, event, result as PromiseLike<unknown>, groups.length);
      return undefined;
    }
    event.release();
    return this.finish(slot, group, groups.length, false);
  }

  private follow(slot: Slot, group: Group, event: DeliveredEvent, result: PromiseLike<unknown>, groups: number): void {
    follow(
      result,
      () => {
        event.release();
        this.goOn(this.finish(slot, group, groups, false), group);
      },
      (error: unknown) => {
        const next = this.fail(slot, group, groups, error);
        event.release();
        this.goOn(next, group);
      },
    );
  }

  /** Answers, counts and frees a slot; returns the next of its chain. */
  private finish(slot: Slot, group: Group, groups: number, failed: boolean, cell?: number): Slot | undefined {
    const { bay, context } = this.parts;
    if ((this.flags(slot) & FLAG_WANT_ACK) !== 0 && !this.answer(slot, groups, failed)) {
      this.unanswered.push({ slot, group, groups, failed, cell });
      return undefined;
    }
    const keyed = this.isKeyed(slot);
    const hash = bay.word(slot, SlotWord.keyHash);
    const link = this.parts.linkOf(laneProducer(bay.word(slot, SlotWord.lane)));
    bay.settle(slot, context.control, cell ?? (failed ? group.deadLettered : group.delivered), link.credit.returned + group.id);
    link.grant();
    group.open--;
    this.publishInFlight();
    this.onSettled?.();
    return keyed ? this.leaveChain(slot, group, hash) : undefined;
  }

  /** Takes a slot off its chain if it is the first there; returns the next. */
  private leaveChain(slot: Slot, group: Group, hash: number): Slot | undefined {
    const chain = group.chains.get(hash);
    if (chain === undefined || chain.peek() !== slot) return undefined;
    chain.dequeue();
    if (chain.size === 0) group.chains.delete(hash);
    return chain.peek();
  }

  private answer(slot: Slot, groups: number, failed: boolean): boolean {
    const { bay, answers } = this.parts;
    const producer = laneProducer(bay.word(slot, SlotWord.lane));
    const low = bay.word(slot, SlotWord.sequenceLow);
    const high = bay.word(slot, SlotWord.sequenceHigh);
    return answers.answer(producer, low, high, bay.word(slot, SlotWord.step), groups, failed);
  }

  private flags(slot: Slot): number {
    return this.parts.views.i32[(this.parts.bay.bodyOffset(slot) >> 2) + 1] as number;
  }

  private typeName(slot: Slot): string {
    const { bay, views, subscriptions } = this.parts;
    return subscriptions.match(laneProducer(bay.word(slot, SlotWord.lane)), views.i32[bay.bodyOffset(slot) >> 2] as number).type
      .name;
  }

  /** Tells the other threads how many deliveries are in the bay; pairs with the load in `isQuiet`. */
  publishInFlight(): void {
    const { atomics, control } = this.parts.context;
    atomics.store(control, this.inFlightIndex, this.parts.bay.live);
  }
}
