/**
 * The source's part of a move: works off what it has of the leaving partitions, and then gives them up.
 *
 * Thread: the source's, between two turns of its loop.
 * 1. Once every producer has acknowledged, it reads the tails of its lanes: its fences. What lies before a fence may belong to a leaving partition,
 *    what comes behind it cannot. So no record has to mark the place, and none has to be read to find it.
 * 2. It goes on as ever until every lane has passed its fence and no delivery of a leaving partition is in the bay.
 * 3. Its own lane is the exception, since it goes on publishing to itself: that fence is read again after every such record.
 * Invariant: after the handover, no delivery of a leaving partition runs or waits here, and none comes.
 */
import type { PartitionView } from './partition-view.ts';

/** A lane into the source. */
export interface FencedLane {
  /** The lane's number at this consumer. */
  readonly number: number;
  readonly producer: number;
  readonly ring: {
    /** Position of the next record. */
    readonly position: number;
    /** Loads the tail. */
    tail(): number;
  };
}

/** Handovers of one thread. */
export class PartitionHandover {
  private readonly view: PartitionView;
  private readonly thread: number;
  private epoch: number | undefined;
  private ownRecords = 0;
  /** By lane number; bounded by the lanes. */
  private readonly fences = new Map<number, number>();

  constructor(view: PartitionView, thread: number) {
    this.view = view;
    this.thread = thread;
  }

  /** True while this thread has partitions to hand over. */
  get isPending(): boolean {
    return this.view.leaving.length > 0 && !this.view.hasHandedOver;
  }

  /**
   * Looks whether the time has come, and hands over if so. Never within a delivery.
   *
   * @param lanes - every lane into this thread, answers left out; asked anew at each call, since producers open lanes when they first use them
   * @param isClear - true when no delivery of a partition is in the bay
   * @returns true when this call handed over
   */
  poll(lanes: () => Iterable<FencedLane>, isClear: (partition: number) => boolean): boolean {
    const { view } = this;
    if (view.leaving.length === 0 || view.hasHandedOver || !view.isFenced) return false;
    const isNew = this.epoch !== view.epoch;
    const isOwnNew = isNew || this.ownRecords !== view.ownRecords;
    if (isNew) this.fences.clear();
    this.epoch = view.epoch;
    this.ownRecords = view.ownRecords;
    let passed = true;
    for (const { number, producer, ring } of lanes()) {
      let fence = this.fences.get(number);
      // A lane that was opened later holds nothing of the leaving partitions but what this thread itself publishes.
      if (isNew || (isOwnNew && producer === this.thread)) this.fences.set(number, (fence = ring.tail()));
      if (fence !== undefined && ((ring.position - fence) | 0) < 0) passed = false;
    }
    if (!passed || !view.leaving.every(isClear)) return false;
    view.handOver();
    return true;
  }
}
