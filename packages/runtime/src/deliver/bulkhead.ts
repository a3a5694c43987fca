/**
 * A bulkhead in one thread: so many handlers of its groups may be under way at a time; further deliveries wait in the bay for one of them to end.
 *
 * Thread: the consumer's. A permit is held by an attempt that outlives its turn, from its handler's return to its end; a handler that returns no
 * promise runs by itself anyway, and one that waits for its next attempt does nothing. An attempt that is given up gives its permit back, though
 * what is left of it may go on: only the end of a thread ends it for certain.
 * Invariant: nothing waits while a permit is free. What waits is bounded by the bay, and so by the credit of its groups.
 */
import { Queue } from 'mnemonist';
import { PRIORITY_COUNT } from '@ringmain/core';
import type { BulkheadOptions } from '../bulkhead-options.ts';

/** Begins a delivery that had to wait. */
export type Begin = () => void;

/** Permits of the groups of one bulkhead. */
export class Bulkhead {
  private limit: number;
  private queueMax: number;
  private running = 0;
  /** By priority. */
  private readonly queues = Array.from({ length: PRIORITY_COUNT }, () => new Queue<Begin>());
  private waitingCount = 0;

  constructor(options: BulkheadOptions) {
    this.limit = options.concurrency ?? Infinity;
    this.queueMax = options.queue ?? Infinity;
  }

  /** Takes other bounds from now on; what runs already goes on. */
  configure({ concurrency = Infinity, queue = Infinity }: BulkheadOptions): void {
    this.limit = concurrency;
    this.queueMax = queue;
  }

  /** True when a delivery has to wait. */
  get isFull(): boolean {
    return this.running >= this.limit;
  }

  /** True when as many wait as may. */
  get isQueueFull(): boolean {
    return this.waitingCount >= this.queueMax;
  }

  /** Has a delivery wait for a permit. */
  wait(begin: Begin, priority: number): void {
    this.queues[priority]?.enqueue(begin);
    this.waitingCount++;
  }

  /** Takes a permit: also where none is left, for an attempt that is under way already. */
  enter(): void {
    this.running++;
  }

  /** Gives a permit back. */
  leave(): void {
    this.running--;
  }

  /** The most urgent delivery that may begin now, the oldest of equally urgent ones. */
  next(): Begin | undefined {
    if (this.waitingCount === 0 || this.isFull) return undefined;
    this.waitingCount--;
    return this.queues.find(({ size }) => size > 0)?.dequeue();
  }
}
