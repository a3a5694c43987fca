/**
 * Cuts a stream of bytes into lines of UTF-8 text, in memory bounded by one chunk and one line.
 * A line ends at a line feed; the last one may lack it. Whole lines of a chunk are decoded together, which is several times
 * faster than one by one: a line feed byte never stands inside a UTF-8 sequence, so a run of whole lines is valid UTF-8 by itself.
 */
import { Buffer, isUtf8 } from 'node:buffer';

/** One line, or why there is none. */
export type InputLine =
  | { readonly position: number; readonly text: string }
  | { readonly position: number; readonly problem: string };

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = '\uFEFF';

/** Splits chunks into lines. */
export class LineSplitter {
  private readonly lineBytesMax: number;
  private lineCount = 0;
  /** Bytes of the line whose end has not come yet; dropped as soon as they are too many. */
  private openParts: Buffer[] = [];
  private openBytes = 0;

  /** @param lineBytesMax - longest line in bytes; a longer one becomes a problem and is skipped up to its end */
  constructor(lineBytesMax: number) {
    this.lineBytesMax = lineBytesMax;
  }

  /** Takes the next chunk and returns the lines that end in it. */
  push(chunk: Buffer): InputLine[] {
    const first = chunk.indexOf(LINE_FEED);
    if (first === -1) {
      this.keep(chunk);
      return [];
    }
    this.keep(chunk.subarray(0, first));
    const lines = [this.closeLine()];
    const last = chunk.lastIndexOf(LINE_FEED);
    if (last > first) this.splitWhole(chunk.subarray(first + 1, last), lines);
    this.keep(chunk.subarray(last + 1));
    return lines;
  }

  /** Returns the last line when it had no line feed. */
  end(): InputLine[] {
    return this.openBytes === 0 ? [] : [this.closeLine()];
  }

  private keep(part: Buffer): void {
    if (part.length === 0) return;
    this.openBytes += part.length;
    if (this.openBytes > this.lineBytesMax) this.openParts = [];
    else this.openParts.push(part);
  }

  private closeLine(): InputLine {
    const bytes = this.openBytes;
    const parts = this.openParts;
    this.openBytes = 0;
    this.openParts = [];
    if (bytes > this.lineBytesMax) return this.tooLong(bytes);
    return this.decode(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, bytes));
  }

  private splitWhole(region: Buffer, lines: InputLine[]): void {
    // Only a region longer than the bound can hold a line beyond it.
    if (region.length <= this.lineBytesMax && isUtf8(region)) {
      for (const text of region.toString('utf8').split('\n')) lines.push(this.line(text));
      return;
    }
    let start = 0;
    while (start <= region.length) {
      const found = region.indexOf(LINE_FEED, start);
      const end = found === -1 ? region.length : found;
      const bytes = region.subarray(start, end);
      lines.push(bytes.length > this.lineBytesMax ? this.tooLong(bytes.length) : this.decode(bytes));
      start = end + 1;
    }
  }

  private decode(bytes: Buffer): InputLine {
    return isUtf8(bytes) ? this.line(bytes.toString('utf8')) : { position: ++this.lineCount, problem: 'is not valid UTF-8' };
  }

  private line(text: string): InputLine {
    const position = ++this.lineCount;
    return { position, text: position === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text };
  }

  private tooLong(bytes: number): InputLine {
    return { position: ++this.lineCount, problem: `has ${bytes} bytes, more than ${this.lineBytesMax}` };
  }
}
