/**
 * A Web stream whose writes publish, one after another, each as soon as there is room.
 * Thread: the publisher's. Source: https://streams.spec.whatwg.org, WritableStream with one write in flight.
 */
import type { WritableStreamDefaultController } from 'node:stream/web';
import { WritableStream } from 'node:stream/web';
import type { PublishOutcome } from '@ringmain/core';

/** What a stream publishes with. */
export interface EventSink<Data> {
  /** Publishes, or is refused for want of room; throws for what could never be accepted. */
  readonly publish: (data: Data) => PublishOutcome;
  /** Resolves when it is worth trying again. */
  readonly ready: () => Promise<void>;
}

/** The type declarations of the platform lack the signal of the standard, which is there. */
type Controller = WritableStreamDefaultController & { readonly signal: AbortSignal };

/** Opens a stream; a write errors it with what `publish` throws. */
export function eventStream<Data>(sink: EventSink<Data>): WritableStream<Data> {
  return new WritableStream<Data>({
    write: async (data, controller) => {
      const { signal } = controller as Controller;
      while (!signal.aborted && !sink.publish(data).accepted) await sink.ready();
    },
  });
}
