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
import { PRIORITY_NAMES, RingmainError, acceptedBy, priorityLevel } from '@ringmain/core';
import { NO_ROOM, ThreadCell } from '@ringmain/ring';
import type { EventType, EventTypes } from '../events/event-type.ts';
import type { ThreadContext } from '../thread-context.ts';
import { attributesOf } from './attributes.ts';
import type { Bells } from './bells.ts';
import { LaneRouter, NOBODY } from './lane-router.ts';
import type { BatchEntry, PublishOptions } from './options.ts';
import type { OutLane } from './out-link.ts';
import type { BatchRecord } from './publish-counters.ts';
import { PublishCounters } from './publish-counters.ts';
import { RecordWriter } from './record-writer.ts';

const ACCEPTED_BY_ONE = acceptedBy(1);

/** Whether a publish may begin. */
type Gate = 'open' | 'several' | 'closed';

/** Publishes from one thread. */
export class Publisher {
  /** Rings the consumers of what was committed. */
  readonly bells: Bells;
  /** Called when a lane was too full for a record; see `RoomWatch`. */
  onFull: ((lane: OutLane) => void) | undefined;

  private readonly types: EventTypes;
  private readonly dictionary: DictionaryWriter;
  private readonly router: LaneRouter;
  private readonly writer: RecordWriter;
  private readonly counters: PublishCounters;
  private gate: Gate = 'open';
  private last: EventType | undefined;

  constructor(context: ThreadContext, types: EventTypes, dictionary: DictionaryWriter, bells: Bells) {
    this.types = types;
    this.dictionary = dictionary;
    this.bells = bells;
    this.router = new LaneRouter(context);
    this.counters = new PublishCounters(context);
    this.writer = new RecordWriter(context, this.counters.resume(context.atomics));
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
    if (options !== undefined) return this.emit(type, data, options, 0);
    if (this.gate !== 'open') throw this.refusal();
    return this.route(
      type,
      data,
      type.priority,
      this.router.hashOf(type, data),
      type.key === undefined ? 0 : FLAG_HAS_KEY,
      undefined,
    );
  }

  /**
   * Publishes with options, or for a waiting sender.
   *
   * @param wantAck - 1 to have every target thread answer when the event is handled
   */
  emit(type: EventType, data: unknown, options: PublishOptions, wantAck: 0 | 1): PublishOutcome {
    if (this.gate !== 'open') throw this.refusal();
    const priority = options.priority === undefined ? type.priority : priorityLevel(options.priority);
    const flags = keyFlag(type, options) | (wantAck === 1 ? FLAG_WANT_ACK : 0);
    return this.route(type, data, priority, this.router.hashWith(type, data, options), flags, attributesOf(options));
  }

  /**
   * Publishes a batch: all of it or nothing, in order, with one commit per lane and one wake per thread.
   *
   * @throws what {@link Publisher.publish} throws, for the first entry that could never be accepted, and `RINGMAIN_LIMIT_EXCEEDED` for
   * a batch that takes more than half of a lane; nothing is published then
   */
  publishBatch(entries: readonly BatchEntry[]): PublishOutcome {
    const lanes: OutLane[] = [];
    const types: EventType[] = [];
    const records: BatchRecord[] = [];
    let unrouted = 0;
    const full = this.several(lanes, () => {
      for (const entry of entries) {
        const type = this.typeOf(entry.type);
        const priority = entry.priority === undefined ? type.priority : priorityLevel(entry.priority);
        const hash = this.router.hashWith(type, entry.data, entry);
        const before = lanes.length;
        const refused = this.writeAll(lanes, type, entry.data, priority, hash, keyFlag(type, entry), attributesOf(entry));
        if (refused !== undefined) {
          // What already takes half a lane is not sure to fit even when the lane is empty.
          if (refused.ring.uncommittedBytes * 2 > refused.ring.capacityBytes) throw batchTooLarge(entries.length, refused);
          return refused;
        }
        if (!type.hosted && !type.toMain && lanes.length === before) unrouted++;
        if (!this.counters.crashable || !this.addRecords(records, type, priority, hash)) types.push(type);
        this.writer.advance();
      }
      return undefined;
    });
    if (full !== undefined) return this.rejected(full);
    this.counters.keepSequence(this.writer.sequenceLow, this.writer.sequenceHigh);
    this.counters.reveal(records);
    for (const lane of lanes) lane.ring.commit();
    for (const type of types) this.counters.count(type);
    this.counters.add(ThreadCell.unrouted, unrouted);
    this.counters.add(ThreadCell.batches, 1);
    for (const lane of lanes) this.bells.committed(lane.link);
    return lanes.length === 0 ? acceptedBy(0) : ACCEPTED_BY_ONE;
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

  /** Writes a record of the runtime itself (an answer, later a fence) to another thread; false when the lane is full. */
  control(consumer: number, priority: number, kind: number, words: readonly number[]): boolean {
    const lane = this.router.lane(consumer, priority);
    const offset = lane.ring.claim(words.length * 4);
    if (offset === NO_ROOM) return false;
    for (let index = 0; index < words.length; index++) lane.views.i32[(offset >> 2) + index] = words[index] as number;
    lane.ring.seal(kind, words.length * 4);
    lane.ring.commit();
    this.bells.committed(lane.link);
    return true;
  }

  /** The lane to a thread, in a priority. */
  lane(consumer: number, priority: number): OutLane {
    return this.router.lane(consumer, priority);
  }

  /** Asks the consumer of a lane to ring this thread when there is room. */
  awaitRoom(lane: OutLane): void {
    lane.link.wantRoom(true);
    this.onFull?.(lane);
  }

  /** Wakes every thread; a successor cannot know whom its predecessor rang. */
  rouseConsumers(): void {
    this.router.rouseAll();
  }

  /** Refuses everything from now on with `RINGMAIN_CLOSED`. */
  close(): void {
    this.gate = 'closed';
  }

  private route(
    type: EventType,
    data: unknown,
    priority: PriorityLevel,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
  ): PublishOutcome {
    if (type.toMain || !type.hosted) return this.toMain(type, data, priority, hash, flags, attributes);
    const lane = this.router.lane(this.router.owner(hash), priority);
    if (!this.writer.write(lane, type, data, priority, hash, flags, attributes)) return this.rejected(lane);
    this.committed(type, lane);
    return ACCEPTED_BY_ONE;
  }

  /** The rarer routes: to the main thread, to it and a shard, or to nobody. */
  private toMain(
    type: EventType,
    data: unknown,
    priority: PriorityLevel,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
  ): PublishOutcome {
    const lanes: OutLane[] = [];
    const full = this.several(lanes, () => this.writeAll(lanes, type, data, priority, hash, flags, attributes));
    if (full !== undefined) return this.rejected(full);
    // The lane to the partition's owner comes last: its commit is the one that the ledger names.
    const last = lanes.pop();
    if (last === undefined) {
      // Nobody listens, but the caller still learns of a payload that would never fit.
      this.writer.check(type, data, attributes);
      this.counters.count(type);
      this.counters.add(ThreadCell.unrouted, 1);
      this.writer.advance();
      return acceptedBy(0);
    }
    for (const lane of lanes) {
      lane.ring.commit();
      this.bells.committed(lane.link);
    }
    this.committed(type, last);
    return acceptedBy(lanes.length + 1);
  }

  /**
   * Writes several records before any of them is committed. User code that runs meanwhile (key functions, getters) may not publish: its
   * commit would make the first half visible.
   *
   * @returns the lane that was full; everything is rolled back then
   */
  private several(lanes: readonly OutLane[], write: () => OutLane | undefined): OutLane | undefined {
    if (this.gate !== 'open') throw this.refusal();
    const mark = this.writer.mark();
    let complete = false;
    this.gate = 'several';
    try {
      const full = write();
      complete = full === undefined;
      return full;
    } finally {
      this.gate = 'open';
      if (!complete) {
        for (const lane of lanes) lane.ring.rollback();
        this.writer.rewind(mark);
      }
    }
  }

  /** Writes a record for every target; adds the lanes it used, the owner's last, and returns the one that was full. */
  private writeAll(
    lanes: OutLane[],
    type: EventType,
    data: unknown,
    priority: PriorityLevel,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
  ): OutLane | undefined {
    const owner = this.router.owner(hash);
    const main = this.router.mainTarget(type, owner);
    for (let turn = 0; turn < 2; turn++) {
      const target = turn === 0 ? main : type.hosted ? owner : NOBODY;
      if (target === NOBODY) continue;
      const lane = this.router.lane(target, priority);
      if (!lanes.includes(lane)) lanes.push(lane);
      if (!this.writer.write(lane, type, data, priority, hash, flags, attributes)) return lane;
    }
    return undefined;
  }

  /** Notes the records that were just written for one event of a batch; false if there are none. */
  private addRecords(records: BatchRecord[], type: EventType, priority: PriorityLevel, hash: number): boolean {
    const owner = this.router.owner(hash);
    const main = this.router.mainTarget(type, owner);
    if (main !== NOBODY) {
      const lane = this.router.lane(main, priority);
      records.push({ lane, tail: lane.ring.sealedTail, counted: type.hosted ? undefined : type });
    }
    if (type.hosted) {
      const lane = this.router.lane(owner, priority);
      records.push({ lane, tail: lane.ring.sealedTail, counted: type });
    }
    return type.hosted || main !== NOBODY;
  }

  /** Makes the last record of an event visible, counts the event and rings. */
  private committed(type: EventType, lane: OutLane): void {
    this.counters.commit(type, lane);
    this.writer.advance();
    this.counters.keepSequence(this.writer.sequenceLow, this.writer.sequenceHigh);
    this.bells.committed(lane.link);
  }

  private rejected(lane: OutLane): PublishOutcome {
    this.counters.add(ThreadCell.rejected, 1);
    this.awaitRoom(lane);
    return {
      status: 'rejected',
      accepted: false,
      reason: 'full',
      priority: PRIORITY_NAMES[lane.priority] as string,
      depthBytes: lane.ring.depthBytes(),
      capacityBytes: lane.ring.capacityBytes,
    };
  }

  private refusal(): RingmainError {
    if (this.gate === 'closed')
      return new RingmainError('RINGMAIN_CLOSED', 'publish after close', { allowed: 'publishing until close() is called' });
    return new RingmainError('RINGMAIN_CLAIM_OPEN', 'publish out of a payload that is being published', {
      allowed: 'key functions, getters and toJSON that do not publish',
    });
  }
}

function keyFlag(type: EventType, options: PublishOptions): number {
  return options.key === undefined && type.key === undefined ? 0 : FLAG_HAS_KEY;
}

function batchTooLarge(entries: number, lane: OutLane): RingmainError {
  const { capacityBytes } = lane.ring;
  return new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `a batch of ${entries} events takes more than half of a lane`, {
    allowed: `batches of at most ${capacityBytes / 2} bytes per lane`,
    details: { entries, capacityBytes },
  });
}
