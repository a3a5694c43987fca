/**
 * Takes letters in for the store, each once, and tells of them.
 * Thread: main.
 *
 * A shard that died between a letter and the end of its delivery has its successor send the letter again, before all others: what was received last of
 * a shard is all that must be remembered to know it.
 */
import { readTimeUs } from '@ringmain/codec';
import { formatEventId } from '@ringmain/core';
import type { Logger } from 'pino';
import type { SystemPublisher } from '../publish/system-publisher.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { IncomingLetter, LetterSink } from './incoming-letter.ts';
import { LetterNotices } from './letter-notices.ts';
import { LetterSpill } from './letter-spill.ts';
import { LetterStore } from './letter-store.ts';
import { RedrivePauses } from './redrive-pauses.ts';

const US_PER_MS = 1000;
/** Types of the runtime's own events: a letter about one is no news, or every notice could lead to the next. */
const OWN_TYPES = 'system.';

/** Where letters arrive. */
export class LetterDesk implements LetterSink {
  readonly store: LetterStore;
  /** Where letters go that the store gives up. */
  readonly spill: LetterSpill;
  /** Pauses of redrives of this store. */
  readonly pauses = new RedrivePauses();
  /** Names of the groups that shards host, by number. */
  hosted: readonly { readonly name: string }[] = [];

  private readonly context: ThreadContext;
  private readonly notices: LetterNotices;
  /** The letter received last from each shard. */
  private readonly last = new Map<number, string>();

  constructor(context: ThreadContext, system: SystemPublisher, log: Logger) {
    this.context = context;
    this.spill = new LetterSpill(context, log);
    this.store = new LetterStore(context, this.spill);
    this.notices = new LetterNotices(this.store, system, log);
  }

  hostedName(group: number): string {
    return this.hosted[group]?.name ?? `group ${group}`;
  }

  keep({ type, record, error, endedUs, failingMs, ...letter }: IncomingLetter): void {
    const { seed } = this.context;
    const { producer, group, shard } = letter;
    const [low, high] = [record.readInt32LE(12), record.readInt32LE(16)];
    const eventId = formatEventId(seed.nonceHigh, seed.nonceLow, producer, low, high);
    const id = `${eventId}/${group}`;
    if (shard !== undefined) {
      if (this.last.get(shard) === id) return;
      this.last.set(shard, id);
    }
    const deadAt = seed.epochWallMs + endedUs / US_PER_MS;
    const firstFailedAt = deadAt - failingMs;
    const publishedAt = seed.epochWallMs + readTimeUs(new Int32Array(record.buffer as ArrayBuffer), 0) / US_PER_MS;
    if (!this.store.put({ ...letter, id, eventId, type, publishedAt, firstFailedAt, deadAt, error, record })) return;
    if (!type.name.startsWith(OWN_TYPES)) this.notices.note({ group, reason: letter.reason, type: type.name, id });
  }
}
