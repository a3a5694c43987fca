/**
 * A letter as one line of a file: an envelope to be read, and the record from which its event can be published again byte for byte.
 * Thread: any.
 */
import { CODEC_BYTES, CODEC_JSON, HEADER_BYTES, checkHeader, readCodecId } from '@ringmain/codec';
import { RingmainError, describeValue } from '@ringmain/core';
import { DEAD_LETTER_REASONS } from '../deliver/dead-letter-reason.ts';
import type { DeadLetterReason } from '../deliver/dead-letter-reason.ts';
import type { EventType } from '../events/event-type.ts';
import type { Letter } from './letter.ts';
import { copyRecord } from './incoming-letter.ts';
import type { LetterError } from './letter-error.ts';
import { ERROR_TEXT_BYTES_MAX } from './letter-error.ts';
import type { LetterFilter } from './letter-filter.ts';
import { compileFilter } from './letter-filter.ts';
import type { StoredLetter } from './stored-letter.ts';
import { redrivenRecord } from './redriven-record.ts';

/** The event of a line: a CloudEvent as JSON can hold it; bytes are base64 text, in `data_base64` where they are the whole payload. */
export interface LineEvent {
  readonly id: string;
  readonly type: string;
  /** RFC 3339. */
  readonly time: string;
  readonly data?: unknown;
  readonly [attribute: string]: unknown;
}

/** A letter as it stands in a file. */
export interface LetterLine extends Omit<Letter, 'event' | 'unreadable' | 'firstFailedAt' | 'deadAt' | 'record'> {
  readonly event: LineEvent;
  readonly unreadable?: string;
  /** RFC 3339; files of earlier versions do not have it. */
  readonly firstFailedAt?: string;
  /** RFC 3339. */
  readonly deadAt: string;
  /** The record, as base64. */
  readonly record: string;
  /** Hash of the event definitions that the record was written by. */
  readonly eventsHash: number;
}

/** Codecs whose payloads any version of a definition can read. */
const SELF_DESCRIBING: ReadonlySet<number> = new Set([CODEC_JSON, CODEC_BYTES]);

/** The line of a letter. */
export function lineOf(letter: Letter, eventsHash: number): LetterLine {
  const { event, unreadable, firstFailedAt, deadAt, record, ...rest } = letter;
  return {
    ...rest,
    event: plainEvent(event),
    ...(unreadable !== undefined && { unreadable }),
    firstFailedAt: new Date(firstFailedAt).toISOString(),
    deadAt: new Date(deadAt).toISOString(),
    record: Buffer.from(record).toString('base64'),
    eventsHash,
  };
}

/**
 * Reads a line.
 *
 * @throws {@link RingmainError} `RINGMAIN_INPUT_INVALID` naming the part
 */
export function parseLetterLine(text: string): LetterLine {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (cause) {
    throw refused('the line', text, 'a letter as JSON', cause);
  }
  return checkLine(line);
}

/**
 * Makes a test of a filter, for lines.
 *
 * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_PATTERN_INVALID`
 */
export function letterLineFilter(filter: LetterFilter): (line: LetterLine) => boolean {
  const fits = compileFilter(filter);
  return ({ group, reason, event, deadAt }) => fits({ group, reason, type: { name: event.type }, deadAt: Date.parse(deadAt) });
}

/**
 * The letter of a line, for the store: one whose event this runtime could publish again.
 *
 * @param runtime - hash of its event definitions, and its bound of a record
 * @throws {@link RingmainError} `RINGMAIN_INPUT_INVALID`, `RINGMAIN_TOPIC_UNKNOWN`; `RINGMAIN_EVENTS_MISMATCH` for a payload that this runtime's definitions
 * might read as something else; `RINGMAIN_RECORD_CORRUPT`; `RINGMAIN_PAYLOAD_TOO_LARGE` for a record beyond its `recordBytesMax`
 */
export function storedFrom(
  given: LetterLine,
  { eventsHash, recordBytesMax }: { readonly eventsHash: number; readonly recordBytesMax: number },
  typeOf: (name: string) => EventType,
): StoredLetter {
  const { id, group, shard, reason, attempts, crashes, error, event, deadAt, firstFailedAt = deadAt, ...line } = checkLine(given);
  const type = typeOf(event.type);
  const record = copyRecord(Buffer.from(line.record, 'base64'));
  const words = new Int32Array(record.buffer as ArrayBuffer);
  if (record.length < HEADER_BYTES) throw refused('record', line.record, `at least ${HEADER_BYTES} bytes`);
  checkHeader(words, 0, record.length);
  const codec = readCodecId(words, 0);
  if (codec !== type.codec.id || (line.eventsHash !== eventsHash && !SELF_DESCRIBING.has(codec))) {
    throw new RingmainError('RINGMAIN_EVENTS_MISMATCH', `letter ${id} was written by other definitions of ${event.type}`, {
      allowed: 'letters of the same event definitions, or of types whose codec is json or bytes',
      details: { letter: id, type: event.type },
    });
  }
  checkRedrivable(id, { record, eventId: event.id }, recordBytesMax);
  const text = error === null ? '' : JSON.stringify(error);
  const common = { id, group, reason, attempts, crashes, type, record, error: text, eventId: event.id, producer: 0 };
  const times = { firstFailedAt: Date.parse(firstFailedAt), deadAt: Date.parse(deadAt), publishedAt: Date.parse(event.time) };
  return { ...common, shard: shard ?? undefined, ...times };
}

/**
 * Builds what a redrive would publish. Memory is laid out for `recordBytesMax`, which another configuration may have had higher: a record beyond it would end the
 * redrive, or the shard whose letter of it finds no room in its lane.
 */
function checkRedrivable(id: string, letter: Pick<StoredLetter, 'record' | 'eventId'>, recordBytesMax: number): void {
  const { length } = redrivenRecord(letter, recordBytesMax).body;
  if (length <= recordBytesMax) return;
  throw new RingmainError('RINGMAIN_PAYLOAD_TOO_LARGE', `the record of letter ${id} has ${length} bytes`, {
    allowed: `at most ${recordBytesMax} bytes (recordBytesMax)`,
    details: { letter: id, bytes: length, bytesMax: recordBytesMax },
  });
}

function plainEvent({ data, ...event }: Letter['event']): LineEvent {
  if (data instanceof Uint8Array) return { ...event, data_base64: Buffer.from(data).toString('base64') };
  try {
    return { ...event, data: JSON.parse(JSON.stringify(data, plain) ?? 'null') as unknown };
  } catch {
    // What a codec of the user's own makes of a payload may be anything; the record has it.
    return { ...event, data: null };
  }
}

/** A replacer; looks at the value itself, since `toJSON` has been called on the one it is given. */
function plain(this: unknown, name: string, value: unknown): unknown {
  const own = (this as Readonly<Record<string, unknown>>)[name];
  if (own instanceof Uint8Array) return Buffer.from(own).toString('base64');
  return typeof value === 'bigint' ? String(value) : value;
}

function checkLine(given: unknown): LetterLine {
  const line = objectOf('the line', given);
  const event = objectOf('event', line['event']);
  for (const name of ['id', 'group', 'record', 'deadAt'] as const) checkText(name, line[name]);
  for (const name of ['id', 'type', 'time'] as const) checkText(`event.${name}`, event[name]);
  if (Number.isNaN(Date.parse(line['deadAt'] as string))) throw refused('deadAt', line['deadAt'], 'a time');
  const first = line['firstFailedAt'] ?? line['deadAt'];
  if (typeof first !== 'string' || Number.isNaN(Date.parse(first))) throw refused('firstFailedAt', first, 'a time');
  if (Number.isNaN(Date.parse(event['time'] as string))) throw refused('event.time', event['time'], 'a time');
  if (!DEAD_LETTER_REASONS.includes(line['reason'] as DeadLetterReason))
    throw refused('reason', line['reason'], DEAD_LETTER_REASONS.join(', '));
  for (const name of ['attempts', 'crashes', 'redrives', 'eventsHash'] as const) {
    if (!Number.isInteger(line[name])) throw refused(name, line[name], 'an integer');
  }
  if (line['shard'] !== null && !Number.isInteger(line['shard'])) throw refused('shard', line['shard'], 'an integer or null');
  if (line['error'] !== null) checkError(objectOf('error', line['error']));
  return line as unknown as LetterLine;
}

function checkError(error: Readonly<Record<string, unknown>>): asserts error is Readonly<Record<string, unknown>> & LetterError {
  if (!Array.isArray(error['causes'])) throw refused('error.causes', error['causes'], 'an array');
  if (Buffer.byteLength(JSON.stringify(error)) > 2 * ERROR_TEXT_BYTES_MAX)
    throw refused('error', error, `at most ${2 * ERROR_TEXT_BYTES_MAX} bytes`);
}

function objectOf(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw refused(name, value, 'an object');
}

function checkText(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw refused(name, value, 'text that is not empty');
}

function refused(name: string, value: unknown, allowed: string, cause?: unknown): RingmainError {
  return new RingmainError('RINGMAIN_INPUT_INVALID', `${name} is ${describeValue(value)}`, { allowed, details: { name }, cause });
}
