/**
 * What every contender implements. One contender runs alone in a process of its own, so its call sites stay monomorphic, its
 * garbage is its own, and process CPU and memory belong to it.
 * Thread: main thread of the contender's process.
 */
import type { ControlReport, ControlRequest } from '../workload/consumer.ts';
import type { ScenarioName } from '../workload/scenarios.ts';
import type { Workload } from '../workload/workload.ts';

/** A way to move events from the main thread to handlers. */
export interface Contender {
  /** Starts threads and resolves when they are ready to handle. */
  start(workload: Workload): Promise<void>;
  /**
   * Publishes the events 0, 1, 2 … of the table as fast as the transport takes them until the clock passes `deadlineUs`.
   * In-flight events stay bounded: by the transport's own backpressure, else by a window that the contender keeps.
   * @returns the number of events published; they need not have been handled yet.
   */
  flowUntil(deadlineUs: number): Promise<number>;
  /**
   * Publishes one event without waiting and without a window: event `index` of the table, or `fresh` when given.
   * @returns false when the transport refused it.
   */
  offer(index: number, fresh?: unknown): boolean;
  /** Called after a run of offers, for transports that collect events into batches. */
  flushOffers(): void;
  /** Has the consuming thread carry out a request after everything published before was handled. */
  control(request: ControlRequest): Promise<ControlReport>;
  stop(): Promise<void>;
}

/** How a contender is listed. */
export interface ContenderEntry {
  readonly name: string;
  readonly about: string;
  /** Scenarios it can take part in. */
  supports(scenario: ScenarioName): boolean;
  load(): Promise<Contender>;
}
