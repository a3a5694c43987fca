/** `ringmain-batch`: `publishBatch` of 100 events, struct codec. Thread: main thread of the contender's process. */
import type { BatchEntry } from 'ringmain';
import { TABLE_MASK } from '../../workload/bench-events.ts';
import { RingmainContender } from './ringmain.ts';

const BATCH_EVENTS = 100;

export default class RingmainBatchContender extends RingmainContender {
  #offers: BatchEntry[] = [];

  constructor() {
    super('struct');
  }

  /** Takes one batch that begins at `from`; the caller's `end` is a hint, batches are of fixed size. */
  protected override publishRange(from: number, end: number): number {
    let published = from;
    while (published < end) {
      const batch: BatchEntry[] = [];
      for (let index = published; index < published + BATCH_EVENTS; index++) {
        const place = index & TABLE_MASK;
        batch.push({ type: this.typeAt(place), data: this.dataAt(place) });
      }
      if (!this.runtime.publishBatch(batch).accepted) return published;
      published += BATCH_EVENTS;
    }
    return published;
  }

  override offer(index: number, fresh?: unknown): boolean {
    const place = index & TABLE_MASK;
    this.#offers.push({ type: this.typeAt(place), data: fresh ?? this.dataAt(place) });
    return true;
  }

  /** A burst is one batch. It was reported as accepted event by event, so a refusal would falsify the count. */
  override flushOffers(): void {
    if (this.#offers.length === 0) return;
    const batch = this.#offers;
    this.#offers = [];
    if (!this.runtime.publishBatch(batch).accepted) throw new Error(`a batch of ${batch.length} paced events was refused`);
  }
}
