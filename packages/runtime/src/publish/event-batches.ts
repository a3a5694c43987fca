/**
 * Batches: all of their events or none, in order, with one commit per lane and one wake per thread. They are never staged.
 * Thread: the publisher's.
 */
import type { PriorityLevel, PublishOutcome } from '@ringmain/core';
import { RingmainError, priorityLevel } from '@ringmain/core';
import { ThreadCell } from '@ringmain/ring';
import type { EventType } from '../events/event-type.ts';
import type { ThreadContext } from '../thread-context.ts';
import { attributesOf } from './attributes.ts';
import type { GatedParts, GatedRecords } from './gated-records.ts';
import { outcomeOf } from './gated-records.ts';
import type { BatchEntry } from './options.ts';
import type { OutLane } from './out-link.ts';
import { EventCopy } from './overflow/event-copy.ts';
import type { Admission } from './overflow/admission.ts';
import type { Overflow } from './overflow/overflow.ts';
import { keyFlag } from './publish-key.ts';
import type { RecordGroup, Refusal } from './record-group.ts';

/** Parts of a publisher that batches are published with. */
export interface BatchParts extends GatedParts {
  readonly context: ThreadContext;
  readonly records: GatedRecords;
  readonly admission: Admission;
  readonly overflow: Overflow;
  readonly typeOf: (name: string) => EventType;
}

/** An event that was encoded before it is published. Its sequence is given at the publish, its time was when it was encoded. */
export interface EncodedEvent {
  readonly type: EventType;
  readonly priority: PriorityLevel;
  readonly hash: number;
  /** Header, extension and payload. */
  readonly body: Buffer;
}

/** An event whose key was computed. */
interface AddressedEntry extends Omit<EncodedEvent, 'body'> {
  readonly entry: BatchEntry;
}

/** Where a record's header keeps its sequence. */
const SEQUENCE_LOW_BYTE = 12;
const SEQUENCE_HIGH_BYTE = 16;

/** Batches of one publisher. */
export class EventBatches {
  private readonly parts: BatchParts;
  private readonly copy: EventCopy;

  constructor(parts: BatchParts) {
    this.parts = parts;
    this.copy = new EventCopy(parts.context, parts.writer);
  }

  /** Most events that may ever go at once. */
  get eventsMax(): number {
    return this.parts.admission.burst;
  }

  /** Publishes; see `Publisher.publishBatch`. */
  publish(entries: readonly BatchEntry[]): PublishOutcome {
    const { admission, records } = this.parts;
    if (entries.length > admission.burst) throw largerThanBurst(entries.length, admission.burst);
    if (admission.barred === 0) return this.publishEach(entries, this.write);
    const addressed = records.meanwhile(() => entries.map((entry) => this.address(entry)));
    return this.barrier(addressed) ?? this.publishEach(addressed, this.writeAddressed);
  }

  /** The same for events that were encoded before: no code of the user runs, and none of them can be invalid. */
  publishEncoded(events: readonly EncodedEvent[]): PublishOutcome {
    const barrier = this.parts.admission.barred !== 0 ? this.barrier(events) : undefined;
    return barrier ?? this.publishEach(events, this.writeEncoded);
  }

  /**
   * Encodes an event for {@link EventBatches.publishEncoded}.
   *
   * @throws {@link RingmainError} what a publish throws for an event that could never be accepted
   */
  encode(entry: BatchEntry): EncodedEvent {
    const { type, priority, hash } = this.address(entry);
    const body = this.copy.encode(type, entry.data, priority, hash, keyFlag(type, entry), attributesOf(entry));
    return { type, priority, hash, body };
  }

  private publishEach<Event>(
    events: readonly Event[],
    write: (group: RecordGroup, event: Event, events: number, unrouted: EventType[]) => Refusal | undefined,
  ): PublishOutcome {
    const { records, overflow, counters } = this.parts;
    if (records.gate === 'open') overflow.letThinnedGo();
    return records.publish(
      (refusal) => overflow.refusals.rejected(refusal),
      (group) => {
        const unrouted: EventType[] = [];
        for (const event of events) {
          const refusal = write(group, event, events.length, unrouted);
          if (refusal !== undefined) return refusal;
        }
        return () => {
          for (const type of unrouted) counters.count(type);
          counters.add(ThreadCell.unrouted, unrouted.length);
          counters.add(ThreadCell.batches, 1);
          return outcomeOf(Math.min(1, group.records.length), group.skipped());
        };
      },
    );
  }

  private readonly write = (group: RecordGroup, entry: BatchEntry, entries: number, unrouted: EventType[]): Refusal | undefined =>
    this.writeAddressed(group, this.address(entry), entries, unrouted);

  private readonly writeAddressed = (
    group: RecordGroup,
    addressed: AddressedEntry,
    entries: number,
    unrouted: EventType[],
  ): Refusal | undefined => {
    const { entry, type, priority, hash } = addressed;
    return this.writeWith(addressed, group, entries, unrouted, () =>
      group.write(type, entry.data, priority, hash, keyFlag(type, entry), attributesOf(entry)),
    );
  };

  private readonly writeEncoded = (
    group: RecordGroup,
    event: EncodedEvent,
    events: number,
    unrouted: EventType[],
  ): Refusal | undefined => {
    const { type, priority, hash, body } = event;
    const { writer } = this.parts;
    body.writeInt32LE(writer.sequenceLow, SEQUENCE_LOW_BYTE);
    body.writeInt32LE(writer.sequenceHigh, SEQUENCE_HIGH_BYTE);
    return this.writeWith(event, group, events, unrouted, () => group.copy(type, priority, hash, body));
  };

  private writeWith(
    event: Omit<EncodedEvent, 'body'>,
    group: RecordGroup,
    events: number,
    unrouted: EventType[],
    write: () => Refusal | undefined,
  ): Refusal | undefined {
    const { writer } = this.parts;
    const held = this.heldBy(event);
    if (held !== undefined) return held;
    const before = group.records.length;
    const refusal = write();
    if (refusal !== undefined) {
      const { ring } = refusal.lane;
      // What already takes half a lane is not sure to fit even when the lane is empty.
      if (ring.uncommittedBytes * 2 > ring.capacityBytes) throw batchTooLarge(events, refusal.lane);
      return refusal;
    }
    if (group.records.length === before) unrouted.push(event.type);
    writer.advance();
    return undefined;
  }

  /** Asks for a whole batch: the least admitted of its priorities decides. */
  private barrier(events: readonly Omit<EncodedEvent, 'body'>[]): PublishOutcome | undefined {
    const { admission, overflow } = this.parts;
    // It takes no tokens for a try that cannot succeed.
    const behind = this.firstHeld(events);
    if (behind !== undefined) return overflow.refusals.rejected(behind);
    let last: Pick<EncodedEvent, 'type' | 'priority'> | undefined;
    for (const one of events) {
      if (last === undefined || one.priority > last.priority) last = one;
    }
    if (last === undefined) return undefined;
    // A batch is never thinned out: it stays whole.
    const barrier = admission.barrier(last.priority, events.length, 'slow');
    if (barrier === undefined) {
      // Part of a batch that was refused as a whole went through, so the time that the whole would have had to wait says nothing any more.
      if (overflow.refusals.pauses.any) for (const { type, priority } of events) overflow.refusals.pauses.end(type, priority);
      return undefined;
    }
    for (const { type, priority } of events) overflow.refusals.pauses.begin(type, priority, admission.retryAfterMs);
    return overflow.refusals.barred(last.type, 0, last.priority, barrier, admission.retryAfterMs);
  }

  /** What holds back the first event that is held back, once the ladder's delays have let go what may go. */
  private firstHeld(events: readonly Omit<EncodedEvent, 'body'>[]): Refusal | undefined {
    const { overflow, router, records } = this.parts;
    for (const event of events) {
      if (overflow.staged === 0 && !router.view.isMoving) return undefined;
      let held = this.heldBy(event);
      if (held?.held === 'staged' && records.gate === 'open') {
        overflow.letThinnedGo();
        held = this.heldBy(event);
      }
      if (held !== undefined) return held;
    }
    return undefined;
  }

  /** What holds an event back before its lane is tried. */
  private heldBy({ type, hash, priority }: Omit<EncodedEvent, 'body'>): Refusal | undefined {
    const { overflow, router } = this.parts;
    const held = overflow.heldBack(type, hash, priority);
    if (held === undefined) return undefined;
    return { type, hash, lane: router.lane(router.owner(hash), priority), credit: undefined, held };
  }

  /** Computes the key of an event: once, since that runs the user's code. */
  private address(entry: BatchEntry): AddressedEntry {
    const type = this.parts.typeOf(entry.type);
    const priority = entry.priority === undefined ? type.priority : priorityLevel(entry.priority);
    return { entry, type, priority, hash: this.parts.router.hashWith(type, entry.data, entry) };
  }
}

function batchTooLarge(entries: number, lane: OutLane): RingmainError {
  const { capacityBytes } = lane.ring;
  return new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `a batch of ${entries} events takes more than half of a lane`, {
    allowed: `batches of at most ${capacityBytes / 2} bytes per lane`,
    details: { entries, capacityBytes },
  });
}

function largerThanBurst(entries: number, burst: number): RingmainError {
  return new RingmainError(
    'RINGMAIN_LIMIT_EXCEEDED',
    `a batch of ${entries} events exceeds what the rate limit lets through at once`,
    {
      allowed: `at most ${burst} events (publishRate.burst)`,
      details: { entries, burst },
    },
  );
}
