/**
 * A dead letter on its way to the store, and how it stands in a lane.
 * Thread: written by the shard where the delivery ended, read by the main thread.
 *
 * ```
 *  byte 0        4         8          12        16             20        24        28            32           36        40
 *       ┌────────┬─────────┬──────────┬─────────┬──────────────┬─────────┬─────────┬─────────────┬────────────┬─────────┬───────────────┬──────────────────┐
 *       │ group  │ reason  │ attempts │ crashes │ producer     │ time lo │ time hi │ error bytes │ failing ms │ 0       │ error, padded │ header, payload  │
 *       └────────┴─────────┴──────────┴─────────┴──────────────┴─────────┴─────────┴─────────────┴────────────┴─────────┴───────────────┴──────────────────┘
 * ```
 * `producer` is the thread that published the event; the record stands behind it byte for byte, as it was in its lane.
 */
import { timeHiOf, timeLoOf } from '@ringmain/codec';
import type { RecordViews } from '@ringmain/codec';
import type { EventType } from '../events/event-type.ts';
import { DEAD_LETTER_REASONS } from '../deliver/dead-letter-reason.ts';
import type { DeadLetterReason } from '../deliver/dead-letter-reason.ts';

/** What is known of a delivery that ended without success, beside its record. */
export interface LetterFacts {
  /** Number of the group in its thread. */
  readonly group: number;
  readonly reason: DeadLetterReason;
  /** Deliveries begun, those that ended with their thread included. */
  readonly attempts: number;
  /** Deaths of its thread charged to it. */
  readonly crashes: number;
  /** Thread that published the event. */
  readonly producer: number;
  /** When it ended, in microseconds of the runtime. */
  readonly endedUs: number;
  /** How long before that its first attempt failed, in milliseconds; 0 when no earlier one did. */
  readonly failingMs: number;
  /** The error as `writeLetterError` wrote it. */
  readonly error: string;
}

/** A letter as it arrives at the store. */
export interface IncomingLetter extends Omit<LetterFacts, 'group'> {
  readonly group: string;
  /** Shard where the delivery ended; undefined on the main thread. */
  readonly shard: number | undefined;
  /** The event's type, as the producer named it. */
  readonly type: EventType;
  /** The record, at the start of a buffer of its own whose length is a multiple of 8. */
  readonly record: Buffer;
}

/** Takes letters; the store of the main thread. */
export interface LetterSink {
  /** Keeps a letter. */
  keep(letter: IncomingLetter): void;
  /** The name of a group that shards host. */
  hostedName(group: number): string;
}

const HEADER_BYTES = 40;

/** Bytes that a letter takes in a lane. */
export function letterBytes(errorBytes: number, recordBytes: number): number {
  return HEADER_BYTES + padded(errorBytes) + recordBytes;
}

/** Writes a letter at `offset`, a multiple of 8, with room for {@link letterBytes}. */
export function writeLetter(
  target: RecordViews,
  offset: number,
  facts: LetterFacts,
  errorBytes: number,
  record: Uint8Array,
): void {
  const word = offset >> 2;
  const { i32, u8 } = target;
  i32[word] = facts.group;
  i32[word + 1] = DEAD_LETTER_REASONS.indexOf(facts.reason);
  i32[word + 2] = facts.attempts;
  i32[word + 3] = facts.crashes;
  i32[word + 4] = facts.producer;
  i32[word + 5] = timeLoOf(facts.endedUs);
  i32[word + 6] = timeHiOf(facts.endedUs);
  i32[word + 7] = errorBytes;
  i32[word + 8] = facts.failingMs;
  i32[word + 9] = 0;
  u8.write(facts.error, offset + HEADER_BYTES, errorBytes, 'utf8');
  u8.set(record, offset + HEADER_BYTES + padded(errorBytes));
}

/** Reads a letter of `bytes` bytes that stands at `offset`; the record is copied. */
export function readLetter(
  source: RecordViews,
  offset: number,
  bytes: number,
): { readonly facts: LetterFacts; readonly record: Buffer } {
  const { i32, u8 } = source;
  const at = (index: number): number => i32[(offset >> 2) + index] as number;
  const errorBytes = at(7);
  const facts = {
    group: at(0),
    reason: DEAD_LETTER_REASONS[at(1)] as DeadLetterReason,
    attempts: at(2),
    crashes: at(3),
    producer: at(4),
    endedUs: (at(6) >>> 0) * 0x1_0000_0000 + (at(5) >>> 0),
    failingMs: at(8) >>> 0,
    error: u8.toString('utf8', offset + HEADER_BYTES, offset + HEADER_BYTES + errorBytes),
  };
  const from = offset + HEADER_BYTES + padded(errorBytes);
  return { facts, record: copyRecord(u8.subarray(from, offset + bytes)) };
}

/** Copies a record into a buffer of its own, so that views can be opened over it and no pool is kept alive by it. */
export function copyRecord(record: Uint8Array): Buffer {
  const copy = Buffer.from(new ArrayBuffer(padded(record.length)));
  copy.set(record);
  return copy;
}

function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}
