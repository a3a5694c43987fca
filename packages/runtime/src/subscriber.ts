/**
 * `subscriber`: what a handler module exports. Modules are loaded by every shard; their handlers run there.
 * Thread: shards (or the main thread with `shards: 0`).
 */
import type { EventOf, PublishOutcome, RingmainEvent, SendOutcome } from '@ringmain/core';
import { LIMITS, PRIORITY_NAMES, RingmainError, compilePattern, describeValue, priorityLevel } from '@ringmain/core';
import type { PriorityName } from '@ringmain/core';
import type { Logger } from 'pino';
import type { EventRegistry } from './events/define-events.ts';
import { isEventRegistry } from './events/define-events.ts';
import type { BatchEntry, PublishOptions, SendOptions } from './publish/options.ts';

/** What a handler gets beside the event. */
export interface HandlerContext<State = unknown> {
  /** Index of the shard, from 0; -1 on the main thread. */
  readonly shard: number;
  readonly group: string;
  /** What this subscriber's `setup` returned in this shard. */
  readonly state: State;
  /** Deliveries of this event to this group, this one included. */
  readonly attempt: number;
  readonly log: Logger;
  /** Publishes from this shard straight to the target's; correlation and causation are inherited from the event. */
  publish(type: string, data: unknown, options?: PublishOptions): PublishOutcome;
  /**
   * Publishes several events, all or none of them, in order. Each inherits correlation and causation where its entry does not name its own.
   *
   * @remarks If the thread dies while it publishes, the first events of the batch may be delivered without the others.
   * @returns one outcome for the batch
   * @throws {@link RingmainError} what `publish` throws, and `RINGMAIN_LIMIT_EXCEEDED` for a batch that takes more than half of a lane; nothing
   * of the batch is published then
   */
  publishBatch(entries: readonly BatchEntry[]): PublishOutcome;
  /** Like {@link HandlerContext.publish}, but waits for room, or for the event to be handled. */
  send(type: string, data: unknown, options?: SendOptions): Promise<SendOutcome>;
}

/** What `setup` and `teardown` get. */
export interface SetupContext {
  readonly shard: number;
  readonly group: string;
  readonly log: Logger;
}

/** What a group does when it has no credit. */
export type WhenFull = 'backpressure' | 'shed';

type PatternsOf<Pattern> = Pattern extends readonly (infer One extends string)[] ? One : Pattern extends string ? Pattern : never;

/** One subscriber, as the user writes it. */
export interface SubscriberDefinition<Events, Pattern, State> {
  /** The registry; it types the event, and every shard compares it with the main thread's. */
  readonly events?: EventRegistry<Events>;
  /** Topic pattern, or several. */
  readonly pattern: Pattern;
  /** Name under which deliveries are counted; one handler per event and group. @defaultValue the patterns */
  readonly group?: string;
  /** Takes only events at least this urgent. */
  readonly priorityMin?: PriorityName;
  /** Takes only events for which this returns true; others are counted as `filtered`. Must not keep the event. */
  readonly where?: (event: NoInfer<EventOf<Events, PatternsOf<Pattern>>>) => boolean;
  /**
   * What happens to an event when this group has as much outstanding as it may: `backpressure` holds the whole event back, as its
   * type's policy says; `shed` leaves this group out, counts the event as dropped for it, and delivers to the others.
   *
   * @defaultValue `'backpressure'`
   */
  readonly whenFull?: WhenFull;
  /** Handles one event; returning (or resolving) settles the delivery, throwing (or rejecting) fails it. */
  readonly handle: (event: NoInfer<EventOf<Events, PatternsOf<Pattern>>>, ctx: HandlerContext<State>) => unknown;
  /** Runs once per shard, when it becomes active; its result is `ctx.state`. */
  readonly setup?: (ctx: SetupContext) => State | Promise<State>;
  /** Runs once per shard, after its last delivery at shutdown. Not after a crash. */
  readonly teardown?: (state: State, ctx: SetupContext) => unknown;
}

/** A checked subscriber. */
export interface Subscriber {
  readonly kind: 'ringmain.subscriber';
  readonly events: EventRegistry | undefined;
  readonly patterns: readonly string[];
  readonly group: string;
  /** Most urgent is 0; events with a larger level are filtered. */
  readonly levelMax: number;
  readonly where: ((event: RingmainEvent) => boolean) | undefined;
  readonly whenFull: WhenFull;
  readonly handle: (event: RingmainEvent, ctx: HandlerContext) => unknown;
  readonly setup: ((ctx: SetupContext) => unknown) | undefined;
  readonly teardown: ((state: unknown, ctx: SetupContext) => unknown) | undefined;
}

/**
 * Checks and freezes a subscriber.
 *
 * @throws {@link RingmainError} `RINGMAIN_SUBSCRIBER_INVALID`, `RINGMAIN_PATTERN_INVALID`, `RINGMAIN_PRIORITY_INVALID`
 * @example
 * ```ts
 * export default subscriber({ events, pattern: 'order.*', group: 'billing', handle: (event) => bill(event.data) });
 * ```
 */
export function subscriber<
  Events = Record<string, unknown>,
  const Pattern extends string | readonly string[] = string,
  State = undefined,
>(definition: SubscriberDefinition<Events, Pattern, State>): Subscriber {
  if (typeof definition !== 'object' || definition === null)
    throw invalid(`the definition is ${describeValue(definition)}`, 'an object with pattern and handle');
  const patterns = patternsOf(definition.pattern);
  const fail = (what: string, allowed: string): never => {
    throw invalid(what, allowed, { patterns });
  };
  if (typeof definition.handle !== 'function') fail('handle is no function', 'a function (event, ctx)');
  if (definition.events !== undefined && !isEventRegistry(definition.events))
    fail('events is no registry', 'the result of defineEvents');
  const group = definition.group ?? patterns.join(',');
  if (typeof group !== 'string' || group.length === 0 || group.length > LIMITS.attributeChars) {
    fail('group is empty, too long or no string', `a name of 1 to ${LIMITS.attributeChars} characters`);
  }
  const whenFull = definition.whenFull ?? 'backpressure';
  if (whenFull !== 'backpressure' && whenFull !== 'shed') fail(`whenFull is ${String(whenFull)}`, 'backpressure or shed');
  return Object.freeze({
    kind: 'ringmain.subscriber',
    events: definition.events as EventRegistry | undefined,
    patterns: Object.freeze(patterns),
    group,
    levelMax: definition.priorityMin === undefined ? PRIORITY_NAMES.length - 1 : priorityLevel(definition.priorityMin),
    where: definition.where as Subscriber['where'],
    whenFull,
    handle: definition.handle as Subscriber['handle'],
    setup: definition.setup as Subscriber['setup'],
    teardown: definition.teardown as Subscriber['teardown'],
  } as const);
}

/**
 * @internal One pattern or several, checked, as a list.
 *
 * @throws {@link RingmainError} `RINGMAIN_SUBSCRIBER_INVALID`, `RINGMAIN_PATTERN_INVALID`
 */
export function patternsOf(pattern: unknown): string[] {
  if (typeof pattern === 'string') return [checkPattern(pattern)];
  if (!Array.isArray(pattern)) throw invalid(`pattern is ${describeValue(pattern)}`, 'a topic pattern or an array of such');
  if (pattern.length === 0 || pattern.length > LIMITS.matchesMax)
    throw invalid(`${pattern.length} patterns`, `1 to ${LIMITS.matchesMax} patterns`);
  return pattern.map(checkPattern);
}

function checkPattern(pattern: unknown): string {
  compilePattern(pattern);
  return pattern as string;
}

function invalid(what: string, allowed: string, details: Readonly<Record<string, unknown>> = {}): RingmainError {
  return new RingmainError('RINGMAIN_SUBSCRIBER_INVALID', what, { allowed, details });
}

/** Tells whether a value is a subscriber, also one of another copy of the package. */
export function isSubscriber(value: unknown): value is Subscriber {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'ringmain.subscriber';
}
