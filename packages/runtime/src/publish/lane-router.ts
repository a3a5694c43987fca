/**
 * Finds the lane of an event: its key's partition, the partition's owner, and the link to that thread.
 * Thread: the publisher's.
 *
 * An event goes to at most two threads: the owner of its partition, when a group of the subscriber modules matches, and the main
 * thread, when one of its own subscriptions does. While a partition moves, its events go nowhere; see `PartitionView`.
 */
import { RingmainError, errorText, fnv1a32, partitionOf } from '@ringmain/core';
import { MAIN_THREAD, PartitionView, partitionWords } from '@ringmain/ring';
import type { EventType } from '../events/event-type.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { PublishOptions } from './options.ts';
import type { OutLane } from './out-link.ts';
import { OutLink } from './out-link.ts';
import { hashKey } from './publish-key.ts';

/** No further target. */
export const NOBODY = -1;

/** Routes the events of one publisher. */
export class LaneRouter {
  private readonly context: ThreadContext;
  /** The partition table as this publisher goes by it. */
  readonly view: PartitionView;

  private readonly links: (OutLink | undefined)[];
  /** That of the view; apart from it for speed. */
  private readonly partitions: Uint16Array;
  private spread = 0;

  constructor(context: ThreadContext) {
    const { plan } = context.seed;
    this.context = context;
    this.links = Array.from({ length: plan.threadCount }, () => undefined);
    this.view = new PartitionView(context.atomics, partitionWords(plan, context.control), context.thread);
    this.partitions = this.view.owners;
    // Nothing is published yet, so that the copy is in force at once; a predecessor's acknowledgement may be that of an older one.
    this.view.adopt();
    this.view.acknowledge();
  }

  /** The lane to a thread, in a priority. */
  lane(consumer: number, priority: number): OutLane {
    return this.link(consumer).lane(priority);
  }

  /** The thread that owns the partition of a hash. */
  owner(hash: number): number {
    return this.partitions[partitionOf(hash)] as number;
  }

  /** True when an event must wait until its partition has arrived somewhere. */
  isHeld(type: EventType, hash: number): boolean {
    return this.view.isMoving && type.hosted && this.view.isHeld(partitionOf(hash));
  }

  /** Notes a record of a partition that leaves this thread and is still published to it. Before its commit. */
  noteOwn(hash: number): void {
    if (this.view.isMoving && this.view.isLeaving(partitionOf(hash))) this.view.ownRecords++;
  }

  /** The main thread, if it must get the event beside the partition's owner or instead of it; else {@link NOBODY}. */
  mainTarget(type: EventType, owner: number): number {
    return type.toMain && !(type.hosted && owner === MAIN_THREAD) ? MAIN_THREAD : NOBODY;
  }

  /** Hash of the type's derived key, or a number that spreads events without a key over the partitions. */
  hashOf(type: EventType, data: unknown): number {
    if (type.key !== undefined) return hashKey(keyOf(type, type.key, data));
    this.spread = (this.spread + 1) | 0;
    return this.spread;
  }

  /** The same, unless the options name a key, or a `dedupeKey` that stands for it; what is none is refused with the other attributes. */
  hashWith(type: EventType, data: unknown, { key, dedupeKey }: PublishOptions): number {
    if (key !== undefined) return hashKey(key);
    return type.key === undefined && typeof dedupeKey === 'string' ? fnv1a32(dedupeKey) : this.hashOf(type, data);
  }

  /** Wakes every thread; a successor cannot know whom its predecessor rang. */
  rouseAll(): void {
    for (let consumer = 0; consumer < this.links.length; consumer++) this.link(consumer).bell.rouse();
  }

  private link(consumer: number): OutLink {
    return (this.links[consumer] ??= new OutLink(this.context, consumer));
  }
}

/** Derives the key; what goes wrong in the user's function is a payload that it was not made for. */
function keyOf(type: EventType, key: NonNullable<EventType['key']>, data: unknown): string | number {
  try {
    return key(data);
  } catch (cause) {
    throw new RingmainError('RINGMAIN_PAYLOAD_INVALID', `payload of ${type.name} has no key: ${errorText(cause)}`, {
      allowed: 'data for which the key function of the event type returns a key',
      details: { type: type.name },
      cause,
    });
  }
}
