/**
 * The producing side of a link: the lanes to one consumer thread, opened on first use.
 * Thread: the producer only.
 */
import type { RecordViews } from '@ringmain/codec';
import { recordViews } from '@ringmain/codec';
import {
  CreditAccount,
  Doorbell,
  LANE_COUNT,
  LinkWord,
  MAIN_THREAD,
  RingProducer,
  TYPE_CELLS,
  ThreadWord,
  creditIndex,
  laneRegion,
  laneWords,
  linkIndex,
} from '@ringmain/ring';
import type { EventType, HostedTarget } from '../events/event-type.ts';
import type { ThreadContext } from '../thread-context.ts';
import { TypeCredit } from './type-credit.ts';

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
  private readonly lanes: (OutLane | undefined)[] = Array.from({ length: LANE_COUNT });
  private readonly accounts = new Map<number, CreditAccount>();
  /** Credit by type; bounded by the types of a producer. */
  private readonly credits: (TypeCredit | undefined)[] = Array.from({ length: TYPE_CELLS });
  private wanted = 0;

  constructor(context: ThreadContext, consumer: number) {
    const { plan } = context.seed;
    this.context = context;
    this.consumer = consumer;
    this.base = linkIndex(plan, context.thread, consumer);
    const thread = plan.threads[consumer];
    if (thread === undefined) throw new Error(`no thread ${consumer}`);
    this.bell = new Doorbell(context.atomics, context.control, (thread.words >> 2) + ThreadWord.bell);
  }

  /** The lane of a priority, or `ANSWER_LANE`. */
  lane(priority: number): OutLane {
    return this.lanes[priority] ?? this.open(priority);
  }

  /** Credit of a type with the groups that this consumer hosts. Hosted groups do not change while the runtime runs. */
  credit(type: EventType): TypeCredit {
    return this.credits[type.cell] ?? this.openCredit(type);
  }

  /**
   * Asks the consumer to ring this thread whenever it frees room.
   *
   * @param wanted - bits of `RoomWanted`; 0 takes the wish back
   */
  wantRoom(wanted: number): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    // Pairs with the loads in `InLink`, which come after the release of the head and the store of the limit.
    this.context.atomics.store(this.context.control, this.base + LinkWord.roomWanted, wanted);
  }

  private openCredit(type: EventType): TypeCredit {
    const { plan, config } = this.context.seed;
    const { atomics, control, thread } = this.context;
    const base = creditIndex(plan, thread, this.consumer);
    const account = (group: number): CreditAccount => {
      const known = this.accounts.get(group) ?? new CreditAccount(atomics, control, base, group);
      this.accounts.set(group, known);
      return known;
    };
    // The main thread's own subscriptions come and go, and keep no accounts; with shards it hosts nothing else.
    const hosts = this.consumer !== MAIN_THREAD || config.shards === 0;
    const targets: readonly HostedTarget[] = hosts ? type.targets : [];
    const credit = new TypeCredit(this.context, this.consumer, targets, account);
    this.credits[type.cell] = credit;
    return credit;
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
