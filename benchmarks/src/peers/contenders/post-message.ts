/**
 * `postMessage`: one message per event to one worker, the usual first attempt, and the baseline of all ratios.
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

const CHUNK = 64;

export default class PostMessageContender implements Contender {
  readonly #window = new InFlightWindow();
  readonly #link = new WorkerLink(new URL('../workers/message-worker.js', import.meta.url), this.#window);
  #items: readonly unknown[] = [];

  async start(workload: Workload): Promise<void> {
    this.#items = workload.items;
    await this.#link.ready();
  }

  async flowUntil(deadlineUs: number): Promise<number> {
    const { worker } = this.#link;
    const items = this.#items;
    let published = 0;
    while (nowUs() < deadlineUs) {
      for (const end = published + CHUNK; published < end; published++) worker.postMessage(items[published & TABLE_MASK]);
      this.#window.sent(CHUNK);
      if (this.#window.full) await this.#window.room();
    }
    return published;
  }

  offer(index: number, fresh?: unknown): boolean {
    this.#link.worker.postMessage(fresh ?? this.#items[index & TABLE_MASK]);
    return true;
  }

  flushOffers(): void {}

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
