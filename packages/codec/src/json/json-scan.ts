/**
 * Reads JSON values from bytes in place: what generated readers call for numbers and texts.
 * Thread: any; the cursor is the thread's own, and used only within one synchronous read.
 * Invariant: a value is what `JSON.parse` makes of the same bytes. Decimals of up to 15 digits are one exact integer divided by one exact power of
 * ten, which rounds once and correctly (Clinger, "How to read floating point numbers accurately", 1990); longer ones are left to the platform.
 */
import type { TextBuffer } from '../record-views.ts';

/** Where the value ended that was read last; -1 when there was none of the kind. */
export const cursor = { at: 0 };

const DIGITS_MAX = 15;
const POWERS_OF_TEN = Float64Array.from({ length: DIGITS_MAX + 1 }, (_, exponent) => 10 ** exponent);
/** Up to this length a loop beats the call into the platform. */
const SHORT_BYTES = 12;
/** From this length on the end of a text is searched by the platform. */
const LONG_BYTES = 64;

const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const POINT = 46;
const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;
const TILDE = 126;

/** Reads a number at `at`. */
export function readNumber(u8: TextBuffer, at: number, end: number): number {
  const negative = u8[at] === MINUS;
  const start = negative ? at + 1 : at;
  let index = start;
  let mantissa = 0;
  let byte = u8[index] as number;
  for (; byte >= ZERO && byte <= NINE; byte = u8[++index] as number) mantissa = mantissa * 10 + (byte - ZERO);
  let digits = index - start;
  if (digits === 0 || (digits > 1 && u8[start] === ZERO)) return platformNumber(u8, at, end);
  let decimals = 0;
  if (byte === POINT) {
    const first = index + 1;
    for (byte = u8[++index] as number; byte >= ZERO && byte <= NINE; byte = u8[++index] as number) {
      mantissa = mantissa * 10 + (byte - ZERO);
    }
    decimals = index - first;
    digits += decimals;
    if (decimals === 0) return platformNumber(u8, at, end);
  }
  // 101 and 69: an exponent follows.
  if (digits > DIGITS_MAX || byte === 101 || byte === 69) return platformNumber(u8, at, end);
  cursor.at = index;
  const value = decimals === 0 ? mantissa : mantissa / (POWERS_OF_TEN[decimals] as number);
  return negative ? -value : value;
}

function platformNumber(u8: TextBuffer, at: number, end: number): number {
  let index = at;
  while (index < end && isOfNumber(u8[index] as number)) index++;
  const value = parsed(u8.latin1Slice(at, index));
  cursor.at = typeof value === 'number' ? index : -1;
  return typeof value === 'number' ? value : 0;
}

/** Digits, signs, point and exponent. */
function isOfNumber(byte: number): boolean {
  return (byte >= ZERO && byte <= NINE) || byte === MINUS || byte === 43 || byte === POINT || byte === 101 || byte === 69;
}

/** Reads a text with its quotes at `at`. */
export function readQuoted(u8: TextBuffer, at: number, end: number): string {
  const from = at + 1;
  if (u8[at] !== QUOTE) return nothing();
  const near = Math.min(end, from + LONG_BYTES);
  let index = from;
  for (; index < near; index++) {
    const byte = u8[index] as number;
    if (byte === QUOTE) {
      cursor.at = index + 1;
      return index - from > SHORT_BYTES ? u8.latin1Slice(from, index) : shortText(u8, from, index);
    }
    if (byte < SPACE || byte > TILDE || byte === BACKSLASH) return escapedText(u8, at, end);
  }
  const close = u8.indexOf(QUOTE, index);
  if (close < 0 || close >= end) return nothing();
  const text = u8.utf8Slice(from, close);
  if (text.includes('\\')) return escapedText(u8, at, end);
  cursor.at = close + 1;
  return text;
}

function shortText(u8: TextBuffer, from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index++) text += String.fromCharCode(u8[index] as number);
  return text;
}

function escapedText(u8: TextBuffer, at: number, end: number): string {
  let index = at + 1;
  while (index < end && u8[index] !== QUOTE) index += u8[index] === BACKSLASH ? 2 : 1;
  const value = index < end ? parsed(u8.utf8Slice(at, index + 1)) : undefined;
  if (typeof value !== 'string') return nothing();
  cursor.at = index + 1;
  return value;
}

function nothing(): string {
  cursor.at = -1;
  return '';
}

/** Reads a text, number or boolean at `at`. */
export function readScalar(u8: TextBuffer, at: number, end: number): string | number | boolean {
  const first = u8[at];
  if (first === QUOTE) return readQuoted(u8, at, end);
  // 116 and 102: `true` and `false`.
  if (first !== 116 && first !== 102) return readNumber(u8, at, end);
  const value = parsed(u8.latin1Slice(at, at + (first === 116 ? 4 : 5)));
  cursor.at = typeof value === 'boolean' ? at + (value ? 4 : 5) : -1;
  return value === true;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
