/**
 * Deliveries that were in flight at so many deaths that one more would be the last: each runs alone, so that its next death is charged to nobody else.
 *
 * Thread: the consumer's. A successor finds them in the bay; one that waits for its next attempt is found when that is due.
 * 1. While one is here, nothing else begins: what would is held.
 * 2. What is under way already goes on; the ledger names the slot that runs alone, and a death is charged to that slot only.
 * 3. When the last one has settled, or waits for another attempt, what was held begins, in order.
 * Invariant: the ledger names a slot from before its handler is called until it has settled or waits. Bounded by the bay's slots.
 */
import type { Bay, DeliveryLedger, Slot } from '@ringmain/ring';
import type { DeliveryStarts } from './delivery-starts.ts';
import type { Group } from './group.ts';

/** A waiting delivery. */
export interface Held {
  readonly slot: Slot;
  readonly group: Group;
}

/** Parts that suspects work with; all of one thread. */
export interface SuspectParts {
  readonly bay: Bay;
  readonly ledger: DeliveryLedger;
  readonly starts: DeliveryStarts;
  /** Calls the handler of a suspect; returns the next of its chain if it settled at once. */
  readonly run: (slot: Slot, group: Group) => Slot | undefined;
  /** Has the thread look again, if it sleeps. */
  readonly wake: () => void;
}

/** Suspects of one thread. */
export class Suspects {
  private readonly parts: SuspectParts;
  private waiting: Held[] = [];
  private held: Held[] = [];
  private solo: Slot | undefined;

  constructor(parts: SuspectParts) {
    this.parts = parts;
    parts.starts.onSuspect = (slot, group) => this.add(slot, group);
  }

  /** Takes one. */
  add(slot: Slot, group: Group): void {
    this.waiting.push({ slot, group });
    this.holdOthers();
    this.parts.wake();
  }

  /** Has something wait until all suspects are through. */
  hold(slot: Slot | undefined, group: Group): void {
    if (slot !== undefined) this.held.push({ slot, group });
  }

  /** From now on nothing begins, until {@link Suspects.release}. */
  holdOthers(): void {
    this.parts.starts.hold ??= (slot, group) => this.hold(slot, group);
  }

  /**
   * Goes on with those that have to run alone.
   *
   * @returns true when none is left
   */
  run(): boolean {
    const { bay, ledger } = this.parts;
    while (!this.parts.starts.isStopped) {
      if (this.solo !== undefined) {
        if (bay.isLive(this.solo) && !bay.isPostponed(this.solo)) return false;
        ledger.setSolo(-1);
        this.solo = undefined;
      }
      const [suspect] = this.waiting;
      if (suspect === undefined) return true;
      // The bound over all shards holds for it as well; a look follows when it is leased a permit.
      if (suspect.group.bulkhead?.isGranted === false) return false;
      this.waiting.shift();
      this.solo = suspect.slot;
      ledger.setSolo(suspect.slot);
      this.hold(this.parts.run(suspect.slot, suspect.group), suspect.group);
    }
    return false;
  }

  /** Has everything begin that was held. Some of it may be suspects themselves. */
  release(): void {
    const { held } = this;
    this.held = [];
    this.parts.starts.hold = undefined;
    for (const { slot, group } of held) this.parts.starts.goOn(slot, group);
  }

  /**
   * Between deliveries: lets suspects that have come due run alone.
   *
   * @returns true when the thread may drain
   */
  settle(): boolean {
    while (this.parts.starts.hold !== undefined) {
      if (!this.run()) return false;
      this.release();
    }
    return true;
  }
}
