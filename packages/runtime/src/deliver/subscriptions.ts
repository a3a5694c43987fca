/**
 * Which groups of one thread take an event type: subscriptions with compiled patterns, and a cache per type.
 * Thread: the consumer's. Groups stand in the order of their subscription; a record's steps are counted in this order.
 */
import type { TopicPattern } from '@ringmain/core';
import { LIMITS, compilePattern } from '@ringmain/core';
import { DictionaryReader, recordViews } from '@ringmain/codec';
import { DICTIONARY_BYTES, TYPE_CELLS } from '@ringmain/ring';
import type { EventType, EventTypes } from '../events/event-type.ts';
import type { RuntimeSeed } from '../thread-context.ts';
import type { Origin } from './delivered-event.ts';
import type { Group } from './group.ts';

/** The answer for one type of one producer: where its records come from, and its groups. */
export interface Match extends Origin {
  readonly groups: readonly Group[];
}

interface Subscription {
  readonly patterns: readonly TopicPattern[];
  readonly group: Group;
}

/** Subscriptions of one thread. */
export class Subscriptions {
  private readonly types: EventTypes;
  private readonly dictionaries: readonly DictionaryReader[];
  private readonly list: Subscription[] = [];
  private readonly seed: RuntimeSeed;
  /** Matches by producer and topic id; bounded by the types of all producers. */
  private matches: (Match | undefined)[][] = [];

  constructor(seed: RuntimeSeed, types: EventTypes) {
    this.seed = seed;
    this.types = types;
    this.dictionaries = seed.plan.threads.map(
      (regions) =>
        new DictionaryReader(recordViews(seed.memory.control, regions.dictionary, DICTIONARY_BYTES), 0, DICTIONARY_BYTES),
    );
  }

  /** Adds a group; of several handlers of one group the first whose pattern matches takes the event. */
  add(patterns: readonly string[], group: Group): void {
    this.list.push({ patterns: patterns.map((pattern) => compilePattern(pattern)), group });
    this.forget();
  }

  /** Removes a group. */
  remove(group: Group): void {
    const index = this.list.findIndex((subscription) => subscription.group === group);
    if (index >= 0) this.list.splice(index, 1);
    this.forget();
  }

  /** Number of subscriptions. */
  get size(): number {
    return this.list.length;
  }

  /** Every group. */
  groups(): Group[] {
    return this.list.map(({ group }) => group);
  }

  /** The groups for a topic id as a producer gave it. */
  match(producer: number, topicId: number): Match {
    return this.matches[producer]?.[indexOf(topicId)] ?? this.find(producer, topicId);
  }

  private find(producer: number, topicId: number): Match {
    const type = topicId < LIMITS.openTypeIdBase ? this.types.closed(topicId) : this.openType(producer, topicId);
    if (type === undefined) throw new Error(`record of unknown event type ${topicId}`);
    const match = { seed: this.seed, producer, type, groups: this.groupsOf(type.name) };
    (this.matches[producer] ??= Array.from({ length: TYPE_CELLS }))[indexOf(topicId)] = match;
    return match;
  }

  private openType(producer: number, topicId: number): EventType {
    const dictionary = this.dictionaries[producer];
    return this.types.received(producer, topicId, (id) => dictionary?.name(id) ?? '');
  }

  private groupsOf(name: string): Group[] {
    const groups = new Map<string, Group>();
    for (const { patterns, group } of this.list) {
      if (!groups.has(group.name) && patterns.some((pattern) => pattern.matches(name))) groups.set(group.name, group);
    }
    return [...groups.values()];
  }

  private forget(): void {
    this.matches = [];
  }
}

/** Closed ids first, then open ones, without the gap between them. */
function indexOf(topicId: number): number {
  return topicId < LIMITS.openTypeIdBase ? topicId : topicId - LIMITS.openTypeIdBase + LIMITS.typesMax;
}
