/**
 * The consuming side of a link: the lanes from one producer thread, opened when the producer first uses them.
 * Thread: the consumer only.
 */
import type { RecordViews } from '@ringmain/codec';
import { recordViews } from '@ringmain/codec';
import type { CreditWindow } from '@ringmain/ring';
import {
  Doorbell,
  LANE_COUNT,
  LinkWord,
  RingConsumer,
  RoomWanted,
  ThreadWord,
  laneNumber,
  laneRegion,
  laneWords,
  linkIndex,
} from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';

/** One lane as its consumer uses it. */
export interface InLane {
  readonly number: number;
  readonly producer: number;
  readonly priority: number;
  readonly ring: RingConsumer;
  readonly views: RecordViews;
  readonly link: InLink;
  /** Word that counts what group 0 returned to the producer; those of the others follow. */
  readonly returned: number;
}

/** The consuming side of one link. */
export class InLink {
  readonly producer: number;
  /** Lanes by priority, then that of answers; undefined until the producer uses one. */
  readonly lanes: (InLane | undefined)[] = Array.from({ length: LANE_COUNT });
  /** Credit of the producer with the groups hosted here. */
  readonly credit: CreditWindow;

  private readonly context: ThreadContext;
  private readonly base: number;
  private readonly producerBell: Doorbell;
  private inUse = 0;

  constructor(context: ThreadContext, producer: number, credit: CreditWindow) {
    const { plan } = context.seed;
    const thread = plan.threads[producer];
    if (thread === undefined) throw new Error(`no thread ${producer}`);
    this.context = context;
    this.producer = producer;
    this.credit = credit;
    this.base = linkIndex(plan, producer, context.thread);
    this.producerBell = new Doorbell(context.atomics, context.control, (thread.words >> 2) + ThreadWord.bell);
  }

  /** Opens the lanes that the producer began to use. */
  refresh(): void {
    // Pairs with the store in `OutLink.open`.
    const inUse = this.context.atomics.load(this.context.control, this.base + LinkWord.lanesInUse);
    if (inUse === this.inUse) return;
    this.inUse = inUse;
    for (let priority = 0; priority < LANE_COUNT; priority++) {
      if ((inUse & (1 << priority)) !== 0) this.lanes[priority] ??= this.open(priority);
    }
  }

  /** Rings the producer if it waits for room and a lane is at most half full, which is what it waits for. Call it after a release. */
  freed(lane: InLane): void {
    this.grant();
    // The tail is the one of the last look; a producer that waits has not moved it since it was rejected.
    if (lane.ring.backlogBytes * 2 > lane.ring.capacityBytes) return;
    if ((this.wanted() & RoomWanted.lane) !== 0) this.producerBell.ring();
  }

  /** Grants what deliveries returned, and rings the producer if it waits and has half of a group's credit again. */
  grant(): void {
    if (!this.credit.grant() || (this.wanted() & RoomWanted.credit) === 0) return;
    if (this.credit.crossed()) this.producerBell.ring();
  }

  private wanted(): number {
    // Pairs with the store in `OutLink.wantRoom`: the release of the head, or the store of the limit, comes before this load.
    return this.context.atomics.load(this.context.control, this.base + LinkWord.roomWanted);
  }

  /** Wakes the producer whatever it waits for; after a crash nobody knows what the predecessor left unsaid. */
  rouse(): void {
    this.producerBell.rouse();
  }

  private open(priority: number): InLane {
    const { context, producer } = this;
    const { plan, memory } = context.seed;
    const region = laneRegion(plan, producer, context.thread, priority);
    return {
      number: laneNumber(producer, priority),
      producer,
      priority,
      ring: new RingConsumer(context.atomics, laneWords(plan, memory, producer, context.thread, priority)),
      views: recordViews(memory.outboxes[producer] as SharedArrayBuffer, region.offset, region.bytes),
      link: this,
      returned: this.credit.returned,
    };
  }
}
