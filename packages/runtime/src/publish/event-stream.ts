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
 * Opens a stream; a write errors it with what `publish` throws, or `RINGMAIN_ABORTED`.
 *
 * @param signal - ends the stream, and a write that waits
 */
export function eventStream<Data>(sink: EventSink<Data>, signal?: AbortSignal): WritableStream<Data> {
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
