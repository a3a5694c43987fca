/**
 * Events from newline-delimited JSON, out of a file or standard input, in constant memory.
 */
import { createReadStream, fstatSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { RingmainError, describeError } from '@ringmain/core';
import { inputError, itemOfLine } from './input-item.ts';
import type { InputItem } from './input-item.ts';
import type { InputSource } from './input-source.ts';
import { LineSplitter } from './line-splitter.ts';
import type { InputLine } from './line-splitter.ts';

/** Longest line read. A record is bounded by 1 MiB; JSON that escapes every character of it takes six times as much. */
export const LINE_BYTES_MAX = 8 * 1024 * 1024;

/** Bytes read at a time: large enough to make calls rare, small enough that a batch does not hold up the event loop. */
const CHUNK_BYTES = 128 * 1024;

const STDIN = 0;

/** Reads events from a stream of lines. */
export class NdjsonSource implements InputSource {
  readonly name: string;
  readonly unit = 'line';
  readonly bytesTotal: number | undefined;
  bytesRead = 0;
  private readonly stream: Readable;
  private readonly lineBytesMax: number;

  constructor(
    name: string,
    stream: Readable,
    options: { readonly bytesTotal?: number | undefined; readonly lineBytesMax?: number } = {},
  ) {
    this.name = name;
    this.stream = stream;
    this.bytesTotal = options.bytesTotal;
    this.lineBytesMax = options.lineBytesMax ?? LINE_BYTES_MAX;
  }

  async *batches(stop: AbortSignal): AsyncGenerator<readonly InputItem[]> {
    const splitter = new LineSplitter(this.lineBytesMax);
    const end = (): void => void this.stream.destroy();
    stop.addEventListener('abort', end, { once: true });
    try {
      if (stop.aborted) return;
      for await (const chunk of this.stream as AsyncIterable<Buffer>) {
        this.bytesRead += chunk.length;
        yield itemsOf(splitter.push(chunk));
      }
      if (!stop.aborted) yield itemsOf(splitter.end());
    } catch (cause) {
      if (stop.aborted) return;
      const message = describeError(cause).message;
      throw new RingmainError('RINGMAIN_INPUT_INVALID', `${this.name} broke off after ${this.bytesRead} bytes: ${message}`, {
        cause,
      });
    } finally {
      stop.removeEventListener('abort', end);
    }
  }
}

/**
 * Opens a file, or standard input for `-`.
 *
 * @throws {@link RingmainError} `RINGMAIN_INPUT_INVALID` when the file cannot be opened
 */
export function openNdjson(path: string): NdjsonSource {
  if (path === '-') return new NdjsonSource('standard input', process.stdin, { bytesTotal: sizeOf(STDIN) });
  try {
    const descriptor = openSync(path, 'r');
    if (fstatSync(descriptor).isDirectory()) throw new Error('it is a folder');
    const stream = createReadStream(path, { fd: descriptor, highWaterMark: CHUNK_BYTES });
    return new NdjsonSource(path, stream, { bytesTotal: sizeOf(descriptor) });
  } catch (cause) {
    throw new RingmainError('RINGMAIN_INPUT_INVALID', `${path} cannot be read: ${(cause as Error).message}`, {
      allowed: 'a file of newline-delimited JSON, or - for standard input',
      cause,
    });
  }
}

/** The size of what a descriptor reads, when it is a file. */
function sizeOf(descriptor: number): number | undefined {
  try {
    const stat = fstatSync(descriptor);
    return stat.isFile() ? stat.size : undefined;
  } catch {
    return undefined;
  }
}

function itemsOf(lines: readonly InputLine[]): InputItem[] {
  const items: InputItem[] = [];
  for (const line of lines) {
    const item =
      'text' in line
        ? itemOfLine(line.position, line.text)
        : { position: line.position, error: inputError('line', line.position, line.problem) };
    if (item !== undefined) items.push(item);
  }
  return items;
}
