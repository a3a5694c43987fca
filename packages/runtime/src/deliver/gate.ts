/**
 * What stands between deliveries and the handlers of a group: the permits of its bulkhead, its circuit breaker.
 * Thread: the consumer's. A delivery that finds a gate shut waits at it in the bay, in the place of its key, so that the order of a key is kept.
 */
import { Queue } from './queue-and-heap.ts';
import { PRIORITY_COUNT } from '@ringmain/core';

/** Begins a delivery that had to wait; it may find another gate shut, and wait there. */
export type Begin = () => void;

/** What becomes of a delivery that does not wait; one of the endings. */
export type Refusal = 'dropped' | { readonly reason: 'breaker-open'; readonly error: undefined };

/** A gate in one thread. */
export interface Gate {
  /** True when no handler may be called now. */
  readonly isShut: boolean;
  /** True when as many wait as may. */
  readonly isQueueFull: boolean;
  /** What becomes of a delivery that finds it shut; undefined when it waits. */
  refuse(attempt: number): Refusal | undefined;
  /** Has a delivery wait. */
  wait(begin: Begin, priority: number): void;
  /** The most urgent delivery that may begin now, the oldest of equally urgent ones. */
  next(): Begin | undefined;
}

/** Deliveries that wait at one gate, by priority. Bounded by the bay, and so by the credit of their groups. */
export class WaitingDeliveries {
  private readonly queues = Array.from({ length: PRIORITY_COUNT }, () => new Queue<Begin>());
  private count = 0;

  /** How many wait. */
  get size(): number {
    return this.count;
  }

  /** Adds one. */
  add(begin: Begin, priority: number): void {
    this.queues[priority]?.enqueue(begin);
    this.count++;
  }

  /** Takes the most urgent one, the oldest of equally urgent ones. */
  take(): Begin | undefined {
    if (this.count === 0) return undefined;
    this.count--;
    return this.queues.find(({ size }) => size > 0)?.dequeue();
  }
}
