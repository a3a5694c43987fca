/**
 * A dead letter as its reader sees it: decoded when it is asked for, and readable whatever is in it.
 * Thread: main.
 */
import { readPriority, recordViews } from '@ringmain/codec';
import type { CloudEvent } from '@ringmain/core';
import { PRIORITY_NAMES, errorText, toCloudEvent } from '@ringmain/core';
import { DeliveredEvent } from '../deliver/delivered-event.ts';
import type { DeadLetterReason } from '../deliver/dead-letter-reason.ts';
import type { RuntimeSeed } from '../thread-context.ts';
import type { LetterError } from './letter-error.ts';
import { readLetterError } from './letter-error.ts';
import type { StoredLetter } from './stored-letter.ts';

/** A delivery that ended without success. */
export interface Letter {
  /** Id of the event, a slash, and the group. */
  readonly id: string;
  /** The event, all attributes included, with its payload decoded; `data` is null where that cannot be decoded. */
  readonly event: CloudEvent;
  /** Why parts of the event could not be read; undefined when all could. */
  readonly unreadable: string | undefined;
  readonly group: string;
  /** Shard where the delivery ended; null on the main thread. */
  readonly shard: number | null;
  readonly reason: DeadLetterReason;
  /** Deliveries begun, those that ended with their thread included; 0 when no handler saw the event. */
  readonly attempts: number;
  /** Deaths of its thread while it was handled. */
  readonly crashes: number;
  /** How often the event was published again before. */
  readonly redrives: number;
  /** What the last attempt failed with; null when nothing was thrown, or its thread died right then. */
  readonly error: LetterError | null;
  /**
   * When its first attempt failed, in milliseconds of the wall clock; `deadAt` when none did before the last. Deaths of its thread leave no time.
   */
  readonly firstFailedAt: number;
  /** When the delivery ended, in milliseconds of the wall clock. */
  readonly deadAt: number;
  /** The record as it stood in its lane: header, attributes and payload. A copy. */
  readonly record: Uint8Array;
}

/** Decodes a letter. Never throws. */
export function openLetter(seed: RuntimeSeed, stored: StoredLetter): Letter {
  const { id, group, shard = null, reason, attempts, crashes, firstFailedAt, deadAt } = stored;
  const { event: read, unreadable, redrives } = openEvent(seed, stored);
  // A letter of another runtime was published at another time than its record would say here.
  const event = { ...read, id: stored.eventId, time: new Date(stored.publishedAt).toISOString() };
  const error = readLetterError(stored.error);
  const record = Uint8Array.from(stored.record);
  return { id, event, unreadable, group, shard, reason, attempts, crashes, redrives, error, firstFailedAt, deadAt, record };
}

/** The event of a letter, over the letter's record. */
export function eventOf(seed: RuntimeSeed, { type, producer, record }: StoredLetter): DeliveredEvent {
  return new DeliveredEvent({ seed, producer, type }, recordViews(record.buffer), 0, 1);
}

function openEvent(
  seed: RuntimeSeed,
  stored: StoredLetter,
): { readonly event: CloudEvent; readonly unreadable: string | undefined; readonly redrives: number } {
  const event = eventOf(seed, stored);
  try {
    return { event: toCloudEvent(event), unreadable: undefined, redrives: event.redrives ?? 0 };
  } catch (error) {
    return { event: bareEvent(event, stored), unreadable: errorText(error), redrives: safely(() => event.redrives, 0) ?? 0 };
  }
}

/** The event with what can be read of it. */
function bareEvent(event: DeliveredEvent, { eventId, type, record, publishedAt }: StoredLetter): CloudEvent {
  const priority = readPriority(recordViews(record.buffer).i32, 0);
  return toCloudEvent({
    id: eventId,
    type: type.name,
    version: type.version,
    priority: PRIORITY_NAMES[priority] ?? 'normal',
    source: safely(() => event.source, 'unreadable'),
    time: publishedAt,
    key: safely(() => event.key, undefined),
    sequence: event.sequence,
    subject: safely(() => event.subject, undefined),
    correlationId: safely(() => event.correlationId, undefined),
    causationId: safely(() => event.causationId, undefined),
    traceparent: safely(() => event.traceparent, undefined),
    deadline: safely(() => event.deadline, undefined),
    dedupeKey: safely(() => event.dedupeKey, undefined),
    metadata: safely(() => event.metadata, {}),
    sampledRate: safely(() => event.sampledRate, undefined),
    mergedCount: safely(() => event.mergedCount, undefined),
    redriveOf: safely(() => event.redriveOf, undefined),
    redrives: safely(() => event.redrives, undefined),
    datacontenttype: event.datacontenttype,
    attempt: 1,
    redelivered: false,
    data: null,
    decode: () => null,
    toCloudEvent: () => event.toCloudEvent(),
  });
}

function safely<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
