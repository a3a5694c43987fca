/**
 * The main-thread end of a worker that speaks the message protocol: readiness, window acknowledgements and reports.
 * Thread: main thread of the contender's process.
 */
import { Worker } from 'node:worker_threads';
import type { ControlReport } from '../../workload/consumer.ts';
import type { InFlightWindow } from '../in-flight-window.ts';
import type { WorkerMessage } from '../message-protocol.ts';

export class WorkerLink {
  readonly worker: Worker;
  readonly #ready: Promise<void>;
  #report: ((report: ControlReport) => void) | undefined;

  constructor(entry: URL, window?: InFlightWindow, workerData?: unknown) {
    this.worker = new Worker(entry, { workerData });
    this.#ready = new Promise((resolve, reject) => {
      this.worker.once('error', reject);
      this.worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'ack') window?.acknowledge(message.handled);
        else if (message.kind === 'report') this.#report?.(message.report);
        else resolve();
      });
    });
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  /** Resolves with the next report. Register before the request is sent. */
  nextReport(): Promise<ControlReport> {
    return new Promise((resolve) => {
      this.#report = resolve;
    });
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}
