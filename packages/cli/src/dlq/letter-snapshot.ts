/**
 * A file of dead letters as it stands at one moment, and the way to put another in its place without losing what was written to it since.
 * Thread: main. `ringmain run --dead-letters` may append to the file meanwhile: it opens the file anew for whatever it writes.
 *
 * 1. Only what stood in the file when it was opened is read, however often, and whatever takes its name.
 * 2. The new file is written beside the old one. What was appended to the old one since, or all of what stands in its place, is copied behind it.
 * 3. It takes the old one's mode, then its name, in one step: a process that dies on the way leaves the letters as they were.
 * 4. What was still written to the old one by someone who had opened it before is copied too.
 */
import type { Stats } from 'node:fs';
import { appendFileSync, chmodSync, closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { RingmainError, describeError } from '@ringmain/core';
import { parseLetterLine } from 'ringmain';
import type { FileLine } from './letter-file.ts';
import { LetterWriter, readLetterFile } from './letter-file.ts';

const CHUNK_BYTES = 128 * 1024;
const LINE_FEED = 0x0a;
const MODE_BITS = 0o7777;
/** Nobody else reads what is not in its place yet. */
const MODE_BESIDE = 0o600;

/** One version of a file. */
export class LetterSnapshot {
  private readonly path: string;
  private readonly file: number;
  private readonly stats: Stats;
  /** Bytes of its whole lines. */
  private readonly whole: number;

  /** @throws {@link RingmainError} `RINGMAIN_INPUT_INVALID` when it cannot be read, or is no file */
  constructor(path: string) {
    this.path = path;
    try {
      this.file = openSync(path, 'r');
    } catch (cause) {
      throw unreadable(path, describeError(cause).message, cause);
    }
    this.stats = fstatSync(this.file);
    if (!this.stats.isFile()) {
      this.close();
      throw unreadable(path, 'it is no regular file');
    }
    this.whole = this.wholeLines();
  }

  /** Reads its lines, as `readLetterFile` does; without a last one that is not whole. */
  lines(): AsyncGenerator<FileLine> {
    return readLetterFile(this.path, { file: this.file, bytes: this.whole });
  }

  /**
   * Puts another file in its place.
   *
   * @param write - gives the lines of the new file; when it throws, the file stays as it is
   */
  async replace<T>(write: (writer: LetterWriter) => Promise<T>): Promise<T> {
    const beside = `${this.path}.${process.pid}.tmp`;
    try {
      writeFileSync(beside, '', { mode: MODE_BESIDE });
      const writer = new LetterWriter(beside);
      const result = await write(writer);
      writer.flush();
      if (writer.failure !== undefined) throw writer.failure;
      this.swap(beside);
      return result;
    } finally {
      rmSync(beside, { force: true });
    }
  }

  /** Ends its use. */
  close(): void {
    closeSync(this.file);
  }

  private swap(beside: string): void {
    const current = openIfThere(this.path);
    try {
      const copied = current === undefined ? 0 : copyEnd(current, this.newFrom(fstatSync(current)), beside);
      // Whoever began the last line will not end it any more; what comes next is a line of its own.
      if (copied === this.stats.size && copied > this.whole) appendFileSync(beside, '\n');
      chmodSync(beside, this.stats.mode & MODE_BITS);
      renameSync(beside, this.path);
      if (current !== undefined) copyEnd(current, copied, this.path);
    } finally {
      if (current !== undefined) closeSync(current);
    }
  }

  /** Where that begins in the file of this name that was not read. */
  private newFrom({ dev, ino, size }: Stats): number {
    const isSame = dev === this.stats.dev && ino === this.stats.ino;
    // Another file, or one that was emptied and written to again.
    return !isSame || size < this.stats.size ? 0 : this.whole;
  }

  /** Where its whole lines end: the last one may be on its way, and is copied from its beginning together with its end. */
  private wholeLines(): number {
    const { size } = this.stats;
    let line = Buffer.alloc(0);
    for (let start = size; start > 0;) {
      const from = Math.max(0, start - CHUNK_BYTES);
      const chunk = Buffer.alloc(start - from);
      readSync(this.file, chunk, 0, chunk.length, from);
      const lineFeed = chunk.lastIndexOf(LINE_FEED);
      line = Buffer.concat([chunk.subarray(lineFeed + 1), line]);
      start = lineFeed === -1 ? from : 0;
    }
    return isLetter(line.toString('utf8')) ? size : size - line.length;
  }
}

function isLetter(text: string): boolean {
  try {
    parseLetterLine(text);
    return true;
  } catch {
    return false;
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Appends what stands in a file from a position on; returns the position of its end. */
function copyEnd(file: number, from: number, to: string): number {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let at = from;
  for (let bytes = readSync(file, chunk, 0, CHUNK_BYTES, at); bytes > 0; bytes = readSync(file, chunk, 0, CHUNK_BYTES, at)) {
    appendFileSync(to, chunk.subarray(0, bytes));
    at += bytes;
  }
  return at;
}

function unreadable(path: string, why: string, cause?: unknown): RingmainError {
  return new RingmainError('RINGMAIN_INPUT_INVALID', `${path} cannot be read: ${why}`, {
    allowed: 'a file of dead letters, one a line',
    cause,
  });
}
