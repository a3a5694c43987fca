/**
 * Texts written one after another, each behind a word that says its length: the form of the extension block.
 * Thread: any.
 *
 * ```
 *  ┌──────────────────────────────────┬───────────────────────────┐
 *  │ bytes if ASCII, ~bytes if UTF-16 │ the text, padded to words │
 *  └──────────────────────────────────┴───────────────────────────┘
 * ```
 * Invariant: runs start and end at multiples of 4; a length read from memory is checked before it is used.
 */
import { RingmainError } from '@ringmain/core';
import { textBuffer } from './record-views.ts';
import type { RecordViews } from './record-views.ts';

/** Bytes of a text with its length word and padding. */
export function runBytes(text: string): number {
  return 4 + ((textBytes(text) + 3) & ~3);
}

function textBytes(text: string): number {
  return isAscii(text) ? text.length : text.length * 2;
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length;
}

/** Writes a text at `at` and returns the byte behind its padding. */
export function writeRun(views: RecordViews, at: number, text: string): number {
  const bytes = textBytes(text);
  const u8 = textBuffer(views);
  if (bytes === text.length) u8.latin1Write(text, at + 4, bytes);
  else u8.ucs2Write(text, at + 4, bytes);
  views.i32[at >> 2] = bytes === text.length ? bytes : ~bytes;
  return at + 4 + ((bytes + 3) & ~3);
}

/** Reads the texts of a block in turn. */
export class RunReader {
  readonly #views: RecordViews;
  readonly #end: number;
  #at: number;

  /** Starts at byte `at`; nothing at or behind `end` is read. */
  constructor(views: RecordViews, at: number, end: number) {
    this.#views = views;
    this.#at = at;
    this.#end = end;
  }

  /** The next text. @throws {@link RingmainError} `RINGMAIN_RECORD_CORRUPT` */
  next(): string {
    const from = this.#at + 4;
    if (from > this.#end) throw this.#corrupt(0);
    const mark = this.#views.i32[this.#at >> 2] as number;
    const bytes = mark < 0 ? ~mark : mark;
    if (from + bytes > this.#end || (mark < 0 && (bytes & 1) !== 0)) throw this.#corrupt(bytes);
    this.#at = from + ((bytes + 3) & ~3);
    const u8 = textBuffer(this.#views);
    return mark < 0 ? u8.ucs2Slice(from, from + bytes) : u8.latin1Slice(from, from + bytes);
  }

  #corrupt(bytes: number): RingmainError {
    const details = { at: this.#at, bytes, end: this.#end };
    return new RingmainError(
      'RINGMAIN_RECORD_CORRUPT',
      `text of ${bytes} bytes at ${this.#at} in a block that ends at ${this.#end}`,
      { details },
    );
  }
}
