/**
 * Publishes events from one thread: finds the type and its route, hashes the key, writes the record straight into the ring of
 * the target thread, commits, and rings the target's bell if it sleeps. The main thread and every shard have one each.
 *
 * Thread: its owner only.
 * An event goes to at most two threads: the shard that owns its partition (groups of subscriber modules) and the main thread
 * (its own subscriptions). It is written to both or to none.
 * Invariant: what was answered with `accepted` is committed; what was rejected or thrown left nothing visible.
 */
import type { DictionaryWriter } from '@ringmain/codec';
import { FLAG_HAS_KEY, FLAG_WANT_ACK } from '@ringmain/codec';
import type { EventAttributes, PriorityLevel, PublishOutcome } from '@ringmain/core';
import { PARTITION_COUNT, PRIORITY_NAMES, RingmainError, acceptedBy, partitionOf, priorityLevel } from '@ringmain/core';
import { CELL_BYTES, MAIN_THREAD, NO_ROOM, PublicationLedger, ThreadCell, addToCell } from '@ringmain/ring';
import type { EventType, EventTypes } from '../events/event-type.ts';
import type { ThreadContext } from '../thread-context.ts';
import { attributesOf } from './attributes.ts';
import type { Bells } from './bells.ts';
import type { BatchEntry, PublishOptions } from './options.ts';
import type { OutLane } from './out-link.ts';
import { OutLink } from './out-link.ts';
import { hashKey } from './publish-key.ts';
import type { SequenceMark } from './record-writer.ts';
import { RecordWriter } from './record-writer.ts';

const CELL_WORDS = CELL_BYTES / 4;
const ACCEPTED_BY_ONE = acceptedBy(1);

/** Publishes from one thread. */
export class Publisher {
  /** Rings the consumers of what was committed. */
  readonly bells: Bells;
  /** Called when a lane was too full for a record; see `RoomWatch`. */
  onFull: ((lane: OutLane) => void) | undefined;

  private readonly context: ThreadContext;
  private readonly types: EventTypes;
  private readonly dictionary: DictionaryWriter;
  private readonly ledger: PublicationLedger;
  private readonly cells: number;
  private readonly typeCells: number;
  private readonly links: (OutLink | undefined)[];
  private readonly partitions = new Uint16Array(PARTITION_COUNT);
  private readonly crashable: boolean;
  private readonly writer: RecordWriter;
  private closed = false;
  private spread = 0;

  constructor(context: ThreadContext, types: EventTypes, dictionary: DictionaryWriter, bells: Bells) {
    const { plan } = context.seed;
    const regions = plan.threads[context.thread];
    if (regions === undefined) throw new Error(`no thread ${context.thread}`);
    this.context = context;
    this.types = types;
    this.dictionary = dictionary;
    this.bells = bells;
    this.cells = regions.cells >> 2;
    this.typeCells = regions.typeCells >> 2;
    this.links = Array.from({ length: plan.threadCount }, () => undefined);
    this.crashable = context.thread !== MAIN_THREAD;
    this.ledger = new PublicationLedger(context.control, regions.words >> 2, context.control);
    this.writer = new RecordWriter(context, this.ledger.resume(context.atomics));
    for (let partition = 0; partition < PARTITION_COUNT; partition++) {
      // With no shards the main thread owns every partition.
      this.partitions[partition] = plan.options.shards === 0 ? MAIN_THREAD : 1 + (partition % plan.options.shards);
    }
  }

  /**
   * Publishes one event.
   *
   * @returns `accepted` with the number of target threads, or `rejected` with the state of the full lane; never a promise
   * @throws {@link RingmainError} for input that could never be accepted: unknown type, invalid payload, key, priority or attribute,
   * too large a record, or `RINGMAIN_CLOSED`
   */
  publish(name: string, data: unknown, options?: PublishOptions): PublishOutcome {
    const type = this.types.byName.get(name) ?? this.types.introduce(name, this.dictionary);
    if (this.closed) throw closedError();
    if (options !== undefined) return this.emit(type, data, options, 0);
    const hash = type.key === undefined ? this.nextSpread() : hashKey(keyOf(type, type.key, data));
    const flags = type.key === undefined ? 0 : FLAG_HAS_KEY;
    if (type.toMain || !type.hosted) return this.toMany(type, data, type.priority, hash, flags, undefined);
    const lane = this.lane(this.partitions[partitionOf(hash)] as number, type.priority);
    if (!this.writer.write(lane, type, data, type.priority, hash, flags, undefined)) return this.rejected(lane);
    this.count(type, lane);
    this.bells.committed(lane.link);
    return ACCEPTED_BY_ONE;
  }

  /**
   * Publishes with options, or for a waiting sender.
   *
   * @param wantAck - 1 to have every target thread answer when the event is handled
   */
  emit(type: EventType, data: unknown, options: PublishOptions, wantAck: 0 | 1): PublishOutcome {
    if (this.closed) throw closedError();
    const priority = options.priority === undefined ? type.priority : priorityLevel(options.priority);
    const keyed = options.key !== undefined || type.key !== undefined;
    const flags = (keyed ? FLAG_HAS_KEY : 0) | (wantAck === 1 ? FLAG_WANT_ACK : 0);
    return this.toMany(type, data, priority, this.hashOf(type, data, options), flags, attributesOf(options));
  }

  /**
   * Publishes a batch: all of it or nothing, in order, with one commit per lane and one wake per thread.
   *
   * @throws what {@link Publisher.publish} throws, for the first entry that could never be accepted; nothing is published then
   */
  publishBatch(entries: readonly BatchEntry[]): PublishOutcome {
    if (this.closed) throw closedError();
    const touched = new Set<OutLane>();
    const counted: EventType[] = [];
    let unrouted = 0;
    let full: OutLane | undefined;
    const mark = this.writer.mark();
    const { spread } = this;
    try {
      for (const entry of entries) {
        const type = this.typeOf(entry.type);
        const priority = entry.priority === undefined ? type.priority : priorityLevel(entry.priority);
        const hash = this.hashOf(type, entry.data, entry);
        const flags = entry.key !== undefined || type.key !== undefined ? FLAG_HAS_KEY : 0;
        const attributes = attributesOf(entry);
        const targets = this.targetsOf(type, hash);
        for (const target of targets) {
          const lane = this.lane(target, priority);
          touched.add(lane);
          if (!this.writer.write(lane, type, entry.data, priority, hash, flags, attributes)) full = lane;
          if (full !== undefined) break;
        }
        if (full !== undefined) break;
        if (targets.length === 0) unrouted++;
        counted.push(type);
        this.writer.advance();
      }
    } catch (error) {
      this.undo(touched, mark, spread);
      throw error;
    }
    if (full !== undefined) {
      this.undo(touched, mark, spread);
      return this.rejected(full);
    }
    for (const lane of touched) lane.ring.commit();
    const { control } = this.context;
    for (const type of counted) addToCell(control, this.typeCells + type.cell * CELL_WORDS, 1);
    addToCell(control, this.cells + ThreadCell.unrouted * CELL_WORDS, unrouted);
    addToCell(control, this.cells + ThreadCell.batches * CELL_WORDS, 1);
    for (const lane of touched) this.bells.committed(lane.link);
    return acceptedBy(new Set([...touched].map((lane) => lane.link)).size > 0 ? 1 : 0);
  }

  /** The type of a name, introduced if it is open. */
  typeOf(name: string): EventType {
    return this.types.byName.get(name) ?? this.types.introduce(name, this.dictionary);
  }

  /** Sequence that the next event will carry, as one integer (exact up to 2^53). */
  get nextSequence(): number {
    return (this.writer.sequenceHigh >>> 0) * 0x1_0000_0000 + (this.writer.sequenceLow >>> 0);
  }

  /** Writes a record of the runtime itself (an answer, later a fence) to another thread; false when the lane is full. */
  control(consumer: number, priority: number, kind: number, words: readonly number[]): boolean {
    const lane = this.lane(consumer, priority);
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
    return this.link(consumer).lane(priority);
  }

  /** Rings every thread; a successor cannot know whom its predecessor rang. */
  rouseConsumers(): void {
    for (let consumer = 0; consumer < this.links.length; consumer++) this.link(consumer).bell.rouse();
  }

  /** Refuses everything from now on with `RINGMAIN_CLOSED`. */
  close(): void {
    this.closed = true;
  }

  /** True after {@link Publisher.close}. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** Hash of the given key, else of the derived one, else a number that spreads events over the partitions. */
  private hashOf(type: EventType, data: unknown, options: PublishOptions): number {
    if (options.key !== undefined) return hashKey(options.key);
    return type.key === undefined ? this.nextSpread() : hashKey(keyOf(type, type.key, data));
  }

  private nextSpread(): number {
    this.spread = (this.spread + 1) | 0;
    return this.spread;
  }

  private link(consumer: number): OutLink {
    return (this.links[consumer] ??= new OutLink(this.context, consumer));
  }

  private toMany(
    type: EventType,
    data: unknown,
    priority: PriorityLevel,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
  ): PublishOutcome {
    const targets = this.targetsOf(type, hash);
    const written: OutLane[] = [];
    for (const target of targets) {
      const lane = this.lane(target, priority);
      let fits = false;
      try {
        fits = this.writer.write(lane, type, data, priority, hash, flags, attributes);
      } catch (error) {
        for (const one of written) one.ring.rollback();
        throw error;
      }
      if (!fits) {
        for (const one of written) one.ring.rollback();
        return this.rejected(lane);
      }
      written.push(lane);
    }
    if (targets.length === 0) this.unrouted(type, data);
    // The lane to the partition's owner comes last: its commit is the one that the ledger names.
    const last = written.at(-1);
    for (const lane of written) if (lane !== last) lane.ring.commit();
    if (last === undefined) this.writer.advance();
    else this.count(type, last);
    for (const lane of written) this.bells.committed(lane.link);
    return acceptedBy(written.length);
  }

  private targetsOf(type: EventType, hash: number): number[] {
    const owner = this.partitions[partitionOf(hash)] as number;
    if (type.toMain && type.hosted && owner !== MAIN_THREAD) return [MAIN_THREAD, owner];
    if (type.hosted) return [owner];
    return type.toMain ? [MAIN_THREAD] : [];
  }

  /** Nobody listens, but the caller still learns of a payload that would never fit. */
  private unrouted(type: EventType, data: unknown): void {
    type.codec.measure(data);
    const { control } = this.context;
    addToCell(control, this.typeCells + type.cell * CELL_WORDS, 1);
    addToCell(control, this.cells + ThreadCell.unrouted * CELL_WORDS, 1);
  }

  /** Commits the lane and counts the event, exactly once also if this thread dies in between. */
  private count(type: EventType, lane: OutLane): void {
    const { control } = this.context;
    if (this.crashable) {
      this.ledger.intend(this.typeCells + type.cell * CELL_WORDS, lane.tailIndex, lane.ring.sealedTail);
      lane.ring.commit();
      this.ledger.confirm();
    } else {
      lane.ring.commit();
      addToCell(control, this.typeCells + type.cell * CELL_WORDS, 1);
    }
    this.writer.advance();
    if (this.crashable) this.ledger.setSequence(this.writer.sequenceLow, this.writer.sequenceHigh);
  }

  private undo(lanes: Iterable<OutLane>, mark: SequenceMark, spread: number): void {
    for (const lane of lanes) lane.ring.rollback();
    this.writer.rewind(mark);
    this.spread = spread;
  }

  /** Asks the consumer of a lane to ring this thread when there is room. */
  awaitRoom(lane: OutLane): void {
    lane.link.wantRoom(true);
    this.onFull?.(lane);
  }

  private rejected(lane: OutLane): PublishOutcome {
    addToCell(this.context.control, this.cells + ThreadCell.rejected * CELL_WORDS, 1);
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
}

/** Derives the key; what goes wrong in the user's function is a payload that it was not made for. */
function keyOf(type: EventType, key: NonNullable<EventType['key']>, data: unknown): string | number {
  try {
    return key(data);
  } catch (cause) {
    throw new RingmainError('RINGMAIN_PAYLOAD_INVALID', `payload of ${type.name} has no key: ${String(cause)}`, {
      allowed: 'data for which the key function of the event type returns a key',
      details: { type: type.name },
      cause,
    });
  }
}

function closedError(): RingmainError {
  return new RingmainError('RINGMAIN_CLOSED', 'publish after close', { allowed: 'publishing until close() is called' });
}
