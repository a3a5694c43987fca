/**
 * Where deliveries of a thread leave their letters: a lane to the main thread, or the store itself on the main thread.
 * Thread: the consumer's.
 *
 * A letter leaves before its delivery settles, so a death in between loses none. The slot says then that the delivery has ended: the successor
 * begins no attempt, sends the letter again, without the error, and the main thread knows it by what it is about. Nothing else leaves before
 * that, so a letter that comes twice comes twice in a row.
 */
import type { RecordViews } from '@ringmain/codec';
import type { Bay, Slot } from '@ringmain/ring';
import { LETTER_LANE, MAIN_THREAD, NO_ROOM, RecordKind, SlotWord, laneProducer } from '@ringmain/ring';
import { DEAD_LETTER_REASONS } from '../deliver/dead-letter-reason.ts';
import type { DeadLetterReason } from '../deliver/dead-letter-reason.ts';
import type { DeadLetter } from '../deliver/ending.ts';
import type { Group } from '../deliver/group.ts';
import type { Subscriptions } from '../deliver/subscriptions.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { LetterFacts, LetterSink } from './incoming-letter.ts';
import { copyRecord, letterBytes, writeLetter } from './incoming-letter.ts';

/** Takes the letters of deliveries that ended without success. */
export interface LetterOutlet {
  /** Slot whose letter goes before all others: it may have left already, when the thread's predecessor died. */
  first: Slot | undefined;
  /**
   * Sends the letter of a delivery.
   *
   * @returns false when there is no room; the thread is rung once there is
   */
  send(slot: Slot, group: Group, letter: DeadLetter): boolean;
}

/** Parts that an outlet works with; all of one thread. */
export interface OutletParts {
  readonly context: ThreadContext;
  readonly bay: Bay;
  /** Views over the bay's bodies. */
  readonly views: RecordViews;
  readonly publisher: Publisher;
  readonly subscriptions: Subscriptions;
}

/** The outlet of a thread. @param sink - the store, on the main thread */
export function createOutlet(parts: OutletParts, sink: LetterSink | undefined): LetterOutlet {
  return sink === undefined ? new LetterLane(parts) : new LocalOutlet(parts, sink);
}

const US_PER_MS = 1000;

/** Why a delivery of the bay has ended, if it has and only its letter is still to be sent. */
export function endedBy(bay: Bay, slot: Slot): DeadLetterReason | undefined {
  return DEAD_LETTER_REASONS[bay.word(slot, SlotWord.ended) - 1];
}

class LetterLane implements LetterOutlet {
  first: Slot | undefined;
  private readonly parts: OutletParts;

  constructor(parts: OutletParts) {
    this.parts = parts;
  }

  send(slot: Slot, group: Group, letter: DeadLetter): boolean {
    if (this.first !== undefined && this.first !== slot) return false;
    const { bay, publisher } = this.parts;
    const lane = publisher.lane(MAIN_THREAD, LETTER_LANE);
    const facts = factsOf(this.parts, slot, group, letter);
    const errorBytes = Buffer.byteLength(facts.error);
    const bytes = letterBytes(errorBytes, bay.word(slot, SlotWord.bodyBytes));
    const offset = lane.ring.claim(bytes);
    if (offset === NO_ROOM) {
      publisher.awaitRoom(lane);
      return false;
    }
    writeLetter(lane.views, offset, facts, errorBytes, recordOf(this.parts, slot));
    lane.ring.seal(RecordKind.letter, bytes);
    bay.markEnded(slot, DEAD_LETTER_REASONS.indexOf(letter.reason) + 1);
    lane.ring.commit();
    publisher.bells.committed(lane.link);
    this.first = undefined;
    return true;
  }
}

class LocalOutlet implements LetterOutlet {
  /** The main thread has no predecessor. */
  first: Slot | undefined;
  private readonly parts: OutletParts;
  private readonly sink: LetterSink;

  constructor(parts: OutletParts, sink: LetterSink) {
    this.parts = parts;
    this.sink = sink;
  }

  send(slot: Slot, group: Group, letter: DeadLetter): boolean {
    const { subscriptions } = this.parts;
    const facts = factsOf(this.parts, slot, group, letter);
    const record = copyRecord(recordOf(this.parts, slot));
    const { type } = subscriptions.match(facts.producer, record.readInt32LE(0));
    this.sink.keep({ ...facts, group: group.name, shard: undefined, type, record });
    return true;
  }
}

function factsOf({ context, bay }: OutletParts, slot: Slot, group: Group, { reason, text = '' }: DeadLetter): LetterFacts {
  const endedUs = runtimeUs(context);
  const firstMs = bay.word(slot, SlotWord.firstMs);
  return {
    group: group.id,
    reason,
    attempts: bay.word(slot, SlotWord.attempt),
    crashes: bay.word(slot, SlotWord.crashes),
    producer: laneProducer(bay.word(slot, SlotWord.lane)),
    endedUs,
    failingMs: firstMs === 0 ? 0 : Math.max(0, (Math.floor(endedUs / US_PER_MS) - firstMs) | 0),
    error: text,
  };
}

function recordOf({ bay, views }: OutletParts, slot: Slot): Uint8Array {
  const offset = bay.bodyOffset(slot);
  return views.u8.subarray(offset, offset + bay.word(slot, SlotWord.bodyBytes));
}
