/**
 * Worker entry of the `ringbuf.js` contenders. Drains the ring in blocks, looks again a bounded number of times with a pause
 * that touches no shared memory (which triples its throughput against parking at once), then sleeps in `Atomics.wait`.
 * Thread: worker; its event loop never turns, control messages are taken from the port between drains.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { RingBuffer } from 'ringbuf.js';
import { INVOICE_DOUBLES, ORDER_DOUBLES, BinaryReader } from '../../workload/binary-layout.ts';
import { control, handle, handleItem } from '../../workload/consumer.ts';
import type { WorkerMessage } from '../message-protocol.ts';
import { CONSUMER_ASLEEP, FRAME_BYTES, PUBLISHER_WAITS, RING_BYTES, type RingbufLink } from '../ringbuf-link.ts';

const LOOKS_BEFORE_SLEEP = 20;
const PAUSE_STEPS = 700;
const BLOCK_BYTES = 1 << 16;

const port = parentPort as MessagePort;
const link = workerData as RingbufLink;
const flags = new Int32Array(link.flags);
const ring = new RingBuffer(link.ring, link.format === 'binary' ? Float64Array : Uint8Array);
const halfFree = RING_BYTES / (link.format === 'binary' ? 8 : 1) / 2;
const drain = link.format === 'binary' ? binaryDrain(link.invoice ? INVOICE_DOUBLES : ORDER_DOUBLES) : jsonDrain();
let pauseSink = 0;

post({ kind: 'ready' });
for (let looks = 0; ;) {
  if (drain()) {
    looks = 0;
    wakePublisher();
  } else if (answerControl()) {
    looks = 0;
  } else if (++looks <= LOOKS_BEFORE_SLEEP) {
    pause();
  } else {
    looks = 0;
    sleep();
  }
}

function binaryDrain(recordDoubles: number): () => boolean {
  const block = new Float64Array(BLOCK_BYTES / 8);
  const reader = new BinaryReader(block);
  return () => {
    const taken = ring.pop(block, block.length);
    for (let at = 0; at < taken; at += recordDoubles) handle(reader.moveTo(at));
    return taken > 0;
  };
}

/** Frames may be cut at the end of a block; what is left of one is moved to the front. */
function jsonDrain(): () => boolean {
  const block = Buffer.alloc(BLOCK_BYTES);
  let kept = 0;
  return () => {
    const taken = ring.pop(block, block.length - kept, kept);
    if (taken === 0) return false;
    const end = kept + taken;
    let at = 0;
    while (end - at >= FRAME_BYTES) {
      const next = at + FRAME_BYTES + block.readInt32LE(at);
      if (next > end) break;
      handleItem(JSON.parse(block.toString('utf8', at + FRAME_BYTES, next)));
      at = next;
    }
    block.copyWithin(0, at, end);
    kept = end - at;
    return true;
  };
}

/** Everything pushed before the message is in the ring by now, so one more drain to the end keeps the order. */
function answerControl(): boolean {
  const received = receiveMessageOnPort(port);
  if (received === undefined) return false;
  while (drain()) wakePublisher();
  post({ kind: 'report', report: control(received.message.control) });
  return true;
}

function wakePublisher(): void {
  if (Atomics.load(flags, PUBLISHER_WAITS) === 0 || ring.availableRead() > halfFree) return;
  Atomics.store(flags, PUBLISHER_WAITS, 0);
  Atomics.notify(flags, PUBLISHER_WAITS);
}

function pause(): void {
  for (let step = 0; step < PAUSE_STEPS; step++) pauseSink = (pauseSink + step) | 0;
}

function sleep(): void {
  Atomics.store(flags, CONSUMER_ASLEEP, 1);
  if (!ring.empty()) {
    Atomics.store(flags, CONSUMER_ASLEEP, 0);
    return;
  }
  // The publisher may have seen a full ring that is empty by now and be asleep itself.
  wakePublisher();
  if (answerControl()) {
    Atomics.store(flags, CONSUMER_ASLEEP, 0);
    return;
  }
  Atomics.wait(flags, CONSUMER_ASLEEP, 1);
}

function post(message: WorkerMessage): void {
  port.postMessage(message);
}
