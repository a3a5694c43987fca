/**
 * Passes on what a shard prints, at most so many bytes per second, straight to the descriptor: a handler that prints in a loop fills
 * nobody's memory, and a blocked main thread holds nothing up.
 * Thread: the coordinator.
 */
import { write } from 'node:fs';
import type { Readable } from 'node:stream';

/** Bytes dropped so far by a relay. */
export interface OutputRelay {
  readonly droppedBytes: number;
}

/** Relays a stream of a worker to a descriptor. */
export function relayOutput(stream: Readable, descriptor: 1 | 2, bytesPerSecondMax: number): OutputRelay {
  const relay = { droppedBytes: 0 };
  let allowance = bytesPerSecondMax;
  let pending = 0;
  const refill = setInterval(() => {
    allowance = bytesPerSecondMax;
  }, 1000);
  refill.unref();
  stream.on('data', (chunk: Buffer) => {
    if (chunk.length > allowance || pending > bytesPerSecondMax) {
      relay.droppedBytes += chunk.length;
      return;
    }
    allowance -= chunk.length;
    pending += chunk.length;
    write(descriptor, chunk, () => {
      pending -= chunk.length;
    });
  });
  stream.on('close', () => clearInterval(refill));
  return relay;
}
