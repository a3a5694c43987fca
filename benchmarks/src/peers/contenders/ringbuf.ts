/**
 * `ringbuf.js` (binary records) and `ringbuf.js-json`: the closest library, a single-producer single-consumer ring over shared
 * memory. The user's part is written as well as we know: hand-written records, one push per event, a wake-up only for a
 * sleeping consumer, a sleeping publisher when the ring is full.
 * Thread: main thread of the contender's process.
 */
import { RingBuffer } from 'ringbuf.js';
import { nowUs } from '../../measure/clock.ts';
import { type ReadFields, TABLE_MASK } from '../../workload/bench-events.ts';
import { BinaryWriter } from '../../workload/binary-layout.ts';
import type { ControlReport, ControlRequest } from '../../workload/consumer.ts';
import type { Workload } from '../../workload/workload.ts';
import type { Contender } from '../contender.ts';
import type { ControlMessage } from '../message-protocol.ts';
import {
  CONSUMER_ASLEEP,
  FLAG_BYTES,
  FRAME_BYTES,
  FRAME_BYTES_MAX,
  PUBLISHER_WAITS,
  RING_BYTES,
  type RingbufLink,
} from '../ringbuf-link.ts';
import { WorkerLink } from './worker-link.ts';

const CHUNK = 64;

/** Puts one event into the ring; false when it has no room. */
type Push = (item: unknown) => boolean;

export class RingbufContender implements Contender {
  readonly #format: RingbufLink['format'];
  readonly #flags = new Int32Array(new SharedArrayBuffer(FLAG_BYTES));
  #link: WorkerLink | undefined;
  #items: readonly unknown[] = [];
  #push: Push = () => false;

  constructor(format: RingbufLink['format']) {
    this.#format = format;
  }

  async start(workload: Workload): Promise<void> {
    this.#items = workload.items;
    const invoice = workload.scenario.events === 'invoice';
    const type = this.#format === 'binary' ? Float64Array : Uint8Array;
    const memory = RingBuffer.getStorageForCapacity(RING_BYTES / type.BYTES_PER_ELEMENT, type);
    const ring = new RingBuffer(memory, type);
    this.#push = this.#format === 'binary' ? binaryPush(ring, invoice) : jsonPush(ring);
    const data: RingbufLink = {
      format: this.#format,
      invoice,
      ring: memory,
      flags: this.#flags.buffer,
    };
    this.#link = new WorkerLink(new URL('../workers/ringbuf-worker.js', import.meta.url), undefined, data);
    await this.#link.ready();
  }

  async flowUntil(deadlineUs: number): Promise<number> {
    const items = this.#items;
    const push = this.#push;
    let published = 0;
    while (nowUs() < deadlineUs) {
      const end = published + CHUNK;
      while (published < end && push(items[published & TABLE_MASK])) {
        published++;
        this.#wakeConsumer();
      }
      if (published < end) await this.#room();
    }
    return published;
  }

  offer(index: number, fresh?: unknown): boolean {
    const taken = this.#push(fresh ?? this.#items[index & TABLE_MASK]);
    if (taken) this.#wakeConsumer();
    return taken;
  }

  flushOffers(): void {}

  control(request: ControlRequest): Promise<ControlReport> {
    const link = this.#link;
    if (link === undefined) return Promise.reject(new Error('ringbuf.js contender is not started'));
    const report = link.nextReport();
    link.worker.postMessage({ control: request } satisfies ControlMessage);
    this.#wakeConsumer();
    return report;
  }

  async stop(): Promise<void> {
    await this.#link?.stop();
  }

  #wakeConsumer(): void {
    if (Atomics.load(this.#flags, CONSUMER_ASLEEP) === 1 && Atomics.exchange(this.#flags, CONSUMER_ASLEEP, 0) === 1)
      Atomics.notify(this.#flags, CONSUMER_ASLEEP);
  }

  /** Sleeps until the consumer has drained half of the ring; it clears the flag then. */
  async #room(): Promise<void> {
    Atomics.store(this.#flags, PUBLISHER_WAITS, 1);
    const wait = Atomics.waitAsync(this.#flags, PUBLISHER_WAITS, 1);
    this.#wakeConsumer();
    if (wait.async) await wait.value;
  }
}

function binaryPush(ring: RingBuffer, invoice: boolean): Push {
  const writer = new BinaryWriter(invoice);
  const record = writer.doubles;
  // Capacity and every push are multiples of the record, so a push takes all of it or nothing.
  return (item) => {
    writer.write(item as ReadFields);
    return ring.push(record, record.length) === record.length;
  };
}

function jsonPush(ring: RingBuffer): Push {
  const frame = Buffer.alloc(FRAME_BYTES_MAX);
  return (item) => {
    const length = FRAME_BYTES + frame.write(JSON.stringify(item), FRAME_BYTES);
    if (ring.availableWrite() < length) return false;
    frame.writeInt32LE(length - FRAME_BYTES, 0);
    return ring.push(frame, length) === length;
  };
}
