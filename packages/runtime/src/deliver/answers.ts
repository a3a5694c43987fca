/**
 * Sends answers to threads that wait for an event to be handled.
 * Thread: the consumer's. An answer is a small record in the answer lane back to the producer, which drains it before everything else and
 * whatever it waits for: handlers of two threads that wait for each other's answers would otherwise wait for ever.
 */
import { ANSWER_LANE, NO_ROOM, RecordKind, unitsFor } from '@ringmain/ring';
import type { Publisher } from '../publish/publisher.ts';
import type { Acknowledgement, SendTracker } from '../publish/send-tracker.ts';
import type { InLane } from './in-link.ts';

const ANSWER_WORDS = 6;
const ANSWER_BYTES = unitsFor(ANSWER_WORDS * 4) * 8;

/** Answers of one consumer thread. */
export class Answers {
  private readonly thread: number;
  private readonly publisher: Publisher;
  /** Waiting sends of the producers that live on this thread, by producer. */
  private readonly local: ReadonlyMap<number, SendTracker>;

  constructor(thread: number, publisher: Publisher, local: ReadonlyMap<number, SendTracker>) {
    this.thread = thread;
    this.publisher = publisher;
    this.local = local;
  }

  /** True when `count` answers fit; otherwise this thread is rung once the producer has read some. */
  hasRoom(producer: number, count: number): boolean {
    if (this.local.has(producer)) return true;
    const lane = this.publisher.lane(producer, ANSWER_LANE);
    // One answer more, for the padding that a wrap may need.
    if (lane.ring.capacityBytes - lane.ring.depthBytes() >= (count + 2) * ANSWER_BYTES) return true;
    this.publisher.awaitRoom(lane);
    return false;
  }

  /** Answers for one step of the record whose header stands at `word` of the lane. */
  send(lane: InLane, word: number, step: number, of: number, failed: boolean): void {
    const { data } = lane.ring;
    this.answer(lane.producer, data[word + 3] as number, data[word + 4] as number, step, of, failed);
  }

  /**
   * Answers by sequence.
   *
   * @returns false when there is no room
   */
  answer(producer: number, low: number, high: number, step: number, of: number, failed: boolean): boolean {
    const sends = this.local.get(producer);
    if (sends !== undefined) {
      sends.acknowledge({ sequence: (high >>> 0) * 0x1_0000_0000 + (low >>> 0), thread: this.thread, step, of, failed });
      return true;
    }
    return this.write(producer, [low, high, this.thread, step, of, failed ? 1 : 0]);
  }

  private write(producer: number, words: readonly number[]): boolean {
    const lane = this.publisher.lane(producer, ANSWER_LANE);
    const offset = lane.ring.claim(words.length * 4);
    if (offset === NO_ROOM) {
      // The answer is kept and tried again; without a wish nobody would ring when it has room.
      this.publisher.awaitRoom(lane);
      return false;
    }
    for (let index = 0; index < words.length; index++) lane.views.i32[(offset >> 2) + index] = words[index] as number;
    lane.ring.seal(RecordKind.ack, words.length * 4);
    lane.ring.commit();
    this.publisher.bells.committed(lane.link);
    return true;
  }
}

/** Reads an answer out of a record whose body begins at `word`. */
export function readAnswer(data: Int32Array, word: number): Acknowledgement {
  const at = (index: number): number => data[word + index] as number;
  return { sequence: (at(1) >>> 0) * 0x1_0000_0000 + (at(0) >>> 0), thread: at(2), step: at(3), of: at(4), failed: at(5) !== 0 };
}
