/**
 * Subscriptions of the main thread itself, added and removed while the runtime runs.
 * Thread: main. Bounded by `LIMITS.groupsMax`, together with the groups of subscriber modules when they run here.
 */
import type { RingmainEvent } from '@ringmain/core';
import { LIMITS, RingmainError, compilePattern } from '@ringmain/core';
import { CELL_BYTES, GROUP_CELLS, HISTOGRAM_BYTES } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { Consumer } from '../deliver/consumer.ts';
import { Group } from '../deliver/group.ts';
import type { HandlerContext } from '../handler-context.ts';
import type { SubscribeOptions } from '../subscribe-options.ts';
import { subscriber } from '../subscriber.ts';
import type { ThreadContext } from '../thread-context.ts';

/** One subscription of the main thread. */
export interface LocalSubscription {
  readonly group: Group;
  readonly patterns: readonly string[];
}

/** Subscriptions of the main thread. */
export class LocalSubscriptions {
  private readonly context: ThreadContext;
  private readonly consumer: Consumer;
  private readonly log: Logger;
  private readonly live = new Map<string, LocalSubscription>();
  /** Removed groups with deliveries that have not settled; their numbers are not given out again before those settled. */
  private readonly retired = new Set<Group>();

  constructor(context: ThreadContext, consumer: Consumer, log: Logger) {
    this.context = context;
    this.consumer = consumer;
    this.log = log;
  }

  /**
   * Adds a subscription.
   *
   * @throws {@link RingmainError} `RINGMAIN_SUBSCRIBER_INVALID` for a name in use, or an option that is none, `RINGMAIN_LIMIT_EXCEEDED`, `RINGMAIN_PATTERN_INVALID`
   */
  add(
    patterns: readonly string[],
    handle: (event: RingmainEvent, ctx: HandlerContext) => unknown,
    { group, ...filters }: SubscribeOptions,
  ): LocalSubscription {
    const name = group ?? this.unusedName(patterns.join(','));
    if (this.live.has(name)) {
      throw new RingmainError('RINGMAIN_SUBSCRIBER_INVALID', `group ${name} is subscribed already`, {
        allowed: 'one subscription per group',
      });
    }
    const definition = subscriber<Record<string, unknown>, readonly string[]>({
      ...filters,
      pattern: patterns,
      group: name,
      handle,
    });
    const created = new Group(this.context, this.freeNumber(), definition, this.consumer.scope, this.log, true);
    this.clearCells(created.id);
    this.consumer.subscriptions.add(definition.patterns, created);
    const subscription = { group: created, patterns: definition.patterns };
    this.live.set(name, subscription);
    return subscription;
  }

  /** Removes a subscription; deliveries that began before go on to their end. */
  remove(subscription: LocalSubscription): void {
    const { group } = subscription;
    if (this.live.get(group.name) !== subscription) return;
    this.live.delete(group.name);
    this.consumer.subscriptions.remove(group);
    group.flushLatency();
    if (group.open !== 0) this.retired.add(group);
  }

  /** All patterns listened to. */
  patterns(): string[] {
    return [...this.live.values()].flatMap(({ patterns }) => patterns);
  }

  /** All subscriptions. */
  all(): LocalSubscription[] {
    return [...this.live.values()];
  }

  /** Names of the subscriptions that take a type. */
  readonly takers = (type: string): string[] => {
    const takes = ({ patterns }: LocalSubscription): boolean => patterns.some((pattern) => compilePattern(pattern).matches(type));
    return this.all()
      .filter(takes)
      .map(({ group }) => group.name);
  };

  private freeNumber(): number {
    for (const group of this.retired) if (group.open === 0) this.retired.delete(group);
    const taken = new Set([...this.consumer.subscriptions.groups(), ...this.retired].map(({ id }) => id));
    for (let id = 0; id < LIMITS.groupsMax; id++) if (!taken.has(id)) return id;
    throw new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `${taken.size} groups on the main thread`, {
      allowed: `at most ${LIMITS.groupsMax}`,
    });
  }

  private unusedName(base: string): string {
    const short = base.slice(0, LIMITS.attributeChars - 8);
    if (!this.live.has(short)) return short;
    let suffix = 2;
    while (this.live.has(`${short}#${suffix}`)) suffix++;
    return `${short}#${suffix}`;
  }

  /** A number that is given out again starts to count from 0. */
  private clearCells(id: number): void {
    const regions = this.context.seed.plan.threads[this.context.thread];
    if (regions === undefined) return;
    const { control } = this.context;
    const cells = (regions.groupCells >> 2) + (id * GROUP_CELLS * CELL_BYTES) / 4;
    control.fill(0, cells, cells + (GROUP_CELLS * CELL_BYTES) / 4);
    const histogram = (regions.histograms + id * HISTOGRAM_BYTES) >> 2;
    control.fill(0, histogram, histogram + HISTOGRAM_BYTES / 4);
  }
}
