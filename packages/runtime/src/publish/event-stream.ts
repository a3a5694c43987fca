/**
 * A Web stream whose writes publish, one after another, each as soon as there is room.
 * Thread: the publisher's. Source: https://streams.spec.whatwg.org, WritableStream with one write in flight.
 *
 * Two signals end a write that waits: that of the stream's controller, which `writer.abort()` fires, and one given by the user. `pipeTo` does not abort
 * its target before the write in flight has ended, so its own signal alone would wait for room too.
 */
import type { WritableStreamDefaultController } from 'node:stream/web';
import { WritableStream } from 'node:stream/web';
import type { PublishOutcome } from '@ringmain/core';
import { abortedError } from './aborted-error.ts';
import { checkWritableOptions } from './check-options.ts';
import type { ReadyOptions, WritableOptions } from './options.ts';
import type { Publisher } from './publisher.ts';

/** What a stream publishes with. */
export interface EventSink<Data> {
  /** Publishes, or is refused for want of room; throws for what could never be accepted. */
  readonly publish: (data: Data) => PublishOutcome;
  /** Resolves when it is worth trying again; rejects when the signal aborts, or nothing is published any more. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
}

/** The type declarations of the platform lack the signal of the standard, which is there. */
type Controller = WritableStreamDefaultController & { readonly signal: AbortSignal };

/**
 * Opens a stream of events of one type.
 *
 * @param refuse - throws when nothing is published any more
 * @param ready - waits until it is worth trying again
 * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`
 */
export function writableOf<Data>(
  publisher: Publisher,
  type: string,
  options: WritableOptions,
  refuse: () => void,
  ready: (options: ReadyOptions) => Promise<void>,
): WritableStream<Data> {
  checkWritableOptions(options);
  const { signal: end, ...common } = options;
  const priority = options.priority === undefined ? {} : { priority: options.priority };
  const publish = (data: Data): PublishOutcome => {
    refuse();
    return publisher.emit(publisher.typeOf(type), data, common, 0, false);
  };
  return eventStream({ publish, ready: (signal) => ready({ ...priority, signal }) }, end);
}

/**
 * Opens a stream; a write errors it with what `publish` throws, or `RINGMAIN_ABORTED`.
 *
 * @param signal - ends the stream, and a write that waits
 */
function eventStream<Data>(sink: EventSink<Data>, signal?: AbortSignal): WritableStream<Data> {
  const ended = new AbortController();
  const end = (): void => ended.abort(signal?.reason);
  const forget = (): void => signal?.removeEventListener('abort', end);
  return new WritableStream<Data>({
    start: (controller) => {
      const own = (controller as Controller).signal;
      own.addEventListener('abort', () => ended.abort(own.reason), { once: true });
      if (signal?.aborted === true) end();
      else signal?.addEventListener('abort', end, { once: true });
    },
    write: async (data) => {
      try {
        if (ended.signal.aborted) throw abortedError(ended.signal);
        while (!sink.publish(data).accepted) await sink.ready(ended.signal);
      } catch (error) {
        forget();
        throw error;
      }
    },
    close: forget,
    abort: forget,
  });
}
