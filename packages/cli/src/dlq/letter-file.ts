/**
 * A file of dead letters, one a line: read in constant memory, and appended to. `LetterSnapshot` writes it anew.
 * Thread: main.
 */
import { appendFileSync, createReadStream } from 'node:fs';
import { RingmainError, describeError } from '@ringmain/core';
import type { LetterLine } from 'ringmain';
import { parseLetterLine } from 'ringmain';
import { LineSplitter } from '../input/line-splitter.ts';

/** Longest line: a record of 1 MiB as base64, beside its payload as JSON. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;
const CHUNK_BYTES = 128 * 1024;
/** Text that is kept back to be written together. */
const PENDING_CHARS_MAX = 256 * 1024;

/** One line: a letter, or why it is none. */
export interface FileLine {
  readonly text: string;
  readonly position: number;
  readonly letter: LetterLine | undefined;
  readonly problem: string | undefined;
}

/**
 * Reads a file; lines that are no letters are said to be so.
 *
 * @param part - the file as it is open already, and how much of it is read
 * @throws {@link RingmainError} `RINGMAIN_INPUT_INVALID` when the file cannot be read, or has a line that is too long to be kept
 */
export async function* readLetterFile(
  path: string,
  part?: { readonly file: number; readonly bytes: number },
): AsyncGenerator<FileLine> {
  if (part?.bytes === 0) return;
  const open = part === undefined ? {} : { fd: part.file, autoClose: false, start: 0, end: part.bytes - 1 };
  const splitter = new LineSplitter(LINE_BYTES_MAX);
  try {
    for await (const chunk of createReadStream(path, { ...open, highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>)
      for (const line of splitter.push(chunk)) yield* parsed(line);
    for (const line of splitter.end()) yield* parsed(line);
  } catch (cause) {
    throw new RingmainError('RINGMAIN_INPUT_INVALID', `${path} cannot be read: ${describeError(cause).message}`, {
      allowed: 'a file of dead letters, one a line',
      cause,
    });
  }
}

function* parsed(line: ReturnType<LineSplitter['push']>[number]): Generator<FileLine> {
  if ('problem' in line) throw new Error(`line ${line.position}: ${line.problem}`);
  const { text, position } = line;
  if (text.trim() === '') return;
  try {
    yield { text, position, letter: parseLetterLine(text), problem: undefined };
  } catch (error) {
    yield { text, position, letter: undefined, problem: describeError(error).message };
  }
}

/** Writes lines to the end of a file. */
export class LetterWriter {
  /** What went wrong first; nothing is written from then on. */
  failure: Error | undefined;
  /** Lines added. */
  count = 0;

  private readonly path: string;
  private pending: string[] = [];
  private chars = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Adds a line. Never throws: it is called where letters make room for others. */
  add(line: string | LetterLine): void {
    const text = typeof line === 'string' ? line : JSON.stringify(line);
    this.count++;
    this.pending.push(`${text}\n`);
    this.chars += text.length;
    if (this.chars > PENDING_CHARS_MAX) this.flush();
  }

  /** Writes what is kept back. */
  flush(): void {
    const text = this.pending.join('');
    this.pending = [];
    this.chars = 0;
    if (text === '' || this.failure !== undefined) return;
    try {
      appendFileSync(this.path, text);
    } catch (error) {
      this.failure = error as Error;
    }
  }
}
