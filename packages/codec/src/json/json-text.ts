/**
 * Writes JSON values as bytes into the scratch memory of a thread: what generated writers call for numbers and texts.
 * Thread: any; the scratch is the thread's own.
 * Algorithm: digits and plain short texts are stored byte by byte, which beats building a string and copying it; whatever needs more (fractions,
 * escapes, other alphabets, long texts) is turned into text by the platform and copied.
 */
import type { TextBuffer } from '../record-views.ts';

/** Answer of a writer that meets a value which its shape did not promise, or runs out of room: the whole payload goes the general way. */
export const NOT_WRITTEN = -1;

/** Bytes of scratch memory; payloads beyond it go the general way. */
export const SCRATCH_BYTES = 32_768;

/** Bytes that a writer may store between two checks of its room. */
export const SLACK_BYTES = 16_384;

/** Longest text of a number: sign, 17 digits, point, exponent. */
export const NUMBER_BYTES = 25;

/** Texts up to this length are looked at and stored character by character. */
const SHORT_CHARS = 64;

const ZERO = 48;
const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;
const TILDE = 126;

const scratch = new ArrayBuffer(SCRATCH_BYTES);

/** The scratch as bytes. */
export const scratchBytes = Buffer.from(scratch) as TextBuffer;
/** The scratch as words, for the copy into the ring. */
export const scratchWords = new Int32Array(scratch);

/** Writes a number that has a JSON text. Needs {@link NUMBER_BYTES} of room. */
export function writeNumber(at: number, value: number): number {
  if ((value | 0) === value && value >= 0) return writeDigits(at, value);
  if (!Number.isFinite(value)) return NOT_WRITTEN;
  const text = String(value);
  for (let index = 0; index < text.length; index++) scratchBytes[at + index] = text.charCodeAt(index);
  return at + text.length;
}

function writeDigits(at: number, value: number): number {
  let end = at + 1;
  for (let power = 10; power <= value; power *= 10) end++;
  let rest = value;
  for (let place = end - 1; place >= at; place--) {
    const quotient = (rest / 10) | 0;
    scratchBytes[place] = ZERO + rest - quotient * 10;
    rest = quotient;
  }
  return end;
}

/** Writes a text with its quotes; {@link NOT_WRITTEN} when it could reach beyond the scratch. */
export function writeQuoted(at: number, text: string): number {
  const { length } = text;
  if (length > SHORT_CHARS) return writeRaw(at, JSON.stringify(text));
  if (at + length + 2 > SCRATCH_BYTES - SLACK_BYTES) return NOT_WRITTEN;
  scratchBytes[at] = QUOTE;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < SPACE || unit > TILDE || unit === QUOTE || unit === BACKSLASH) return writeRaw(at, JSON.stringify(text));
    scratchBytes[at + 1 + index] = unit;
  }
  scratchBytes[at + 1 + length] = QUOTE;
  return at + length + 2;
}

/** Writes JSON text as it is; {@link NOT_WRITTEN} for `undefined`, which `JSON.stringify` answers to what has no text. */
export function writeRaw(at: number, text: string | undefined): number {
  if (text === undefined || at + text.length * 3 > SCRATCH_BYTES - SLACK_BYTES) return NOT_WRITTEN;
  return at + scratchBytes.utf8Write(text, at, text.length * 3);
}

/** Writes a value of unknown type. */
export function writeValue(at: number, value: unknown): number {
  if (typeof value === 'string') return writeQuoted(at, value);
  return writeRaw(at, JSON.stringify(value));
}
