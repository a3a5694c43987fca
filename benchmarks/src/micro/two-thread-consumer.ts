/** Worker entry of the ring comparison: consumes one slice per message. Thread: worker. */
import { parentPort, workerData } from 'node:worker_threads';
import { plainConsume } from './plain-ring.ts';
import { openConsumer, rawConsume } from './raw-ring.ts';
import type { ConsumerData, RingName } from './two-thread-rings.ts';

const { plain, raw } = workerData as ConsumerData;
const ring = openConsumer(raw.control, raw.data);

parentPort?.on('message', (name: RingName) => {
  parentPort?.postMessage(name === 'plain' ? plainConsume(plain.control, plain.data) : rawConsume(ring, raw.control));
});
parentPort?.postMessage('ready');
