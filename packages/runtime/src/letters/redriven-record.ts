/**
 * The record of an event that is published again: what was in the letter, with a note of where it comes from.
 * Thread: main.
 *
 * Key, priority, payload and attributes stay as they were. `redriveOf` and `redrives` are added; the deadline goes, since it has passed for most letters and
 * whoever publishes an event again wants it handled. An event that would be too large with the note goes without it.
 */
import {
  FLAG_HAS_EXTENSION,
  FLAG_HAS_KEY,
  HEADER_BYTES,
  measureExtension,
  packFlags,
  readCodecId,
  readDataBytes,
  readExtension,
  readExtensionBytes,
  readFlags,
  readKeyHash,
  readPriority,
  recordViews,
  writeExtension,
  writeHeader,
} from '@ringmain/codec';
import type { EventAttributes, PriorityLevel } from '@ringmain/core';
import type { StoredLetter } from './stored-letter.ts';

/** A record that is ready but for its topic, sequence, time and mark. */
export interface RedrivenRecord {
  readonly priority: PriorityLevel;
  readonly hash: number;
  readonly body: Buffer;
}

/**
 * Builds the record of a letter.
 *
 * @throws `RingmainError` `RINGMAIN_RECORD_CORRUPT` where its attributes cannot be read
 */
export function redrivenRecord(
  { record, eventId }: Pick<StoredLetter, 'record' | 'eventId'>,
  recordBytesMax: number,
): RedrivenRecord {
  const views = recordViews(record.buffer);
  const { i32, u8 } = views;
  const extensionBytes = readExtensionBytes(i32, 0);
  const { deadline: _, ...given } = readExtension(views, HEADER_BYTES, extensionBytes);
  const payload = u8.subarray(HEADER_BYTES + extensionBytes, HEADER_BYTES + extensionBytes + readDataBytes(i32, 0));
  const marked: EventAttributes = { ...given, redriveOf: eventId, redrives: (given.redrives ?? 0) + 1 };
  const fits = HEADER_BYTES + measureExtension(marked) + payload.length <= recordBytesMax;
  return build(i32, fits ? marked : given, payload);
}

function build(from: Int32Array, attributes: EventAttributes, payload: Uint8Array): RedrivenRecord {
  const extensionBytes = measureExtension(attributes);
  const bytes = HEADER_BYTES + extensionBytes + payload.length;
  const memory = new ArrayBuffer((bytes + 7) & ~7);
  const views = recordViews(memory);
  const priority = readPriority(from, 0);
  const hash = readKeyHash(from, 0);
  const flags = (readFlags(from, 0) & FLAG_HAS_KEY) | (extensionBytes === 0 ? 0 : FLAG_HAS_EXTENSION);
  writeExtension(attributes, views, HEADER_BYTES, extensionBytes);
  views.u8.set(payload, HEADER_BYTES + extensionBytes);
  const packed = packFlags(flags, readCodecId(from, 0), priority);
  writeHeader(views.i32, 0, 0, packed, hash, 0, 0, 0, 0, extensionBytes, payload.length);
  return { priority, hash, body: Buffer.from(memory, 0, bytes) };
}
