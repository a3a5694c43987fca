/**
 * Publishes events from one thread: finds the type and its lane, writes the record straight into the ring of the target thread,
 * commits, and rings the target's bell if it sleeps. The main thread and every shard have one each.
 *
 * Thread: its owner only.
 * Invariant: what was answered with `accepted` is committed, to every target; what was rejected or thrown left nothing visible.
 */
import type { DictionaryWriter } from '@ringmain/codec';
import { FLAG_HAS_KEY, FLAG_WANT_ACK } from '@ringmain/codec';
import type { EventAttributes, PriorityLevel, PublishOutcome } from '@ringmain/core';
import { acceptedBy, partialTo, priorityLevel } from '@ringmain/core';
import type { CreditAccount } from '@ringmain/ring';
import { ThreadCell } from '@ringmain/ring';
import type { EventType, EventTypes } from '../events/event-type.ts';
import type { ThreadContext } from '../thread-context.ts';
import { attributesOf } from './attributes.ts';
import type { Bells } from './bells.ts';
import { EventBatches } from './event-batches.ts';
import { GatedRecords, outcomeOf } from './gated-records.ts';
import { keyFlag } from './publish-key.ts';
import { checkPublishOptions } from './check-options.ts';
import { Admission, EVERY_PRIORITY } from './overflow/admission.ts';
import { Obstacles, isStopped } from './overflow/obstacles.ts';
import { Overflow } from './overflow/overflow.ts';
import type { PublishRequest } from './overflow/overflow-parts.ts';
import { hasBreakers } from './overflow/type-policies.ts';
import { LaneRouter } from './lane-router.ts';
import type { OneGroupRecord } from './one-group.ts';
import { OneGroupRecords } from './one-group.ts';
import type { BatchEntry, PublishOptions } from './options.ts';
import type { OutLane } from './out-link.ts';
import { PartitionWatch } from './partition-watch.ts';
import { PublishCounters } from './publish-counters.ts';
import type { Refusal } from './record-group.ts';
import { RecordWriter } from './record-writer.ts';
import type { TypeCredit } from './type-credit.ts';

const ACCEPTED_BY_ONE = acceptedBy(1);

/** Publishes from one thread. */
export class Publisher {
  /** Rings the consumers of what was committed. */
  readonly bells: Bells;
  /** Called when a lane was too full for a record, or a group had no credit; see `RoomWatch`. */
  onFull: ((lane: OutLane, account: CreditAccount | undefined) => void) | undefined;
  /** What becomes of events without room. */
  readonly overflow: Overflow;

  /** Publishes several events as one. */
  readonly batches: EventBatches;
  /** Follows the partition table. */
  readonly partitions: PartitionWatch;

  private readonly types: EventTypes;
  private readonly dictionary: DictionaryWriter;
  private readonly router: LaneRouter;
  private readonly writer: RecordWriter;
  private readonly counters: PublishCounters;
  private readonly admission: Admission;
  private readonly records: GatedRecords;
  private readonly again: OneGroupRecords;
  private readonly obstacles: Obstacles;
  /** Priorities of which something may stop an event before its lane is tried, as a bit mask. */
  private careful = 0;
  private last: EventType | undefined;

  constructor(context: ThreadContext, types: EventTypes, dictionary: DictionaryWriter, bells: Bells) {
    this.types = types;
    this.dictionary = dictionary;
    this.bells = bells;
    this.router = new LaneRouter(context);
    this.counters = new PublishCounters(context);
    this.writer = new RecordWriter(context, this.counters.resume(context.atomics));
    this.admission = new Admission(context);
    this.overflow = new Overflow({
      context,
      router: this.router,
      writer: this.writer,
      counters: this.counters,
      bells,
      admission: this.admission,
      awaitRoom: ({ lane, credit }) => this.awaitRoom(lane, credit?.blocked),
      changed: () => this.careChanged(),
    });
    const parts = { router: this.router, writer: this.writer, counters: this.counters, bells };
    this.records = new GatedRecords(parts);
    this.again = new OneGroupRecords({ ...parts, context });
    const { router, records, admission, overflow } = this;
    this.obstacles = new Obstacles({ router, admission, overflow, changed: this.careChanged });
    this.obstacles.breakers = hasBreakers(context.seed.config, types.all());
    this.batches = new EventBatches({ ...parts, context, records, admission, overflow, typeOf: (name) => this.typeOf(name) });
    this.writer.onRung = () => {
      this.admission.look();
      this.careChanged();
    };
    this.partitions = new PartitionWatch(this.router.view, overflow, this.careChanged);
    this.writer.onTurn = this.partitions.look;
    this.careChanged();
    context.live.watch(['overflow', 'publishRate'], () => {
      this.obstacles.breakers = hasBreakers(context.seed.config, types.all());
      this.careChanged();
    });
  }

  /**
   * Publishes one event.
   *
   * @returns `accepted` with the number of target threads, or `rejected` with the state of the full lane; never a promise
   * @throws {@link RingmainError} for input that could never be accepted: unknown type, invalid payload, key, priority or attribute,
   * too large a record, or `RINGMAIN_CLOSED`
   */
  publish(name: string, data: unknown, options?: PublishOptions): PublishOutcome {
    // Events of one type often follow each other; comparing two references is cheaper than hashing a name.
    const type = this.last !== undefined && name === this.last.name ? this.last : this.lookUp(name);
    if (options !== undefined) {
      checkPublishOptions(options);
      return this.emit(type, data, options, 0);
    }
    if (this.records.gate !== 'open') throw this.records.refusal();
    return this.route(
      type,
      data,
      type.priority,
      this.router.hashOf(type, data),
      type.key === undefined ? 0 : FLAG_HAS_KEY,
      undefined,
      true,
    );
  }

  /**
   * Publishes with options that were checked, or for a waiting sender.
   *
   * @param wantAck - 1 to have every target thread answer when the event is handled
   * @param mayStage - false for a sender that waits itself; then there is no outcome beside success and `rejected`
   */
  emit(type: EventType, data: unknown, options: PublishOptions, wantAck: 0 | 1, mayStage = true): PublishOutcome {
    if (this.records.gate !== 'open') throw this.records.refusal();
    const priority = options.priority === undefined ? type.priority : priorityLevel(options.priority);
    const flags = keyFlag(type, options) | (wantAck === 1 ? FLAG_WANT_ACK : 0);
    return this.route(type, data, priority, this.router.hashWith(type, data, options), flags, attributesOf(options), mayStage);
  }

  /**
   * Publishes a batch whose entries were checked: all of it or nothing, in order, with one commit per lane and one wake per thread.
   *
   * @throws what {@link Publisher.publish} throws, for the first entry that could never be accepted, and `RINGMAIN_LIMIT_EXCEEDED` for
   * a batch that takes more than half of a lane; nothing is published then
   */
  publishBatch(entries: readonly BatchEntry[]): PublishOutcome {
    return this.batches.publish(entries);
  }

  /** Publishes an event again, for one group alone: `accepted`, or `rejected` by what stops a publish too. */
  publishAgain(record: OneGroupRecord): PublishOutcome {
    if (this.records.gate !== 'open') throw this.records.refusal();
    const { type, priority, hash } = record;
    const request = { type, data: undefined, priority, hash, flags: 0, attributes: undefined };
    const found = this.isCareful(priority) ? this.obstacles.find(request, false) : request;
    if (isStopped(found)) return found;
    const refusal = this.again.publish(record);
    return refusal === undefined ? ACCEPTED_BY_ONE : this.overflow.refusals.rejected(refusal);
  }

  /** The type of a name, introduced if it is open. */
  typeOf(name: string): EventType {
    return this.types.byName.get(name) ?? this.types.introduce(name, this.dictionary);
  }

  private lookUp(name: string): EventType {
    this.last = this.typeOf(name);
    return this.last;
  }

  /** Sequence of the last event, as one integer (exact up to 2^53). */
  get lastSequence(): number {
    return (this.writer.sequenceHigh >>> 0) * 0x1_0000_0000 + (this.writer.sequenceLow >>> 0) - 1;
  }

  /** The lane to a thread, in a priority. */
  lane(consumer: number, priority: number): OutLane {
    return this.router.lane(consumer, priority);
  }

  /** Asks the consumer of a lane to ring this thread when the lane, or the group of an account, has room. */
  awaitRoom(lane: OutLane, account?: CreditAccount): void {
    this.onFull?.(lane, account);
  }

  /** Wakes every thread; a successor cannot know whom its predecessor rang. */
  rouseConsumers(): void {
    this.router.rouseAll();
  }

  /** True while several records are written of which none is committed: in the user's code that is called meanwhile. */
  get isWriting(): boolean {
    return this.records.gate === 'several';
  }

  /** Refuses everything from now on with `RINGMAIN_CLOSED`; what is staged is dropped and counted. */
  close(): void {
    this.records.gate = 'closed';
    this.overflow.close();
  }

  private route(
    type: EventType,
    data: unknown,
    priority: PriorityLevel,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
    mayStage: boolean,
  ): PublishOutcome {
    if ((this.careful & (1 << priority)) !== 0 || type.toMain || !type.hosted)
      return this.routeCarefully(type, data, priority, hash, flags, attributes, mayStage);
    return this.toOwner(type, data, priority, hash, flags, attributes, mayStage);
  }

  /** The usual route: one record to the owner of the partition. */
  private toOwner(
    type: EventType,
    data: unknown,
    priority: PriorityLevel,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
    mayStage: boolean,
  ): PublishOutcome {
    const lane = this.router.lane(this.router.owner(hash), priority);
    const credit = lane.link.credit(type);
    if (!credit.admit(priority)) return this.noRoom(lane, credit, type, data, priority, hash, flags, attributes, mayStage);
    if (!this.writer.write(lane, type, data, priority, hash, flags, attributes))
      return this.noRoom(lane, undefined, type, data, priority, hash, flags, attributes, mayStage);
    if (credit.skip !== 0) this.writer.leaveOut(lane, credit.skip);
    this.counters.commit(type, lane, credit, this.writer.units);
    this.writer.advance();
    this.counters.keepSequence(this.writer.sequenceLow, this.writer.sequenceHigh);
    this.bells.committed(lane.link);
    return credit.skip === 0 ? ACCEPTED_BY_ONE : partialTo(1, credit.namesOf(credit.skip));
  }

  /** Every route, while something may stop an event before its lane is tried; and the rarer ones. */
  private routeCarefully(
    type: EventType,
    data: unknown,
    priority: PriorityLevel,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
    mayStage: boolean,
  ): PublishOutcome {
    const request = { type, data, priority, hash, flags, attributes };
    const found = this.isCareful(priority) ? this.obstacles.find(request, mayStage) : request;
    if (isStopped(found)) return found;
    const outcome =
      type.toMain || !type.hosted
        ? this.toMain(type, data, priority, hash, flags, found.attributes, mayStage)
        : this.toOwner(type, data, priority, hash, flags, found.attributes, mayStage);
    if (found !== request || this.isCareful(priority)) this.obstacles.settled(found, outcome);
    return outcome;
  }

  /** The rarer routes: to the main thread, to it and a shard, or to nobody. */
  private toMain(
    type: EventType,
    data: unknown,
    priority: PriorityLevel,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
    mayStage: boolean,
  ): PublishOutcome {
    const refused = (refusal: Refusal): PublishOutcome =>
      this.overflowed(refusal, { type, data, priority, hash, flags, attributes }, mayStage);
    return this.records.publish(refused, (group) => {
      const refusal = group.write(type, data, priority, hash, flags, attributes);
      if (refusal !== undefined) return refusal;
      const targets = group.records.length;
      // Nobody listens, but the caller still learns of a payload that would never fit.
      if (targets === 0) this.writer.check(type, data, attributes);
      this.writer.advance();
      return () => {
        if (targets === 0) {
          this.counters.count(type);
          this.counters.add(ThreadCell.unrouted, 1);
        }
        return outcomeOf(targets, group.skipped());
      };
    });
  }

  private isCareful(priority: PriorityLevel): boolean {
    return (this.careful & (1 << priority)) !== 0;
  }

  private readonly careChanged = (): void => {
    const isAny = this.obstacles.breakers || this.overflow.staged > 0 || this.router.view.isMoving;
    this.careful = isAny ? EVERY_PRIORITY : this.admission.barred;
  };

  /** Kept apart from `route`, which V8 compiles as one piece only as long as it is small. */
  private noRoom(
    lane: OutLane,
    credit: TypeCredit | undefined,
    type: EventType,
    data: unknown,
    priority: PriorityLevel,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
    mayStage: boolean,
  ): PublishOutcome {
    return this.overflowed({ type, hash, lane, credit }, { type, data, priority, hash, flags, attributes }, mayStage);
  }

  /** An event found no room. */
  private overflowed(refusal: Refusal, request: PublishRequest, mayStage: boolean): PublishOutcome {
    return mayStage ? this.overflow.resolve(request, refusal) : this.overflow.refusals.rejected(refusal);
  }
}
