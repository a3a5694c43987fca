/**
 * What a consumer handled lately, so that a repeat is recognised: a table of fixed size in shared memory, which outlives its thread.
 *
 * Thread: the consumer's; after its exit its successor. `holds` also another consumer, for keys whose partition went there.
 *
 * ```
 *   bucket 0                                                 bucket 1 …
 *   │ hash │ check │ event │ time │ … 16 entries of 16 bytes │
 * ```
 * 1. An entry is 64 bits of hash, the event that was handled, and when. Its bucket follows from the hash.
 * 2. It takes the place of the entry of the same hash, else of one that is empty or outdated, else of the oldest of its bucket.
 * 3. Its time is cleared first and stored last: what a death leaves half-written is empty.
 * 4. An event is no repeat of itself: it comes again if its thread died before it had settled.
 * Invariant: nothing grows; an entry is found until it is outdated, or 16 newer ones stand in its bucket.
 * All words are plain. A thread's exit comes before its successor, and the handover of a partition before anyone looks for its keys elsewhere; what else
 * such a look meets half-written belongs to another key, and matches with the chance of any two hashes.
 */
import { WRITER_STRIDE_BYTES } from './layout-builder.ts';

/** What is remembered of an event; signed 32-bit words. */
export interface RepeatMark {
  /** Two hashes of what repeats have in common. */
  readonly hash: number;
  readonly check: number;
  /** Tells the event from its repeats. */
  readonly event: number;
}

const WAYS = 16;
const ENTRY_WORDS = 4;
const BUCKET_WORDS = WAYS * ENTRY_WORDS;
const CHECK = 1;
const EVENT = 2;
const TIME = 3;
/** Entries for each that may be remembered: so few buckets overflow before the table is full. */
const SPARE = 2;
const NOBODY = -1;

/** Bytes of a table that remembers so many events; 0 for none. */
export function repeatWindowBytes(events: number): number {
  if (events === 0) return 0;
  const buckets = 2 ** Math.max(1, Math.ceil(Math.log2((events * SPARE) / WAYS)));
  return Math.max(WRITER_STRIDE_BYTES, buckets * BUCKET_WORDS * 4);
}

/** One consumer's table. Times are whole numbers from 1 that do not run backwards; their unit is the caller's. */
export class RepeatWindow {
  private readonly words: Int32Array;
  private readonly mask: number;
  private readonly span: number;

  /**
   * @param words - those of the table; a power of two of buckets
   * @param span - age from which an entry is outdated
   */
  constructor(words: Int32Array, span: number) {
    this.words = words;
    this.mask = words.length / BUCKET_WORDS - 1;
    this.span = span;
  }

  /** True when another event of the same hash was remembered not long ago. */
  holds({ hash, check, event }: RepeatMark, now: number): boolean {
    const { words } = this;
    const at = this.find(hash, check);
    return at !== NOBODY && words[at + EVENT] !== event && now - (words[at + TIME] as number) < this.span;
  }

  /** Remembers an event. */
  add({ hash, check, event }: RepeatMark, now: number): void {
    const { words } = this;
    const known = this.find(hash, check);
    const at = known === NOBODY ? this.place(hash) : known;
    words[at + TIME] = 0;
    words[at] = hash;
    words[at + CHECK] = check;
    words[at + EVENT] = event;
    words[at + TIME] = now;
  }

  private find(hash: number, check: number): number {
    const { words } = this;
    const first = this.bucket(hash);
    for (let at = first; at < first + BUCKET_WORDS; at += ENTRY_WORDS)
      if (words[at] === hash && words[at + CHECK] === check && words[at + TIME] !== 0) return at;
    return NOBODY;
  }

  /** The entry that has waited longest; an empty one is older than all. */
  private place(hash: number): number {
    const { words } = this;
    const first = this.bucket(hash);
    let oldest = first;
    for (let at = first; at < first + BUCKET_WORDS; at += ENTRY_WORDS)
      if ((words[at + TIME] as number) < (words[oldest + TIME] as number)) oldest = at;
    return oldest;
  }

  private bucket(hash: number): number {
    return (hash & this.mask) * BUCKET_WORDS;
  }
}
