/**
 * Events from a module of the user: its default export is an iterable (asynchronous or not) of `{ type, data, … }`, or a function
 * that returns one.
 */
import { RingmainError, describeError, errorText } from '@ringmain/core';
import { itemOfValue } from './input-item.ts';
import type { InputItem } from './input-item.ts';
import type { InputSource } from './input-source.ts';
import { nextUnlessStopped } from './unless-stopped.ts';

/** Entries of a synchronous iterable taken at a time, so that the event loop gets its turn. */
const BATCH_ENTRIES = 256;

/** Reads events from an iterable. */
export class ModuleSource implements InputSource {
  readonly name: string;
  readonly unit = 'entry';
  readonly bytesTotal = undefined;
  readonly bytesRead = 0;
  private readonly entries: AsyncIterable<unknown> | Iterable<unknown>;

  constructor(name: string, entries: AsyncIterable<unknown> | Iterable<unknown>) {
    this.name = name;
    this.entries = entries;
  }

  async *batches(stop: AbortSignal): AsyncGenerator<readonly InputItem[]> {
    let position = 0;
    try {
      if (isIterable(this.entries)) {
        for (const values of chunksOf(this.entries)) {
          if (stop.aborted) return;
          yield values.map((value) => itemOfValue('entry', ++position, value));
        }
        return;
      }
      const iterator = this.entries[Symbol.asyncIterator]();
      for (;;) {
        const result = await nextUnlessStopped(iterator, stop);
        if (result === undefined || result.done === true) return;
        yield [itemOfValue('entry', ++position, result.value)];
      }
    } catch (cause) {
      const message = describeError(cause).message;
      throw new RingmainError('RINGMAIN_INPUT_INVALID', `${this.name} broke off after ${position} entries: ${message}`, {
        cause,
      });
    }
  }
}

/**
 * Makes a source from what a module exports.
 *
 * @param stop - passed to the function, so that it can end what it waits for
 * @throws {@link RingmainError} `RINGMAIN_INPUT_INVALID` when the default export is nothing to iterate over
 */
export async function openModule(
  name: string,
  exported: Readonly<Record<string, unknown>>,
  stop: AbortSignal,
): Promise<ModuleSource> {
  const entry = exported['default'];
  let entries: unknown;
  try {
    entries =
      typeof entry === 'function' ? await (entry as (context: { signal: AbortSignal }) => unknown)({ signal: stop }) : entry;
  } catch (cause) {
    throw new RingmainError('RINGMAIN_INPUT_INVALID', `the function of ${name} failed: ${errorText(cause)}`, { cause });
  }
  if (isIterable(entries) || isAsyncIterable(entries)) return new ModuleSource(name, entries);
  throw new RingmainError('RINGMAIN_INPUT_INVALID', `${name} exports no events by default`, {
    allowed: 'a default export that is an iterable or async iterable of { type, data }, or a function that returns one',
  });
}

function* chunksOf(entries: Iterable<unknown>): Generator<unknown[]> {
  let chunk: unknown[] = [];
  for (const entry of entries) {
    chunk.push(entry);
    if (chunk.length < BATCH_ENTRIES) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function'
  );
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === 'function'
  );
}
