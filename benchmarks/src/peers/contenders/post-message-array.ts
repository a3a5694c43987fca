/**
 * `postMessage-array100`: the ten-line improvement on `postMessage` that every user can write, and the real rival.
 * Thread: main thread of the contender's process.
 */
import { nowUs } from '../../measure/clock.ts';
import { TABLE_MASK } from '../../workload/bench-events.ts';
import type { ControlReport, ControlRequest } from '../../workload/consumer.ts';
import type { Workload } from '../../workload/workload.ts';
import type { Contender } from '../contender.ts';
import { InFlightWindow } from '../in-flight-window.ts';
import type { ControlMessage } from '../message-protocol.ts';
import { WorkerLink } from './worker-link.ts';

const ARRAY_EVENTS = 100;

export default class PostMessageArrayContender implements Contender {
  readonly #window = new InFlightWindow();
  readonly #link = new WorkerLink(new URL('../workers/message-worker.js', import.meta.url), this.#window);
  #items: readonly unknown[] = [];
  #offers: unknown[] = [];

  async start(workload: Workload): Promise<void> {
    this.#items = workload.items;
    await this.#link.ready();
  }

  async flowUntil(deadlineUs: number): Promise<number> {
    const { worker } = this.#link;
    const items = this.#items;
    let published = 0;
    while (nowUs() < deadlineUs) {
      const batch: unknown[] = [];
      for (const end = published + ARRAY_EVENTS; published < end; published++) batch.push(items[published & TABLE_MASK]);
      worker.postMessage(batch);
      this.#window.sent(ARRAY_EVENTS);
      if (this.#window.full) await this.#window.room();
    }
    return published;
  }

  offer(index: number, fresh?: unknown): boolean {
    this.#offers.push(fresh ?? this.#items[index & TABLE_MASK]);
    if (this.#offers.length === ARRAY_EVENTS) this.flushOffers();
    return true;
  }

  /** A burst ends here: events must not wait for the array to fill. */
  flushOffers(): void {
    if (this.#offers.length === 0) return;
    this.#link.worker.postMessage(this.#offers);
    this.#offers = [];
  }

  control(request: ControlRequest): Promise<ControlReport> {
    if (request.op === 'reset') this.#window.reset();
    const report = this.#link.nextReport();
    this.#link.worker.postMessage({ control: request } satisfies ControlMessage);
    return report;
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }
}
