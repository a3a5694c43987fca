/**
 * The optional block between header and payload: key, correlation, trace, deadline and metadata, present only when one of them is used.
 * Thread: `measureExtension` and `writeExtension` on producers, `readExtension` on consumers.
 *
 * ```
 *  byte 0       4                8                16                             44       48
 *       ┌───────┬────────────────┬────────────────┬──────────────────────────────┬────────┬─────────┬───────────────┐
 *       │ mask  │ metadata count │ deadline (f64) │ traceparent, 26 bytes padded │ counts │ texts … │ key, value, … │
 *       └───────┴────────────────┴────────────────┴──────────────────────────────┴────────┴─────────┴───────────────┘
 *  mask: bits 0..6 texts in the order of TEXT_ATTRIBUTES, bit 7 traceparent, bit 8 deadline, bits 9..11 counts (int32) in the order of
 *  COUNT_ATTRIBUTES; absent parts take no room.
 * ```
 * Invariant: the block starts at a multiple of 8 and its length is one.
 */
import { LIMITS, RingmainError } from '@ringmain/core';
import type { EventAttributes } from '@ringmain/core';
import { COUNT_ATTRIBUTES, TEXT_ATTRIBUTES, checkAttributes } from './extension-attributes.ts';
import type { CheckedAttributes } from './extension-attributes.ts';
import type { RecordViews } from './record-views.ts';
import { RunReader, runBytes, writeRun } from './text-run.ts';

const TRACEPARENT_BIT = 1 << TEXT_ATTRIBUTES.length;
const DEADLINE_BIT = TRACEPARENT_BIT << 1;
const COUNT_BIT = DEADLINE_BIT << 1;
const MASK_ALL = (COUNT_BIT << COUNT_ATTRIBUTES.length) - 1;
const COUNT_BYTES = 4;
const FIXED_BYTES = 8;
const DEADLINE_BYTES = 8;
const TRACEPARENT_BYTES = 26;
const TRACEPARENT_PADDED_BYTES = 28;

/** What the last `measureExtension` of this thread checked, for the `writeExtension` that follows it. */
let measuredFor: EventAttributes | undefined;
let measured: CheckedAttributes | undefined;

/**
 * Checks attributes and returns the bytes of their block, a multiple of 8; 0 when none is set.
 *
 * @throws {@link RingmainError} `RINGMAIN_KEY_INVALID`, `RINGMAIN_METADATA_INVALID` or `RINGMAIN_OPTION_INVALID`
 */
export function measureExtension(attributes: EventAttributes): number {
  const checked = checkAttributes(attributes);
  measuredFor = attributes;
  measured = checked;
  return bytesOf(checked);
}

function bytesOf(checked: CheckedAttributes): number {
  let bytes = FIXED_BYTES;
  for (const text of checked.texts) if (text !== undefined) bytes += runBytes(text);
  for (const text of checked.metadata) bytes += runBytes(text);
  if (checked.deadline !== undefined) bytes += DEADLINE_BYTES;
  if (checked.traceparent !== undefined) bytes += TRACEPARENT_PADDED_BYTES;
  for (const count of checked.counts) if (count !== undefined) bytes += COUNT_BYTES;
  return bytes === FIXED_BYTES ? 0 : (bytes + 7) & ~7;
}

/**
 * Writes the block at `offset`, a multiple of 8, and returns its bytes.
 *
 * @param bytes - what `measureExtension` answered; nothing is written beyond it
 * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` when the attributes changed since they were measured; the claim is then aborted
 */
export function writeExtension(attributes: EventAttributes, views: RecordViews, offset: number, bytes: number): number {
  // Another event may have been measured in between, by user code inside a payload; then the attributes are checked again.
  const checked = attributes === measuredFor && measured !== undefined ? measured : checkAttributes(attributes);
  measuredFor = measured = undefined;
  if (bytesOf(checked) !== bytes)
    throw new RingmainError('RINGMAIN_OPTION_INVALID', 'event attributes changed while they were published');
  if (bytes > 0) write(checked, views, offset);
  return bytes;
}

function write(checked: CheckedAttributes, views: RecordViews, offset: number): void {
  let mask = 0;
  let at = offset + FIXED_BYTES;
  if (checked.deadline !== undefined) {
    mask |= DEADLINE_BIT;
    views.f64[at >> 3] = checked.deadline;
    at += DEADLINE_BYTES;
  }
  if (checked.traceparent !== undefined) {
    mask |= TRACEPARENT_BIT;
    views.u8.write(checked.traceparent, at, TRACEPARENT_BYTES, 'hex');
    at += TRACEPARENT_PADDED_BYTES;
  }
  for (const [index, count] of checked.counts.entries()) {
    if (count === undefined) continue;
    mask |= COUNT_BIT << index;
    views.i32[at >> 2] = count;
    at += COUNT_BYTES;
  }
  for (const [index, text] of checked.texts.entries()) {
    if (text === undefined) continue;
    mask |= 1 << index;
    at = writeRun(views, at, text);
  }
  for (const text of checked.metadata) at = writeRun(views, at, text);
  views.i32[offset >> 2] = mask;
  views.i32[(offset >> 2) + 1] = checked.metadata.length >> 1;
}

/**
 * Reads the deadline out of a block without reading the rest; Infinity when there is none.
 *
 * @param bytes - size of the block
 */
export function readDeadline({ i32, f64 }: RecordViews, offset: number, bytes: number): number {
  if (bytes < FIXED_BYTES + DEADLINE_BYTES || ((i32[offset >> 2] as number) & DEADLINE_BIT) === 0) return Infinity;
  return f64[(offset + FIXED_BYTES) >> 3] as number;
}

/**
 * Reads a block; fields that are not in it stay undefined, `metadata` is a frozen object without a prototype.
 *
 * @throws {@link RingmainError} `RINGMAIN_RECORD_CORRUPT`
 */
export function readExtension(views: RecordViews, offset: number, bytes: number): EventAttributes {
  if (bytes === 0) return {};
  const end = offset + bytes;
  if (bytes < FIXED_BYTES || (bytes & 7) !== 0 || (offset & 7) !== 0 || offset < 0 || end > views.u8.length)
    throw corrupt(`of ${bytes} bytes at ${offset}`);
  const mask = views.i32[offset >> 2] as number;
  const entries = views.i32[(offset >> 2) + 1] as number;
  if ((mask & ~MASK_ALL) !== 0 || entries < 0 || entries > LIMITS.metadataEntries)
    throw corrupt(`with mask ${mask} and ${entries} metadata entries`);
  const attributes: EventAttributes = {};
  let at = offset + FIXED_BYTES;
  if ((mask & DEADLINE_BIT) !== 0) {
    if (at + DEADLINE_BYTES > end) throw corrupt('that ends inside its deadline');
    attributes.deadline = views.f64[at >> 3] as number;
    at += DEADLINE_BYTES;
  }
  if ((mask & TRACEPARENT_BIT) !== 0) {
    if (at + TRACEPARENT_PADDED_BYTES > end) throw corrupt('that ends inside its trace context');
    attributes.traceparent = readTraceparent(views, at);
    at += TRACEPARENT_PADDED_BYTES;
  }
  for (const [index, name] of COUNT_ATTRIBUTES.entries()) {
    if ((mask & (COUNT_BIT << index)) === 0) continue;
    if (at + COUNT_BYTES > end) throw corrupt('that ends inside its counts');
    attributes[name] = views.i32[at >> 2] as number;
    at += COUNT_BYTES;
  }
  const runs = new RunReader(views, at, end);
  for (const [index, name] of TEXT_ATTRIBUTES.entries()) if ((mask & (1 << index)) !== 0) attributes[name] = runs.next();
  if (entries > 0) attributes.metadata = readMetadata(runs, entries);
  return attributes;
}

function readTraceparent(views: RecordViews, at: number): string {
  const hex = views.u8.toString('hex', at, at + TRACEPARENT_BYTES);
  return `${hex.slice(0, 2)}-${hex.slice(2, 34)}-${hex.slice(34, 50)}-${hex.slice(50)}`;
}

function readMetadata(runs: RunReader, entries: number): Readonly<Record<string, string>> {
  // Without a prototype even a forged key `__proto__` is an ordinary key.
  const metadata = Object.create(null) as Record<string, string>;
  for (let index = 0; index < entries; index++) metadata[runs.next()] = runs.next();
  return Object.freeze(metadata);
}

function corrupt(what: string): RingmainError {
  return new RingmainError('RINGMAIN_RECORD_CORRUPT', `extension block ${what}`);
}
