/**
 * The dead letters of a runtime: bounded in number, bytes and age, oldest first.
 * Thread: main.
 *
 * A letter that is one too many pushes the oldest out; age is looked at whenever the store is. Both are counted and, where somebody asked for it, handed over.
 * Invariant: a letter is here once, and leaves once: evicted, expired, purged or redriven. Never more than `max` letters, nor more than `maxBytes`
 * bytes except by one letter that is larger than that by itself.
 */
import type { DeadLetterMetrics } from '../metrics/dead-letters.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { LetterGivenUp, LetterSpill } from './letter-spill.ts';
import type { StoredLetter } from './stored-letter.ts';

/** Why a letter leaves. */
export type LetterLeaves = LetterGivenUp | 'purged' | 'redriven';

interface Kept {
  readonly letter: StoredLetter;
  readonly bytes: number;
  readonly sinceUs: number;
}

/** What a letter takes beside its record and its error. */
const LETTER_OVERHEAD_BYTES = 512;
const US_PER_MS = 1000;

/** The store. */
export class LetterStore {
  private readonly context: ThreadContext;
  private readonly spill: LetterSpill;
  private readonly kept = new Map<string, Kept>();
  private readonly left = { evicted: 0, expired: 0, purged: 0, redriven: 0 };
  private bytes = 0;

  /** @param spill - takes the letters that are given up */
  constructor(context: ThreadContext, spill: LetterSpill) {
    this.context = context;
    this.spill = spill;
    context.live.watch(['deadLetters'], () => this.trim());
  }

  /**
   * Keeps a letter.
   *
   * @returns false when it is here already
   */
  put(letter: StoredLetter): boolean {
    if (this.kept.has(letter.id)) return false;
    const bytes = letter.record.length + letter.error.length + LETTER_OVERHEAD_BYTES;
    this.kept.set(letter.id, { letter, bytes, sinceUs: runtimeUs(this.context) });
    this.bytes += bytes;
    this.trim();
    return true;
  }

  /** The letter of an id. */
  get(id: string): StoredLetter | undefined {
    this.expire();
    return this.kept.get(id)?.letter;
  }

  /** All letters, oldest first. */
  *all(): Generator<StoredLetter> {
    this.expire();
    for (const { letter } of this.kept.values()) yield letter;
  }

  /** Letters kept. */
  get count(): number {
    this.expire();
    return this.kept.size;
  }

  /** Removes a letter; false when it is not here. */
  remove(id: string, why: LetterLeaves): boolean {
    const found = this.kept.get(id);
    if (found === undefined) return false;
    this.kept.delete(id);
    this.bytes -= found.bytes;
    this.left[why]++;
    return true;
  }

  /** The figures. */
  metrics(): DeadLetterMetrics {
    const { count } = this;
    const oldest = this.oldest();
    const oldestMs = oldest === undefined ? null : (runtimeUs(this.context) - oldest.sinceUs) / US_PER_MS;
    return { count, bytes: this.bytes, ...this.left, oldestMs };
  }

  private oldest(): Kept | undefined {
    return this.kept.values().next().value;
  }

  private trim(): void {
    this.expire();
    const { max, maxBytes } = this.context.seed.config.deadLetters;
    while (this.kept.size > max || (this.bytes > maxBytes && this.kept.size > 1)) {
      const { letter } = this.oldest() as Kept;
      this.giveUp(letter, 'evicted');
    }
  }

  private expire(): void {
    const bornUs = runtimeUs(this.context) - this.context.seed.config.deadLetters.ttlMs * US_PER_MS;
    for (let oldest = this.oldest(); oldest !== undefined && oldest.sinceUs < bornUs; oldest = this.oldest())
      this.giveUp(oldest.letter, 'expired');
  }

  /** It leaves first, so that whoever is handed it may use the store. */
  private giveUp(letter: StoredLetter, why: LetterGivenUp): void {
    this.remove(letter.id, why);
    this.spill.hand(letter, why);
  }
}
