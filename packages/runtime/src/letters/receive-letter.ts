/**
 * Takes a letter out of a lane and hands it to the store.
 * Thread: main.
 */
import type { InLane } from '../deliver/in-link.ts';
import type { Subscriptions } from '../deliver/subscriptions.ts';
import { readLetter } from './incoming-letter.ts';
import type { LetterSink } from './incoming-letter.ts';

/** Words of a frame in front of a record. */
const FRAME_WORDS = 2;

/** Receives the letter whose frame stands at `index` of a lane from a shard. */
export function receiveLetter(lane: InLane, index: number, subscriptions: Subscriptions, sink: LetterSink): void {
  const { facts, record } = readLetter(lane.views, (index + FRAME_WORDS) << 2, lane.ring.data[index] as number);
  const { type } = subscriptions.match(facts.producer, record.readInt32LE(0));
  // Shards follow the main thread, which is thread 0.
  sink.keep({ ...facts, group: sink.hostedName(facts.group), shard: lane.producer - 1, type, record });
}
