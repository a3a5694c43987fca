/**
 * The dead letters of a runtime as its user sees them.
 * Thread: main. Calls but `redrive` work on a closed runtime too: what is left can be read then.
 */
import { describeValue } from '@ringmain/core';
import type { RingmainError } from '@ringmain/core';
import { refuseOption } from '../check-names.ts';
import type { Publishing } from '../publish/publishing.ts';
import { checkSignal } from '../publish/check-options.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { Letter } from './letter.ts';
import { openLetter } from './letter.ts';
import type { LetterFilter } from './letter-filter.ts';
import { FILTER_NAMES, checkNumber, compileFilter } from './letter-filter.ts';
import type { LetterLine } from './letter-line.ts';
import { lineOf, storedFrom } from './letter-line.ts';
import type { LetterGivenUp, LetterSpill } from './letter-spill.ts';
import type { LetterStore } from './letter-store.ts';
import type { StoredLetter } from './stored-letter.ts';
import type { RedrivePauses } from './redrive-pauses.ts';
import { redriveLetters } from './redrive.ts';
import type { RedriveReport } from './redrive.ts';

/** Options of {@link DeadLetters.list}. */
export interface ListOptions extends LetterFilter {
  /** @defaultValue 100 */
  readonly limit?: number;
  /** Letters to leave out before. @defaultValue 0 */
  readonly offset?: number;
}

/** Options of {@link DeadLetters.redrive}. */
export interface RedriveOptions extends LetterFilter {
  /** Letters by id; those that are not in the store are left out. */
  readonly ids?: readonly string[];
  /** Most letters. @defaultValue all */
  readonly limit?: number;
  /** Most events per second. @defaultValue as many as there is room for */
  readonly ratePerSec?: number;
  /** Only says what would be done. */
  readonly dryRun?: boolean;
  /** Ends the redrive; what was accepted before stays accepted. */
  readonly signal?: AbortSignal;
}

const PAGE = 100;
const COUNT_MAX = Number.MAX_SAFE_INTEGER;
const RATE_MIN = 0.001;
const LIST_NAMES: ReadonlySet<string> = new Set([...FILTER_NAMES, 'limit', 'offset']);
const TAKE_NAMES: ReadonlySet<string> = new Set([...FILTER_NAMES, 'limit']);
const REDRIVE_NAMES: ReadonlySet<string> = new Set([...FILTER_NAMES, 'ids', 'limit', 'ratePerSec', 'dryRun', 'signal']);

/** What the letters of a runtime are read and redriven with. */
export interface DeadLetterParts {
  readonly context: ThreadContext;
  readonly publishing: Publishing;
  readonly store: LetterStore;
  readonly spill: LetterSpill;
  readonly pauses: RedrivePauses;
  readonly localGroups: (type: string) => readonly string[];
}

/** Dead letters: deliveries that ended without success. */
export class DeadLetters {
  private readonly parts: DeadLetterParts;
  private readonly refusal: () => RingmainError | undefined;

  /** @internal Use `runtime.deadLetters`. */
  constructor(parts: DeadLetterParts, refusal: () => RingmainError | undefined) {
    this.parts = parts;
    this.refusal = refusal;
  }

  /**
   * Counts letters.
   *
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_PATTERN_INVALID`
   */
  count(filter: LetterFilter = {}): number {
    const fits = compileFilter(filter);
    let count = 0;
    for (const letter of this.parts.store.all()) if (fits(letter)) count++;
    return count;
  }

  /**
   * Letters, oldest first.
   *
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_PATTERN_INVALID`
   */
  list(options: ListOptions = {}): Letter[] {
    const fits = compileFilter(options, LIST_NAMES);
    const limit = checkNumber('limit', options.limit, PAGE, 1, COUNT_MAX);
    let skipped = checkNumber('offset', options.offset, 0, 0, COUNT_MAX);
    const found: Letter[] = [];
    for (const letter of this.parts.store.all()) {
      if (!fits(letter) || skipped-- > 0) continue;
      found.push(this.open(letter));
      if (found.length === limit) break;
    }
    return found;
  }

  /** One letter; undefined when it is not in the store. */
  peek(id: string): Letter | undefined {
    const found = this.parts.store.get(id);
    return found === undefined ? undefined : this.open(found);
  }

  /**
   * Removes letters for good.
   *
   * @param filter - which; `{}` for all
   * @returns how many
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_PATTERN_INVALID`
   */
  purge(filter: LetterFilter): number {
    const found = this.choose(compileFilter(filter), COUNT_MAX);
    for (const { id } of found) this.parts.store.remove(id, 'purged');
    return found.length;
  }

  /**
   * Removes letters, oldest first, and hands them over as they can be written to a file and restored from it. They count as purged.
   *
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_PATTERN_INVALID`
   */
  take(options: LetterFilter & { readonly limit?: number } = {}): LetterLine[] {
    const fits = compileFilter(options, TAKE_NAMES);
    const found = this.choose(fits, checkNumber('limit', options.limit, PAGE, 1, COUNT_MAX));
    for (const { id } of found) this.parts.store.remove(id, 'purged');
    return found.map((letter) => this.line(letter));
  }

  /**
   * Has every letter that the store gives up handed over, in the form of {@link DeadLetters.take}: one that makes room for a newer one is `evicted`,
   * one that is older than `ttlMs` is `expired`, as soon as anybody looks at the store.
   *
   * @remarks What `spill` throws is logged, and its letter is gone.
   */
  onEvict(spill: ((letter: LetterLine, why: LetterGivenUp) => void) | undefined): void {
    this.parts.spill.onLetter = spill === undefined ? undefined : (letter, why) => spill(this.line(letter), why);
  }

  /**
   * Puts a letter back into the store: one that was taken out of it, of this runtime or of another one of the same events.
   *
   * @returns false when it is in the store already
   * @throws {@link RingmainError} `RINGMAIN_INPUT_INVALID`, `RINGMAIN_TOPIC_UNKNOWN`, `RINGMAIN_EVENTS_MISMATCH`; `RINGMAIN_PAYLOAD_TOO_LARGE` where the other
   * runtime's `recordBytesMax` was higher; `RINGMAIN_RECORD_CORRUPT` where the record cannot be read
   */
  restore(letter: LetterLine): boolean {
    const { context, publishing, store } = this.parts;
    const { eventsHash, config } = context.seed;
    const { recordBytesMax } = config;
    return store.put(storedFrom(letter, { eventsHash, recordBytesMax }, (name) => publishing.publisher.typeOf(name)));
  }

  /**
   * Publishes the events of letters again, oldest first, each for the one group that it is about. A letter leaves the store when its event was accepted.
   *
   * @throws (rejects) {@link RingmainError} `RINGMAIN_GROUP_UNKNOWN` when a group is not subscribed, and nothing has happened then; `RINGMAIN_ABORTED`,
   * `RINGMAIN_CLOSED` with `details.redriven`; `RINGMAIN_OPTION_INVALID`, `RINGMAIN_PATTERN_INVALID`
   */
  async redrive(options: RedriveOptions = {}): Promise<RedriveReport> {
    const fits = compileFilter(options, REDRIVE_NAMES);
    const limit = checkNumber('limit', options.limit, COUNT_MAX, 1, COUNT_MAX);
    const ratePerSec = checkNumber('ratePerSec', options.ratePerSec, Infinity, RATE_MIN, 1e9, false);
    const { ids, dryRun = false, signal } = options;
    if (ids !== undefined && !(Array.isArray(ids) && ids.every((id) => typeof id === 'string')))
      refuseOption(`ids is ${describeValue(ids)}`, 'an array of ids of letters');
    if (typeof dryRun !== 'boolean') refuseOption(`dryRun is ${describeValue(dryRun)}`, 'true or false');
    checkSignal(signal);
    const refusal = this.refusal();
    if (refusal !== undefined) throw refusal;
    const wanted = ids === undefined ? undefined : new Set(ids);
    const letters = this.choose((letter) => fits(letter) && wanted?.has(letter.id) !== false, limit);
    return redriveLetters({ ...this.parts, refusal: this.refusal }, { letters, ratePerSec, dryRun, signal });
  }

  private choose(fits: (letter: StoredLetter) => boolean, limit: number): StoredLetter[] {
    const found: StoredLetter[] = [];
    for (const letter of this.parts.store.all()) {
      if (!fits(letter)) continue;
      found.push(letter);
      if (found.length === limit) break;
    }
    return found;
  }

  private open(letter: StoredLetter): Letter {
    return openLetter(this.parts.context.seed, letter);
  }

  private line(letter: StoredLetter): LetterLine {
    return lineOf(this.open(letter), this.parts.context.seed.eventsHash);
  }
}
