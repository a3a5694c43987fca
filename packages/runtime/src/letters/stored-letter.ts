/**
 * What the store of dead letters has of one.
 * Thread: main.
 */
import type { DeadLetterReason } from '../deliver/dead-letter-reason.ts';
import type { EventType } from '../events/event-type.ts';

/** A letter as it is kept: nothing of it is decoded before somebody reads it. */
export interface StoredLetter {
  /** Id of the event, a slash, and the group. */
  readonly id: string;
  /** Id of the event. */
  readonly eventId: string;
  readonly group: string;
  readonly shard: number | undefined;
  readonly reason: DeadLetterReason;
  readonly attempts: number;
  readonly crashes: number;
  readonly producer: number;
  readonly type: EventType;
  /** Milliseconds of the wall clock at which the event was published. */
  readonly publishedAt: number;
  /** The same of its first attempt that failed. */
  readonly firstFailedAt: number;
  /** The same of the end of the delivery. */
  readonly deadAt: number;
  /** See `writeLetterError`. */
  readonly error: string;
  readonly record: Buffer;
}
