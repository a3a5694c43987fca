/**
 * What handlers of all threads measure, in one shared buffer: latencies and counts per slot, and the order per key.
 *
 * ```
 *   words | 0 release | … | 32 last number of key 0 … 1023 | area of shard 0 | … | area of shard 7 | area of the main thread |
 *   area  | handled per slot 0 … 15 | 16 out of order | 32 longest pause per slot 0 … 15 | … | 64 histogram of slot 0 | … | histogram of slot 15 |
 * ```
 *
 * Thread: an area is written by its thread alone, `released` and the numbers of a key by whichever thread runs it; the main thread reads.
 */
import type { NamedLatency } from '@ringmain/cli/bench';
import { HISTOGRAM_BYTES, type LatencySummary, recordLatency, summarizeLatency } from '@ringmain/ring';
import { nowUs } from '../measure/clock.ts';
import type { StressLoad } from './stress-events.ts';

/** Keys a scenario may use; numbers from 0. */
export const KEYS_MAX = 1024;
/** Slots a scenario may use. */
export const SLOTS_MAX = 16;

const RELEASE_WORD = 0;
const KEYS_WORD = 32;
const AREAS_WORD = KEYS_WORD + KEYS_MAX;
const DISORDER_WORD = SLOTS_MAX;
/** Longest time between two events of a slot, in microseconds. */
const PAUSES_WORD = 32;
const HISTOGRAMS_WORD = 64;
const HISTOGRAM_WORDS = HISTOGRAM_BYTES >> 2;
const AREA_WORDS = HISTOGRAMS_WORD + SLOTS_MAX * HISTOGRAM_WORDS;
const SHARDS_MAX = 8;
const AREAS = SHARDS_MAX + 1;

/** One view of the board; every thread makes its own over the same buffer. */
export class StressBoard {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** Counts at the last look, per slot. */
  readonly #seen = new Map<number, Int32Array>();
  /** When a slot was counted last, in this thread. */
  readonly #lastUs = new Float64Array(SLOTS_MAX);

  constructor(buffer = new SharedArrayBuffer((AREAS_WORD + AREAS * AREA_WORDS) * 4)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /**
   * Counts an event that a handler has begun: how long after it was due, and whether it came after its predecessor.
   *
   * @param shard - index of the shard, -1 for the main thread
   */
  record(shard: number, { dueUs, key, slot, seq }: StressLoad): void {
    const words = this.#words;
    const area = areaOf(shard);
    this.#count(shard, slot, dueUs);
    // Handlers of a key run in one thread at a time, which is what is checked here.
    if (Atomics.exchange(words, KEYS_WORD + key, seq) >= seq)
      words[area + DISORDER_WORD] = (words[area + DISORDER_WORD] ?? 0) + 1;
  }

  /** The same for a second reader of the event, which has no order of its own. */
  recordUnordered(shard: number, { dueUs }: Pick<StressLoad, 'dueUs'>, slot: number): void {
    this.#count(shard, slot, dueUs);
  }

  /** Events handled in a slot, by all threads. */
  handled(slot: number): number {
    let total = 0;
    for (let area = 0; area < AREAS; area++) total += Atomics.load(this.#words, AREAS_WORD + area * AREA_WORDS + slot) >>> 0;
    return total;
  }

  /** Events that came before one of their key that was published earlier. */
  outOfOrder(): number {
    let total = 0;
    for (let area = 0; area < AREAS; area++) total += this.#words[AREAS_WORD + area * AREA_WORDS + DISORDER_WORD] ?? 0;
    return total;
  }

  /** Longest time between two events of a slot in one thread, in microseconds: while some always wait, the longest wait for a service. */
  longestPauseUs(slot: number): number {
    let longest = 0;
    for (let area = 0; area < AREAS; area++)
      longest = Math.max(longest, this.#words[AREAS_WORD + area * AREA_WORDS + PAUSES_WORD + slot] ?? 0);
    return longest;
  }

  /** Latencies of the given slots, in microseconds. */
  summary(...slots: readonly number[]): LatencySummary {
    return summarizeLatency(this.#words, slots.flatMap(histogramsOf));
  }

  /** Latencies of a slot since the last call for it; the maximum is that of all time. */
  takeInterval(slot: number): LatencySummary {
    const bases = histogramsOf(slot);
    const now = new Int32Array(AREAS * HISTOGRAM_WORDS);
    bases.forEach((base, area) => now.set(this.#words.subarray(base, base + HISTOGRAM_WORDS), area * HISTOGRAM_WORDS));
    const seen = this.#seen.get(slot);
    this.#seen.set(slot, now);
    const isMaximum = (word: number): boolean => word % HISTOGRAM_WORDS === HISTOGRAM_WORDS - 1;
    const fresh = now.map((count, word) => (isMaximum(word) ? count : count - (seen?.[word] ?? 0)));
    return summarizeLatency(
      fresh,
      bases.map((_, area) => area * HISTOGRAM_WORDS),
    );
  }

  /** Percentiles of slots by name since the last call, for samples; slots without new events are left out. */
  takeIntervals(names: Readonly<Record<string, number>>): NamedLatency[] {
    return Object.entries(names).flatMap(([name, slot]) => {
      const { count, p50, p99 } = this.takeInterval(slot);
      return count === 0 ? [] : [{ name, p50, p99 }];
    });
  }

  /** Ends what handlers of the stopped group wait for. */
  release(): void {
    Atomics.store(this.#words, RELEASE_WORD, 1);
  }

  get released(): boolean {
    return Atomics.load(this.#words, RELEASE_WORD) === 1;
  }

  #count(shard: number, slot: number, dueUs: number): void {
    const words = this.#words;
    const area = areaOf(shard);
    const atUs = nowUs();
    recordLatency(words, area + HISTOGRAMS_WORD + slot * HISTOGRAM_WORDS, atUs - dueUs, 1);
    const lastUs = this.#lastUs[slot] || atUs;
    this.#lastUs[slot] = atUs;
    if (atUs - lastUs > (words[area + PAUSES_WORD + slot] ?? 0)) words[area + PAUSES_WORD + slot] = Math.round(atUs - lastUs);
    Atomics.store(words, area + slot, ((words[area + slot] ?? 0) + 1) | 0);
  }
}

function areaOf(shard: number): number {
  return AREAS_WORD + (shard < 0 ? SHARDS_MAX : shard) * AREA_WORDS;
}

function histogramsOf(slot: number): number[] {
  return Array.from({ length: AREAS }, (_, area) => AREAS_WORD + area * AREA_WORDS + HISTOGRAMS_WORD + slot * HISTOGRAM_WORDS);
}
