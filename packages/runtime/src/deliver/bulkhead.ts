/**
 * A bulkhead in one thread: so many handlers of its groups may be under way at a time; further deliveries wait in the bay for one of them to end.
 *
 * Thread: the consumer's. A permit is held by an attempt that outlives its turn, from its handler's return to its end; a handler that returns no
 * promise runs by itself anyway, and one that waits for its next attempt does nothing. An attempt that is given up gives its permit back, though
 * what is left of it may go on: only the end of a thread ends it for certain.
 * Invariant: nothing waits while a permit is free. What waits is bounded by the bay, and so by the credit of its groups.
 */
import type { BulkheadOptions } from '../bulkhead-options.ts';
import type { Gate, Waiter } from './gate.ts';
import { WaitingDeliveries } from './gate.ts';

/** Permits of the groups of one bulkhead. */
export class Bulkhead implements Gate {
  private limit: number;
  private queueMax: number;
  private running = 0;
  private readonly waiting = new WaitingDeliveries();

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
  get isShut(): boolean {
    return this.running >= this.limit;
  }

  /** True when as many wait as may. */
  get isQueueFull(): boolean {
    return this.waiting.size >= this.queueMax;
  }

  /** Has every delivery wait. */
  refuse(): undefined {
    return undefined;
  }

  /** Has a delivery wait for a permit, or a batch. */
  wait(waiter: Waiter): void {
    this.waiting.add(waiter);
  }

  /** Lets one go that waits no longer. */
  forget(waiter: Waiter): void {
    this.waiting.remove(waiter);
  }

  /** Takes a permit: also where none is left, for an attempt that is under way already. */
  enter(): void {
    this.running++;
  }

  /** Gives a permit back. */
  leave(): void {
    this.running--;
  }

  /** Who may begin now: of the most urgent, the oldest of the group whose turn it is. */
  next(): Waiter | undefined {
    return this.isShut ? undefined : this.waiting.take();
  }
}
