/**
 * Round trip of one cache line between two threads, the fact that moves every cross-thread figure: on virtual machines it
 * floats between about 50 and 500 ns with the placement of the virtual CPUs and can change within a second.
 * Thread: main, with {@link file://./ping-pong-echo.ts} on the other side.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Words of the shared page, 128 bytes apart so that only the intended line travels. */
export const PING_WORD = 0;
export const PONG_WORD = 32;
/** Value of the ping word that ends the echo thread. */
export const PING_STOP = -1;

const WARM_UP_TRIPS = 20_000;
const CHUNKS = 9;
const CHUNK_TRIPS = 20_000;
const CHUNK_LIMIT_MS = 300;

/** Measures the round trip in nanoseconds: the median of several short chunks. */
export async function pingPongRoundTripNs(): Promise<number> {
  const words = new Int32Array(new SharedArrayBuffer(512));
  const echo = new Worker(new URL('./ping-pong-echo.js', import.meta.url), { workerData: words });
  await once(echo, 'message');
  let ping = 0;
  const trips = (count: number): number => {
    const start = performance.now();
    const end = start + CHUNK_LIMIT_MS;
    let done = 0;
    for (; done < count; done++) {
      ping = (ping + 1) & 0x3fffffff;
      Atomics.store(words, PING_WORD, ping);
      while (Atomics.load(words, PONG_WORD) !== ping);
      // A foreign process on the second core turns nanoseconds into scheduler slices; the limit keeps that bounded.
      if ((done & 1023) === 1023 && performance.now() > end) break;
    }
    return ((performance.now() - start) * 1e6) / Math.max(1, done);
  };
  trips(WARM_UP_TRIPS);
  const chunks = Array.from({ length: CHUNKS }, () => trips(CHUNK_TRIPS)).sort((a, b) => a - b);
  Atomics.store(words, PING_WORD, PING_STOP);
  await once(echo, 'exit');
  return Math.round(chunks[CHUNKS >> 1] ?? Number.NaN);
}
