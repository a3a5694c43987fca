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

/**
 * Relays a stream of a worker to a descriptor.
 *
 * @param bytesPerSecondMax - says how many bytes per second are passed on, as of now
 * @param onDropped - told at most once a second how many bytes were dropped since
 */
export function relayOutput(
  stream: Readable,
  descriptor: number,
  bytesPerSecondMax: () => number,
  onDropped: (bytes: number) => void,
): OutputRelay {
  const relay = { droppedBytes: 0 };
  let passed = 0;
  let pending = 0;
  let told = 0;
  const tell = (): void => {
    if (relay.droppedBytes === told) return;
    onDropped(relay.droppedBytes - told);
    told = relay.droppedBytes;
  };
  const refill = setInterval(() => {
    passed = 0;
    tell();
  }, 1000);
  refill.unref();
  stream.on('data', (chunk: Buffer) => {
    const max = bytesPerSecondMax();
    if (passed + chunk.length > max || pending > max) {
      relay.droppedBytes += chunk.length;
      return;
    }
    passed += chunk.length;
    pending += chunk.length;
    write(descriptor, chunk, (error, written) => {
      pending -= chunk.length;
      // A pipe whose reader is slow takes a part, or nothing.
      relay.droppedBytes += chunk.length - (error === null ? written : 0);
    });
  });
  stream.on('close', () => {
    clearInterval(refill);
    tell();
  });
  return relay;
}
