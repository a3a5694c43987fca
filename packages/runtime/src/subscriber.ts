/**
 * `subscriber`: what a handler module exports. Modules are loaded by every shard; their handlers run there.
 * Thread: shards (or the main thread with `shards: 0`).
 */
import type { EventOf, RingmainEvent } from '@ringmain/core';
import { LIMITS, PRIORITY_NAMES, RingmainError, compilePattern, describeValue, priorityLevel } from '@ringmain/core';
import type { PriorityName } from '@ringmain/core';
import type { Logger } from 'pino';
import type { BreakerOptions, SubscriberBreaker, SubscriberBreakerOptions } from './breaker-options.ts';
import { subscriberBreakerOf } from './breaker-options.ts';
import type { BulkheadOptions } from './bulkhead-options.ts';
import { bulkheadOf, keyConcurrencyOf } from './bulkhead-options.ts';
import { checkNames } from './check-names.ts';
import { HANDLER_TIMEOUT_MS_MAX } from './config/resilience-sections.ts';
import type { EventRegistry } from './events/define-events.ts';
import { isEventRegistry } from './events/define-events.ts';
import type { BatchHandlerContext, HandlerContext } from './handler-context.ts';
import type { Isolation, Place } from './isolation/isolation-options.ts';
import { isolationOf } from './isolation/isolation-options.ts';
import type { RetryOptions } from './retry-options.ts';
import { retryOptionsOf } from './retry-options.ts';
import type { DeliveryMode } from './delivery-options.ts';
import { dedupeOf, deliveryOf, retryIn } from './delivery-options.ts';

/** When a batch is handed over. */
export interface BatchOptions {
  /** Most events of one call, from 1 to 10000. @defaultValue 100 */
  readonly size?: number;
  /** Milliseconds after which an event waits for no more others, however busy the thread is. @defaultValue 100 */
  readonly timeoutMs?: number;
}

/** The same, filled in. */
export type BatchBounds = Required<BatchOptions>;

/** What `setup` and `teardown` get. */
export interface SetupContext {
  readonly shard: number;
  readonly group: string;
  readonly log: Logger;
}

/** Longest delay of a batch. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** What a group does when it has no credit. */
export type WhenFull = 'backpressure' | 'shed';

type PatternsOf<Pattern> = Pattern extends readonly (infer One extends string)[] ? One : Pattern extends string ? Pattern : never;

/** One subscriber, as the user writes it. */
export interface SubscriberDefinition<Events, Pattern, State> {
  /** The registry; it types the event, and every shard compares it with the main thread's. */
  readonly events?: EventRegistry<Events>;
  /** Topic pattern, or several. */
  readonly pattern: Pattern;
  /**
   * Name under which deliveries are counted; one handler per event and group. Subscribers of one name are one group: they share its permits and the order of its keys.
   *
   * @defaultValue the patterns
   */
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
  /**
   * What happens when the handler throws or rejects. A handler that throws `NonRetryableError`, `RetryAfterError` or `SkipError` decides by itself.
   *
   * @defaultValue the section `retry` of the configuration: 3 attempts, random delays from 100 ms
   */
  readonly retry?: RetryOptions;
  /**
   * How long an attempt may take once the handler has returned a promise, in milliseconds up to a day; 0 for as long as it likes. Then `ctx.signal` aborts and the
   * attempt has failed. A handler that blocks its thread is found by the watchdog.
   *
   * @defaultValue `handlers.timeoutMs` of the configuration: 5000
   */
  readonly timeoutMs?: number;
  /**
   * Bounds the handlers of the group that are under way at a time, in each shard: the name of one of the configuration's `bulkheads`, shared by all groups that
   * name it, or bounds of the group's own. Batches are bounded anyway: one runs at a time.
   *
   * @defaultValue no bound but that of the bay
   */
  readonly bulkhead?: string | BulkheadOptions;
  /**
   * Leaves the handler alone while what it depends on fails, is slow or hangs: `true` for a circuit breaker with the defaults, or options. One breaker serves
   * all shards and all subscribers of the group. To it, a batch is as many calls as it has events.
   *
   * @defaultValue what `breakers` of the configuration says of the group; none if it says nothing
   */
  readonly breaker?: true | SubscriberBreakerOptions;
  /**
   * Handlers of one key that may be under way at a time in a group, from 1 to 65,536, or `'unlimited'`; above 1, the order of a key is not kept.
   *
   * @defaultValue 1
   */
  readonly perKeyConcurrency?: number | 'unlimited';
  /**
   * Where handlers run: in their shard (`'inline'`); in one thread of the group's own beside each shard, where those that wait do so side by side (`'shard'`); or in
   * a pool of threads beside each shard, where each has a thread to itself while it runs and a time limit really ends it (`'thread'`). In both a memory limit
   * applies, and a handler that blocks, crashes or exits hurts no other group; it fails its attempt. `setup` and `teardown` run in each of those threads, and
   * `ctx.state` is that thread's; `where` and `retry.retryIf` stay in the shard. Costs some tens of microseconds per event, and memory per thread.
   *
   * @defaultValue `'inline'`
   */
  readonly isolation?: Isolation;
  /**
   * What is done for an event. `reliable`: it is delivered until it was handled or dead-lettered, also if threads die. `best-effort`: its handler is called once at most;
   * what fails, or goes down with a thread, counts as dropped (`failed`, `lost`), without retries and letters. `latest-only`: of the events of a key that wait, the newest
   * takes the place of the others, which count as dropped (`superseded`); that one is delivered reliably. Only with `handle`, and one handler of a key at a time.
   *
   * @defaultValue `'reliable'`
   */
  readonly delivery?: DeliveryMode;
  /**
   * Drops repeats: events of the same `source` with the same `dedupeKey` as one that this group handled not long ago, as `dedupe` of the configuration says. They count as
   * dropped, `duplicate`. Repeats must have the same key, or none. Only with `handle`, and one handler of a key at a time.
   *
   * @defaultValue false
   */
  readonly dedupe?: boolean;
  /** Handles one event; returning (or resolving) settles the delivery, throwing (or rejecting) fails the attempt. */
  readonly handle?: (event: NoInfer<EventOf<Events, PatternsOf<Pattern>>>, ctx: HandlerContext<State>) => unknown;
  /**
   * Handles many events in one call, in place of `handle`. Returning (or resolving) settles them all as delivered, except those passed to `ctx.fail`;
   * throwing (or rejecting) fails all others. One batch per group and shard runs at a time, and a group with it has no other subscriber.
   */
  readonly handleBatch?: (
    events: readonly NoInfer<EventOf<Events, PatternsOf<Pattern>>>[],
    ctx: BatchHandlerContext<State>,
  ) => unknown;
  /** Only with `handleBatch`. */
  readonly batch?: BatchOptions;
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
  /** Undefined exactly if there is a `handleBatch`. */
  readonly handle: ((event: RingmainEvent, ctx: HandlerContext) => unknown) | undefined;
  readonly handleBatch: ((events: readonly RingmainEvent[], ctx: BatchHandlerContext) => unknown) | undefined;
  readonly batch: BatchBounds | undefined;
  readonly retry: RetryOptions;
  readonly timeoutMs: number | undefined;
  readonly bulkhead: string | BulkheadOptions | undefined;
  /** Undefined where handlers run in their shard. */
  readonly isolation: Place | undefined;
  readonly breaker: BreakerOptions | undefined;
  readonly failureIf: SubscriberBreaker['failureIf'];
  /** Infinity for any number; 1 where no subscriber of the group says anything. */
  readonly perKeyConcurrency: number | undefined;
  readonly delivery: DeliveryMode;
  readonly dedupe: boolean;
  readonly setup: ((ctx: SetupContext) => unknown) | undefined;
  readonly teardown: ((state: unknown, ctx: SetupContext) => unknown) | undefined;
}

/** Every option of a subscriber; a record of all names, so that the compiler misses none. */
const DEFINITION: Readonly<Record<keyof SubscriberDefinition<unknown, string, unknown>, true>> = {
  events: true,
  pattern: true,
  group: true,
  priorityMin: true,
  where: true,
  whenFull: true,
  handle: true,
  handleBatch: true,
  batch: true,
  retry: true,
  timeoutMs: true,
  bulkhead: true,
  breaker: true,
  perKeyConcurrency: true,
  isolation: true,
  delivery: true,
  dedupe: true,
  setup: true,
  teardown: true,
};
const DEFINITION_NAMES: ReadonlySet<string> = new Set(Object.keys(DEFINITION));

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
  checkNames('the definition', definition, DEFINITION_NAMES, (what, allowed) => {
    throw invalid(what, allowed);
  });
  const patterns = patternsOf(definition.pattern);
  const fail = (what: string, allowed: string): never => {
    throw invalid(what, allowed, { patterns });
  };
  const handling = handlingOf(definition, fail);
  for (const name of ['where', 'setup', 'teardown'] as const) {
    const value: unknown = definition[name];
    if (value !== undefined && typeof value !== 'function') fail(`${name} is ${describeValue(value)}`, 'a function');
  }
  if (definition.events !== undefined && !isEventRegistry(definition.events))
    fail('events is no registry', 'the result of defineEvents');
  const group = definition.group ?? patterns.join(',');
  if (typeof group !== 'string' || group.length === 0 || group.length > LIMITS.attributeChars) {
    fail('group is empty, too long or no string', `a name of 1 to ${LIMITS.attributeChars} characters`);
  }
  const delivery = deliveryOf(definition, fail);
  const whenFull = definition.whenFull ?? 'backpressure';
  if (whenFull !== 'backpressure' && whenFull !== 'shed') fail(`whenFull is ${String(whenFull)}`, 'backpressure or shed');
  const gathers = delivery === 'latest-only' || handling.batch !== undefined;
  return Object.freeze({
    kind: 'ringmain.subscriber',
    events: definition.events as EventRegistry | undefined,
    patterns: Object.freeze(patterns),
    group,
    levelMax: definition.priorityMin === undefined ? PRIORITY_NAMES.length - 1 : priorityLevel(definition.priorityMin),
    where: definition.where as Subscriber['where'],
    whenFull,
    ...handling,
    delivery,
    retry: retryIn(delivery, retryOptionsOf(definition.retry, fail), fail),
    timeoutMs: timeoutMsOf(definition.timeoutMs, fail),
    bulkhead: bulkheadOf(definition.bulkhead, { sheds: whenFull === 'shed', gathers }, fail),
    isolation: isolationOf(definition.isolation, definition.bulkhead, fail),
    ...subscriberBreakerOf(definition.breaker, fail),
    perKeyConcurrency: keyConcurrencyOf(definition.perKeyConcurrency, fail),
    dedupe: dedupeOf(definition, fail),
    setup: definition.setup as Subscriber['setup'],
    teardown: definition.teardown as Subscriber['teardown'],
  } as const);
}

type Handling = Pick<Subscriber, 'handle' | 'handleBatch' | 'batch'>;
type HandlingDefinition = { readonly [Name in keyof Handling]?: unknown };

/** Either a handler of events or one of batches. */
function handlingOf(
  { handle, handleBatch, batch }: HandlingDefinition,
  fail: (what: string, allowed: string) => never,
): Handling {
  if (handleBatch === undefined) {
    if (typeof handle !== 'function') fail('handle is no function', 'a function (event, ctx), or handleBatch');
    if (batch !== undefined) fail('batch is given without handleBatch', 'batch only with handleBatch');
    return { handle: handle as Handling['handle'], handleBatch: undefined, batch: undefined };
  }
  if (typeof handleBatch !== 'function') fail('handleBatch is no function', 'a function (events, ctx)');
  if (handle !== undefined) fail('there are both handle and handleBatch', 'one of them');
  if (batch !== undefined && (typeof batch !== 'object' || batch === null)) fail('batch is no object', '{ size?, timeoutMs? }');
  const { size = 100, timeoutMs = 100, ...rest } = (batch ?? {}) as BatchOptions;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) fail(`batch.${unknown} is unknown`, 'size, timeoutMs');
  if (!Number.isInteger(size) || size < 1 || size > LIMITS.batchEventsMax)
    fail(`batch.size is ${describeValue(size)}`, `an integer from 1 to ${LIMITS.batchEventsMax}`);
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0 && timeoutMs <= TIMEOUT_MS_MAX))
    fail(`batch.timeoutMs is ${describeValue(timeoutMs)}`, `a number from 0 to ${TIMEOUT_MS_MAX}`);
  return { handle: undefined, handleBatch: handleBatch as Handling['handleBatch'], batch: Object.freeze({ size, timeoutMs }) };
}

function timeoutMsOf(timeoutMs: unknown, fail: (what: string, allowed: string) => never): number | undefined {
  if (
    timeoutMs === undefined ||
    (Number.isInteger(timeoutMs) && (timeoutMs as number) >= 0 && (timeoutMs as number) <= HANDLER_TIMEOUT_MS_MAX)
  )
    return timeoutMs as number | undefined;
  return fail(`timeoutMs is ${describeValue(timeoutMs)}`, `an integer from 0 to ${HANDLER_TIMEOUT_MS_MAX}`);
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
