/**
 * The producing side of a link: four lanes to one consumer thread, opened on first use.
 * Thread: the producer only.
 */
import type { RecordViews } from '@ringmain/codec';
import { recordViews } from '@ringmain/codec';
import { Doorbell, LinkWord, RingProducer, ThreadWord, laneRegion, laneWords, linkIndex } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';

/** One lane as its producer uses it. */
export interface OutLane {
  readonly ring: RingProducer;
  readonly views: RecordViews;
  readonly link: OutLink;
  readonly priority: number;
  /** Word of the lane's tail in the control buffer. */
  readonly tailIndex: number;
}

/** The producing side of one link. */
export class OutLink {
  readonly consumer: number;
  readonly bell: Doorbell;

  private readonly context: ThreadContext;
  private readonly base: number;
  private readonly lanes: (OutLane | undefined)[] = [undefined, undefined, undefined, undefined];
  private wanted = false;

  constructor(context: ThreadContext, consumer: number) {
    const { plan } = context.seed;
    this.context = context;
    this.consumer = consumer;
    this.base = linkIndex(plan, context.thread, consumer);
    const thread = plan.threads[consumer];
    if (thread === undefined) throw new Error(`no thread ${consumer}`);
    this.bell = new Doorbell(context.atomics, context.control, (thread.words >> 2) + ThreadWord.bell);
  }

  /** The lane of a priority. */
  lane(priority: number): OutLane {
    return this.lanes[priority] ?? this.open(priority);
  }

  /** Asks the consumer to ring this thread whenever it frees room; false takes the wish back. */
  wantRoom(wanted: boolean): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    // Pairs with the load in `InLink.freed`, which comes after the release of the head.
    this.context.atomics.store(this.context.control, this.base + LinkWord.roomWanted, wanted ? 1 : 0);
  }

  private open(priority: number): OutLane {
    const { plan, memory } = this.context.seed;
    const { atomics, control, thread } = this.context;
    const words = laneWords(plan, memory, thread, this.consumer, priority);
    const region = laneRegion(plan, thread, this.consumer, priority);
    const outbox = memory.outboxes[thread] as SharedArrayBuffer;
    const views = recordViews(outbox, region.offset, region.bytes);
    const lane = { ring: new RingProducer(atomics, words), views, link: this, priority, tailIndex: words.tailIndex };
    this.lanes[priority] = lane;
    const inUse = atomics.load(control, this.base + LinkWord.lanesInUse) | (1 << priority);
    // The consumer polls only lanes in use; it reads this word at each turn and before it parks.
    atomics.store(control, this.base + LinkWord.lanesInUse, inUse);
    return lane;
  }
}
