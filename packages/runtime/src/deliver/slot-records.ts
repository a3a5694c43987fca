/**
 * What the records of the bay's slots say.
 * Thread: the consumer's.
 */
import type { RecordViews } from '@ringmain/codec';
import { FLAG_HAS_KEY, FLAG_WANT_ACK, readTimeUs } from '@ringmain/codec';
import type { Bay, Slot } from '@ringmain/ring';
import { SlotWord, laneProducer } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import { DeliveredEvent } from './delivered-event.ts';
import { deadlineUsOf } from './event-deadline.ts';
import type { Group } from './group.ts';
import type { Match, Subscriptions } from './subscriptions.ts';

/** Parts that are read; all of one thread. */
export interface SlotRecordParts {
  readonly context: ThreadContext;
  readonly bay: Bay;
  /** Views over the bay's bodies. */
  readonly views: RecordViews;
  readonly subscriptions: Subscriptions;
}

/** Records of one thread's slots. */
export class SlotRecords {
  private readonly parts: SlotRecordParts;

  constructor(parts: SlotRecordParts) {
    this.parts = parts;
  }

  /** Type and groups of the event. */
  match(slot: Slot): Match {
    const { bay, views, subscriptions } = this.parts;
    return subscriptions.match(laneProducer(bay.word(slot, SlotWord.lane)), views.i32[this.word(slot)] as number);
  }

  /** The group of a live slot and the number of groups its record goes to; after a crash nothing else knows. */
  groupOf(slot: Slot): { readonly group: Group | undefined; readonly groups: number } {
    const { groups } = this.match(slot);
    return { group: groups[this.parts.bay.word(slot, SlotWord.step)], groups: groups.length };
  }

  /** The event, for as long as its delivery has not settled. */
  event(slot: Slot): DeliveredEvent {
    const { bay, views } = this.parts;
    return new DeliveredEvent(this.match(slot), views, bay.bodyOffset(slot), bay.word(slot, SlotWord.attempt));
  }

  /** Name of the event's type. */
  typeName(slot: Slot): string {
    return this.match(slot).type.name;
  }

  /** True when the event belongs to a key. */
  isKeyed(slot: Slot): boolean {
    return (this.flags(slot) & FLAG_HAS_KEY) !== 0;
  }

  /** True when somebody waits for its end. */
  wantsAnswer(slot: Slot): boolean {
    return (this.flags(slot) & FLAG_WANT_ACK) !== 0;
  }

  /** When it was published, in microseconds of the runtime. */
  publishedUs(slot: Slot): number {
    return readTimeUs(this.parts.views.i32, this.word(slot));
  }

  /** Its deadline, in microseconds of the runtime; Infinity when it has none. */
  deadlineUs(slot: Slot): number {
    return deadlineUsOf(this.parts.context.seed, this.parts.views, this.word(slot));
  }

  private flags(slot: Slot): number {
    return this.parts.views.i32[this.word(slot) + 1] as number;
  }

  /** Index of the record's header. */
  private word(slot: Slot): number {
    return this.parts.bay.bodyOffset(slot) >> 2;
  }
}
