/**
 * Recognises repeats for one group: events whose publishers named the same source and the same `dedupeKey`.
 *
 * Thread: the consumer's.
 * 1. A handled event is remembered before its delivery settles. A death in between repeats the delivery: an event is no repeat of itself.
 * 2. Repeats meet in one thread, one after the other, because they have the same key; without a key their `dedupeKey` stands for it (`publish-key.ts`).
 * 3. Once partitions have moved, what other threads remember is looked at too.
 * What was dropped or dead-lettered is not remembered, so that a repeat of it is delivered.
 * Two hashes of 32 bits take the place of the texts, begun with random numbers of the runtime: a new event is taken for one of 100,000 others once in 1.8e14.
 */
import type { RingmainEvent } from '@ringmain/core';
import type { RepeatMark } from '@ringmain/ring';
import { RepeatWindow, TableWord, repeatWords } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { DeliveredEvent } from './delivered-event.ts';

/** Says whether a group wants an event. */
type Where = (event: RingmainEvent) => boolean;

/** Microseconds of one tick, the unit of times in the window; they begin at 1. */
const TICK_US = 100_000;
const US_PER_MS = 1000;
const END_OF_TEXT = 0x1_0000;

/** Repeats for one group in one thread. */
export class RepeatFilter {
  /** True when the event that was asked for last was declined as a repeat. */
  hasFound = false;

  private readonly context: ThreadContext;
  private readonly group: number;
  private readonly own: RepeatWindow;
  private readonly others: readonly RepeatWindow[];
  private readonly epoch: number;

  /** @param group - number of the group */
  constructor(context: ThreadContext, group: number) {
    const { plan, memory, config } = context.seed;
    const span = Math.max(1, Math.ceil((config.dedupe.windowMs * US_PER_MS) / TICK_US));
    const windows = plan.threads.map((_, thread) => new RepeatWindow(repeatWords(plan, memory, thread), span));
    this.context = context;
    this.group = group;
    this.own = windows[context.thread] as RepeatWindow;
    this.others = windows.filter((window) => window !== this.own);
    this.epoch = (plan.partitionTable >> 2) + TableWord.epoch;
  }

  /** What the group wants, without repeats. */
  around(where: Where | undefined): Where {
    return (event) => {
      this.hasFound = false;
      if (where !== undefined && !where(event)) return false;
      this.hasFound = this.isRepeat(event as DeliveredEvent);
      return !this.hasFound;
    };
  }

  /** Remembers an event that was handled. Before its delivery settles. */
  remember(event: DeliveredEvent): void {
    const mark = this.markOf(event);
    if (mark !== undefined) this.own.add(mark, this.now());
  }

  private isRepeat(event: DeliveredEvent): boolean {
    const mark = this.markOf(event);
    if (mark === undefined) return false;
    const now = this.now();
    if (this.own.holds(mark, now)) return true;
    const { atomics, control } = this.context;
    // The epoch is 0 until a partition moves for the first time. Pairs with the store in `PartitionMap.changed`.
    return atomics.load(control, this.epoch) !== 0 && this.others.some((window) => window.holds(mark, now));
  }

  private markOf(event: DeliveredEvent): RepeatMark | undefined {
    const { dedupeKey } = event;
    if (dedupeKey === undefined) return undefined;
    const { nonceHigh, nonceLow } = this.context.seed;
    return repeatMark(nonceLow ^ this.group, nonceHigh ^ (this.group << 16), event.source, dedupeKey, event.ordinal);
  }

  private now(): number {
    return Math.floor(runtimeUs(this.context) / TICK_US) + 1;
  }
}

/**
 * Hashes what repeats have in common.
 *
 * @param seed - begins the hash; with `other`, which begins the check, it should be random
 * @param event - tells the event from its repeats
 */
export function repeatMark(seed: number, other: number, source: string, dedupeKey: string, event: number): RepeatMark {
  let hash = seed;
  let check = other;
  const take = (unit: number): void => {
    hash = Math.imul(hash ^ unit, 0x9e37_79b1);
    hash = (hash << 13) | (hash >>> 19);
    check = Math.imul(check + unit, 0x85eb_ca6b);
    check ^= check >>> 15;
  };
  for (const text of [source, dedupeKey]) {
    for (let index = 0; index < text.length; index++) take(text.charCodeAt(index));
    take(END_OF_TEXT);
  }
  return { hash: spread(hash), check: spread(check ^ 0x27d4_eb2f), event };
}

/** Has every bit of a word depend on every other. Source: the end of MurmurHash3, by Austin Appleby, public domain. */
function spread(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
