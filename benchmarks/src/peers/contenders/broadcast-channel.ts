/**
 * `BroadcastChannel`: the platform's own publish/subscribe between threads, here with one subscribing worker.
 * Thread: main thread of the contender's process.
 */
import { BroadcastChannel } from 'node:worker_threads';
import { nowUs } from '../../measure/clock.ts';
import { TABLE_MASK } from '../../workload/bench-events.ts';
import type { ControlReport, ControlRequest } from '../../workload/consumer.ts';
import type { Workload } from '../../workload/workload.ts';
import type { Contender } from '../contender.ts';
import { InFlightWindow } from '../in-flight-window.ts';
import { CHANNEL_NAME, type ControlMessage } from '../message-protocol.ts';
import { WorkerLink } from './worker-link.ts';

const CHUNK = 64;

export default class BroadcastChannelContender implements Contender {
  readonly #window = new InFlightWindow();
  readonly #link = new WorkerLink(new URL('../workers/broadcast-worker.js', import.meta.url), this.#window);
  readonly #channel = new BroadcastChannel(CHANNEL_NAME);
  #items: readonly unknown[] = [];

  async start(workload: Workload): Promise<void> {
    this.#items = workload.items;
    await this.#link.ready();
  }

  async flowUntil(deadlineUs: number): Promise<number> {
    const channel = this.#channel;
    const items = this.#items;
    let published = 0;
    while (nowUs() < deadlineUs) {
      for (const end = published + CHUNK; published < end; published++) channel.postMessage(items[published & TABLE_MASK]);
      this.#window.sent(CHUNK);
      if (this.#window.full) await this.#window.room();
    }
    return published;
  }

  offer(index: number, fresh?: unknown): boolean {
    this.#channel.postMessage(fresh ?? this.#items[index & TABLE_MASK]);
    return true;
  }

  flushOffers(): void {}

  control(request: ControlRequest): Promise<ControlReport> {
    if (request.op === 'reset') this.#window.reset();
    const report = this.#link.nextReport();
    this.#channel.postMessage({ control: request } satisfies ControlMessage);
    return report;
  }

  stop(): Promise<void> {
    this.#channel.close();
    return this.#link.stop();
  }
}
