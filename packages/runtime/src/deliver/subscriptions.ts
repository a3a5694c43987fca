/**
 * Which groups of one thread take an event type: subscriptions with compiled patterns, and a cache per type.
 * Thread: the consumer's. Groups stand in the order of their subscription; a record's steps are counted in this order.
 */
import type { TopicPattern } from '@ringmain/core';
import { LIMITS, compilePattern } from '@ringmain/core';
import { DictionaryReader, recordViews } from '@ringmain/codec';
import { DICTIONARY_BYTES } from '@ringmain/ring';
import type { EventType, EventTypes } from '../events/event-type.ts';
import type { RuntimeSeed } from '../thread-context.ts';
import type { Group } from './group.ts';

/** The answer for one type: the type itself and its groups. */
export interface Match {
  readonly type: EventType;
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
  private closed: (Match | undefined)[] = [];
  private open = new Map<number, Match>();

  constructor(seed: RuntimeSeed, types: EventTypes) {
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
    if (topicId < LIMITS.openTypeIdBase) return this.closed[topicId] ?? this.matchClosed(topicId);
    return this.open.get(producer * 0x1_0000 + topicId) ?? this.matchOpen(producer, topicId);
  }

  private matchClosed(topicId: number): Match {
    const type = this.types.closed(topicId);
    if (type === undefined) throw new Error(`record of unknown event type ${topicId}`);
    const match = { type, groups: this.groupsOf(type.name) };
    this.closed[topicId] = match;
    return match;
  }

  private matchOpen(producer: number, topicId: number): Match {
    const dictionary = this.dictionaries[producer];
    const type = this.types.received(producer, topicId, (id) => dictionary?.name(id) ?? '');
    const match = { type, groups: this.groupsOf(type.name) };
    this.open.set(producer * 0x1_0000 + topicId, match);
    return match;
  }

  private groupsOf(name: string): Group[] {
    const groups = new Map<string, Group>();
    for (const { patterns, group } of this.list) {
      if (!groups.has(group.name) && patterns.some((pattern) => pattern.matches(name))) groups.set(group.name, group);
    }
    return [...groups.values()];
  }

  private forget(): void {
    this.closed = [];
    this.open = new Map();
  }
}
