/** Worker entry: answers every ping with the same number until it is told to stop. Thread: worker, spins on purpose. */
import { parentPort, workerData } from 'node:worker_threads';
import { PING_STOP, PING_WORD, PONG_WORD } from './ping-pong.ts';

const words = workerData as Int32Array;
parentPort?.postMessage('ready');
for (let seen = 0; seen !== PING_STOP;) {
  const ping = Atomics.load(words, PING_WORD);
  if (ping !== seen) {
    seen = ping;
    Atomics.store(words, PONG_WORD, ping);
  }
}
