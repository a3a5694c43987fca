/**
 * Deliveries of one group that wait for one another because they share a key: so many of a key may run at a time, the others wait in order.
 *
 * Thread: the consumer's. A key has a chain exactly while a delivery of it is in the bay and has a place: because it runs, waits for a permit of its
 * bulkhead, or holds the key back while it waits for its next attempt.
 * Invariant: nothing waits in a chain that has a place left; a slot stands in at most one. Bounded by the bay's slots.
 */
import type { Slot } from '@ringmain/ring';
import { Queue } from './queue-and-heap.ts';

interface Chain {
  /** Slots that have a place; at most as many as the chains are wide. */
  readonly places: Slot[];
  readonly waiting: Queue<Slot>;
}

/** Chains of one group, by key hash. */
export class KeyChains {
  private readonly chains = new Map<number, Chain>();
  private readonly width: number;
  private readonly waitingMax: number;

  /**
   * @param width - places of a key; Infinity when no delivery waits for another
   * @param waitingMax - deliveries of a key that are meant to wait; see `excess`
   */
  constructor(width = 1, waitingMax = Infinity) {
    this.width = width;
    this.waitingMax = waitingMax;
  }

  /** Keys that have a chain. */
  get size(): number {
    return this.chains.size;
  }

  /** True while a delivery of a key would have to wait. */
  isFull(hash: number): boolean {
    const chain = this.chains.get(hash);
    return chain !== undefined && chain.places.length >= this.width;
  }

  /** True while a delivery of a key waits for a place. */
  hasWaiting(hash: number): boolean {
    return (this.chains.get(hash)?.waiting.size ?? 0) > 0;
  }

  /** True when a slot may run beside a batch with events of its key: it has a place, or there is one for it and one for the batch. */
  hasRoomBeside(hash: number, slot: Slot): boolean {
    const places = this.chains.get(hash)?.places ?? [];
    return places.includes(slot) || places.length + 1 < this.width;
  }

  /**
   * Takes a place for a slot, unless it has one; if none is left, the slot waits behind the others.
   *
   * @returns true when it has a place
   */
  join(hash: number, slot: Slot): boolean {
    if (this.width === Infinity) return true;
    const chain = this.chains.get(hash);
    if (chain === undefined) {
      this.chains.set(hash, { places: [slot], waiting: new Queue() });
      return true;
    }
    if (chain.places.includes(slot)) return true;
    if (chain.places.length < this.width) {
      chain.places.push(slot);
      return true;
    }
    chain.waiting.enqueue(slot);
    return false;
  }

  /** Takes out the oldest of those that wait, if more of them do than are meant to. */
  excess(hash: number): Slot | undefined {
    const waiting = this.chains.get(hash)?.waiting;
    return waiting !== undefined && waiting.size > this.waitingMax ? waiting.dequeue() : undefined;
  }

  /**
   * Gives a slot's place up, if it has one.
   *
   * @returns the slot that waited for it and has it now
   */
  leave(hash: number, slot: Slot): Slot | undefined {
    const chain = this.chains.get(hash);
    const index = chain?.places.indexOf(slot) ?? -1;
    if (chain === undefined || index < 0) return undefined;
    chain.places.splice(index, 1);
    const next = chain.waiting.dequeue();
    if (next !== undefined) chain.places.push(next);
    else if (chain.places.length === 0) this.chains.delete(hash);
    return next;
  }
}
