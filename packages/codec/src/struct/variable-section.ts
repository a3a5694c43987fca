/**
 * Texts and array slots in the variable section of a struct.
 * Thread: any; the budget below is per thread and used only within one synchronous decode.
 * Texts are copied as V8 keeps them: one byte a unit where that holds them (long texts: where they are ASCII), else UTF-16. Both copies are plain
 * moves, and UTF-16 keeps lone surrogates, which UTF-8 cannot.
 * Invariant: nothing read from memory is used as a position before it was checked against the payload, and one decode reads no more bytes than
 * the payload has, so forged slots that point at the same bytes cannot multiply the work.
 */
import { textBuffer } from '../record-views.ts';
import type { RecordViews } from '../record-views.ts';
import { corrupt, outgrown } from './struct-refusal.ts';

/** Up to this length a loop beats the call into the platform (measured on Node 20: about 4 ns a character against 80 to 110 ns a call). */
const SHORT_WRITE_CHARS = 24;
const SHORT_READ_BYTES = 12;
/** From this length on, measuring looks whether a text is ASCII instead of reserving two bytes a character. */
const EXACT_CHARS = 512;

/** Upper bound of the bytes that {@link writeText} takes. */
export function textBound(text: string): number {
  const length = text.length;
  if (length >= EXACT_CHARS && Buffer.byteLength(text, 'utf8') === length) return length;
  return length * 2;
}

/**
 * Writes a text at `at` and its slot at word `slot`.
 *
 * @param origin - first byte of the payload
 * @param end - first byte that may not be written
 * @returns the byte behind the text
 */
export function writeText(views: RecordViews, slot: number, origin: number, at: number, end: number, text: string): number {
  const length = text.length;
  const i32 = views.i32;
  i32[slot] = at - origin;
  if (at + length > end) throw outgrown();
  if (length <= SHORT_WRITE_CHARS) {
    const u8 = views.u8;
    let seen = 0;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      seen |= unit;
      u8[at + index] = unit;
    }
    if (seen < 256) {
      i32[slot + 1] = length;
      return at + length;
    }
  } else if (Buffer.byteLength(text, 'utf8') === length) {
    textBuffer(views).latin1Write(text, at, length);
    i32[slot + 1] = length;
    return at + length;
  }
  if (at + length * 2 > end) throw outgrown();
  textBuffer(views).ucs2Write(text, at, length * 2);
  i32[slot + 1] = ~(length * 2);
  return at + length * 2;
}

/** Bytes that the current decode may still read. */
let budget = 0;

/** Starts a decode of a payload of `bytes` bytes. */
export function openSection(bytes: number): void {
  budget = bytes;
}

/** Reads the text of the slot at word `slot`. */
export function readText(views: RecordViews, slot: number, origin: number, bytes: number): string {
  const start = views.i32[slot] as number;
  const mark = views.i32[slot + 1] as number;
  const length = mark < 0 ? ~mark : mark;
  if (start < 0 || start + length > bytes || (budget -= length) < 0)
    throw corrupt(`text of ${length} bytes at ${start} of ${bytes}`);
  const from = origin + start;
  if (mark < 0) {
    if ((length & 1) !== 0) throw corrupt(`UTF-16 text of ${length} bytes`);
    return textBuffer(views).ucs2Slice(from, from + length);
  }
  if (length > SHORT_READ_BYTES) return textBuffer(views).latin1Slice(from, from + length);
  return shortText(views.u8, from, from + length);
}

function shortText(u8: Uint8Array, from: number, to: number): string {
  let text = '';
  let at = from;
  for (; at + 4 <= to; at += 4) {
    // The bounds were checked by the caller, so these bytes exist.
    text += String.fromCharCode(u8[at] as number, u8[at + 1] as number, u8[at + 2] as number, u8[at + 3] as number);
  }
  for (; at < to; at++) text += String.fromCharCode(u8[at] as number);
  return text;
}

/**
 * Checks the slot of an array.
 *
 * @param stride - bytes of an element
 * @param alignment - alignment of its elements, 4 or 8
 * @returns the first byte of its first element; the count stands in word `slot + 1`
 */
export function openArray(
  views: RecordViews,
  slot: number,
  origin: number,
  bytes: number,
  stride: number,
  alignment: number,
): number {
  const start = views.i32[slot] as number;
  const count = views.i32[slot + 1] as number;
  const size = count * stride;
  if (start < 0 || count < 0 || (start & (alignment - 1)) !== 0 || start + size > bytes || (budget -= size) < 0) {
    throw corrupt(`array of ${count} elements of ${stride} bytes at ${start} of ${bytes}`);
  }
  return origin + start;
}

/** Tells whether a text has fewer code points than `min`, looking at the text only when its units leave that open. */
export function shorterThan(text: string, min: number): boolean {
  if (text.length < min) return true;
  return text.length < min * 2 && codePoints(text) < min;
}

/** Tells whether a text has more code points than `max`. */
export function longerThan(text: string, max: number): boolean {
  return text.length > max && (text.length > max * 2 || codePoints(text) > max);
}

function codePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    // A pair of surrogates is one code point; `codePointAt` answers beyond the basic plane only for whole pairs.
    if ((text.codePointAt(index) as number) > 0xffff) index++;
    count++;
  }
  return count;
}
