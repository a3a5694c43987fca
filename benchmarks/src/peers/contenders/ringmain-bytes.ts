/**
 * `ringmain-bytes`: one `publish` per event, bytes codec, records written by hand like those of the `ringbuf.js` contender.
 * Thread: main thread of the contender's process.
 */
import type { ReadFields } from '../../workload/bench-events.ts';
import { TABLE_MASK } from '../../workload/bench-events.ts';
import { BinaryWriter } from '../../workload/binary-layout.ts';
import type { Workload } from '../../workload/workload.ts';
import { RingmainContender } from './ringmain.ts';

export default class RingmainBytesContender extends RingmainContender {
  #writer = new BinaryWriter(false);

  constructor() {
    super('bytes');
  }

  override async start(workload: Workload): Promise<void> {
    this.#writer = new BinaryWriter(workload.scenario.events === 'invoice');
    await super.start(workload);
  }

  protected override publishRange(from: number, end: number): number {
    for (let index = from; index < end; index++) if (!this.offer(index)) return index;
    return end;
  }

  override offer(index: number, fresh?: unknown): boolean {
    const place = index & TABLE_MASK;
    this.#writer.write((fresh ?? this.dataAt(place)) as ReadFields);
    return this.runtime.publish(this.typeAt(place), this.#writer.bytes).accepted;
  }
}
