/**
 * What stands between deliveries and the handlers of a group: the permits of its bulkhead, its circuit breaker.
 * Thread: the consumer's. A delivery that finds a gate shut waits at it in the bay, in the place of its key, so that the order of a key is kept.
 */
import { PRIORITY_COUNT } from '@ringmain/core';

/** A delivery that waits, or a batch. It may find another gate shut once it begins, and wait there. */
export interface Waiter {
  /** Name of its group: the groups that wait at one gate take turns. */
  readonly group: string;
  readonly priority: number;
  readonly begin: () => void;
}

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
  /** Has somebody wait. */
  wait(waiter: Waiter): void;
  /** Lets somebody go who waits no longer: another gate was quicker. */
  forget(waiter: Waiter): void;
  /** Who may begin now: of the most urgent, the oldest of the group whose turn it is. */
  next(): Waiter | undefined;
}

/** Those who wait at one gate, by priority and group. Bounded by the bay, and so by the credit of their groups. */
export class WaitingDeliveries {
  /** The first group of each is the one whose turn it is, unless it had the last. */
  private readonly queues = Array.from({ length: PRIORITY_COUNT }, () => new Map<string, Set<Waiter>>());
  private count = 0;
  private last: string | undefined;

  /** How many wait. */
  get size(): number {
    return this.count;
  }

  /** Adds one. */
  add(waiter: Waiter): void {
    const groups = this.queues[waiter.priority] as Map<string, Set<Waiter>>;
    const waiters = groups.get(waiter.group);
    if (waiters === undefined) groups.set(waiter.group, new Set([waiter]));
    else waiters.add(waiter);
    this.count++;
  }

  /** Takes one out, wherever it stands; does nothing if it does not wait. */
  remove(waiter: Waiter): void {
    const groups = this.queues[waiter.priority] as Map<string, Set<Waiter>>;
    const waiters = groups.get(waiter.group);
    if (waiters?.delete(waiter) !== true) return;
    this.count--;
    if (waiters.size === 0) groups.delete(waiter.group);
  }

  /** Takes the most urgent one; groups of equally urgent ones take turns, and of one group the oldest goes first. */
  take(): Waiter | undefined {
    if (this.count === 0) return undefined;
    for (const groups of this.queues) {
      const [first, second] = groups.keys();
      // It had its turn just now; one that waits again only after its turn is no worse off than one that always waits.
      const group = first === this.last && second !== undefined ? second : first;
      const waiters = group === undefined ? undefined : groups.get(group);
      if (group === undefined || waiters === undefined) continue;
      const [waiter] = waiters;
      groups.delete(group);
      if (waiters.size > 1) groups.set(group, waiters);
      this.last = group;
      if (waiter === undefined) continue;
      waiters.delete(waiter);
      this.count--;
      return waiter;
    }
    return undefined;
  }
}
