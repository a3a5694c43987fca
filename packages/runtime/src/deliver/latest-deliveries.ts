/**
 * Deliveries of groups that want the latest event of each key only: a newer one takes the place of an older one that waits.
 *
 * Thread: the consumer's.
 * 1. The dispatcher parks a delivery as waiting, and it is gathered here: one per key, the newest that came. The older one ends as `superseded`.
 * 2. Once the lanes are drained, or in the next turn, they begin, as far as that goes. Where a handler of the key is under way, the newest waits in the chain of the key,
 *    again in place of an older one (`ParkedDeliveries.queue`).
 * 3. A successor finds them in the bay and queues them by key, oldest first, so that again the newest is left beside the one that has its turn.
 * So of a key at most one delivery runs, one waits here, and one in its chain. Events without a key supersede nothing.
 * Invariant: a gathered slot is waiting, in no chain. Bounded by the bay's slots.
 */
import type { Bay, Slot } from '@ringmain/ring';
import { SlotWord, lanePriority } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { Group } from './group.ts';
import type { ParkedDeliveries } from './parked-deliveries.ts';
import { Queue } from './queue-and-heap.ts';

/** Parts that are worked with; all of one thread. */
export interface LatestParts {
  readonly context: ThreadContext;
  readonly bay: Bay;
  readonly parked: ParkedDeliveries;
  /** Charges what handlers took to their priority, in microseconds. */
  readonly charge: (priority: number, us: number) => void;
}

/** Latest deliveries of one thread. */
export class LatestDeliveries {
  private readonly parts: LatestParts;
  /** By group and key; a key keeps its place in the order when it gets a newer event. */
  private readonly newest = new Map<Group, Map<number, Slot>>();
  /** Those without a key. */
  private readonly loose = new Queue<{ readonly slot: Slot; readonly group: Group }>();
  private count = 0;
  private isOverdue = false;

  constructor(parts: LatestParts) {
    this.parts = parts;
  }

  /** Takes a waiting slot. */
  gather(slot: Slot, group: Group): void {
    const { bay, parked } = this.parts;
    if (parked.records.isKeyed(slot)) {
      const hash = bay.word(slot, SlotWord.keyHash);
      const keys = this.keysOf(group);
      const older = keys.get(hash);
      keys.set(hash, slot);
      if (older === undefined) this.count++;
      else parked.supersede(older, group);
    } else {
      this.loose.enqueue({ slot, group });
      this.count++;
    }
    parked.publishInFlight();
  }

  /** Says that a turn begins: what was gathered in the last one waits no longer. */
  beginTurn(): void {
    this.isOverdue = this.count > 0;
  }

  /**
   * Begins what was gathered, if nothing newer is to be expected at once: one at least, and no more once the turn is over.
   *
   * @param isDrained - nothing more is in the lanes, or nothing that could be taken
   * @param endsUs - end of the turn, in microseconds of the runtime
   * @returns the number begun
   */
  hand(isDrained: boolean, endsUs: number): number {
    let handed = 0;
    if (this.count === 0 || !(isDrained || this.isOverdue)) return handed;
    for (const { slot, group } of this.take()) {
      handed++;
      this.count--;
      const { context, bay, parked, charge } = this.parts;
      // Before it settles.
      const priority = lanePriority(bay.word(slot, SlotWord.lane));
      const fromUs = runtimeUs(context);
      if (!parked.records.isKeyed(slot) || parked.queue(slot, group)) parked.starts.goOn(slot, group);
      const nowUs = runtimeUs(context);
      charge(priority, nowUs - fromUs);
      if (nowUs >= endsUs) return handed;
    }
    this.isOverdue = false;
    return handed;
  }

  /** Takes one after another out, so that whoever stops leaves the rest. */
  private *take(): Generator<{ readonly slot: Slot; readonly group: Group }> {
    for (;;) {
      const one = this.loose.dequeue();
      if (one === undefined) break;
      yield one;
    }
    for (const [group, keys] of this.newest) {
      for (const [hash, slot] of keys) {
        keys.delete(hash);
        yield { slot, group };
      }
    }
  }

  private keysOf(group: Group): Map<number, Slot> {
    const known = this.newest.get(group);
    if (known !== undefined) return known;
    const created = new Map<number, Slot>();
    this.newest.set(group, created);
    return created;
  }
}
