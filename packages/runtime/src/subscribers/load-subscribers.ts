/**
 * Loads subscriber modules and the event registry they use.
 * Thread: every shard and the spare; the main thread with `shards: 0`. All threads load the same modules in the same order, and
 * compare {@link LoadedSubscribers.hash} at activation, so that group numbers agree.
 */
import { LIMITS, RingmainError, fnv1a32 } from '@ringmain/core';
import type { BreakerOptions } from '../breaker-options.ts';
import { refuseName } from '../check-names.ts';
import type { EventRegistry } from '../events/define-events.ts';
import { isEventRegistry } from '../events/define-events.ts';
import type { Subscriber, WhenFull } from '../subscriber.ts';
import { isSubscriber } from '../subscriber.ts';
import type { IsolationKind } from '../isolation/isolation-options.ts';
import { checkBreakers } from './check-breakers.ts';
import type { RuntimeSeed } from '../thread-context.ts';
import { loadModule } from './load-module.ts';

/** What the modules export, checked. */
export interface LoadedSubscribers {
  readonly subscribers: readonly Subscriber[];
  /** URL of the module of each subscriber, for errors. */
  readonly modules: readonly string[];
  readonly registry: EventRegistry | undefined;
  readonly hash: number;
}

/** A group as other threads know it: plain data. */
export interface GroupDescription {
  readonly name: string;
  readonly patterns: readonly string[];
  readonly whenFull: WhenFull;
  /** Where its handlers run. */
  readonly isolation: IsolationKind;
  /** What the subscriber says of its breaker, as far as that is plain data. */
  readonly breaker?: BreakerOptions;
}

/** A record names groups that it leaves out by bits of one word. */
const SHEDDING_MAX = 32;

/**
 * Loads everything that a seed names.
 *
 * @throws {@link RingmainError} `RINGMAIN_SUBSCRIBER_LOAD_FAILED`, `RINGMAIN_SUBSCRIBER_INVALID`, `RINGMAIN_EVENTS_MISMATCH`,
 * `RINGMAIN_LIMIT_EXCEEDED`
 */
export async function loadSubscribers(
  seed: Pick<RuntimeSeed, 'subscribers' | 'eventsModule' | 'eventsHash' | 'config'>,
): Promise<LoadedSubscribers> {
  const modules = await Promise.all(seed.subscribers.map((url) => loadModule(url)));
  const found = modules.flatMap((exported, index) => {
    const url = seed.subscribers[index] as string;
    return subscribersOf(exported, url).map((subscriber) => ({ subscriber, url }));
  });
  const subscribers = found.map(({ subscriber }) => subscriber);
  if (subscribers.length > LIMITS.groupsMax) {
    throw new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `${subscribers.length} subscribers`, {
      allowed: `at most ${LIMITS.groupsMax}`,
    });
  }
  if (subscribers.findLastIndex(({ whenFull }) => whenFull === 'shed') >= SHEDDING_MAX) {
    throw new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `a subscriber behind the first ${SHEDDING_MAX} sheds`, {
      allowed: `whenFull: 'shed' for the first ${SHEDDING_MAX} subscribers`,
    });
  }
  const registry =
    seed.eventsModule === undefined
      ? subscribers.find(({ events }) => events !== undefined)?.events
      : await loadRegistry(seed.eventsModule);
  for (const { subscriber, url } of found) {
    const { events, group } = subscriber;
    checkBulkhead(subscriber, seed.config, url);
    if (events !== undefined && events.hash !== seed.eventsHash)
      throw mismatch(`group ${group} of module ${url} was built with other event definitions`, { group, url });
  }
  checkBreakers(subscribers, seed.config);
  if (subscribers.length > 0 && registry === undefined) {
    throw mismatch('no subscriber names its event definitions; give `events` to subscriber() or to the configuration');
  }
  const lines = subscribers.map(({ group, patterns, whenFull }) => `${group}|${patterns.join(' ')}|${whenFull}`);
  return { subscribers, modules: found.map(({ url }) => url), registry, hash: fnv1a32(lines.join('\n')) };
}

/** A bulkhead that is named is one of the configuration, and its queue is bounded only for groups that may lose events. */
function checkBulkhead({ bulkhead, group, whenFull }: Subscriber, { bulkheads }: RuntimeSeed['config'], url: string): void {
  if (typeof bulkhead !== 'string') return;
  const refuse = (what: string, allowed: string): never => {
    throw new RingmainError('RINGMAIN_SUBSCRIBER_INVALID', `group ${group}: ${what}`, {
      allowed,
      details: { group, url, bulkhead },
    });
  };
  const names = new Set(Object.keys(bulkheads));
  if (!names.has(bulkhead)) refuseName(`bulkhead ${bulkhead}`, bulkhead, names, refuse);
  if (bulkheads[bulkhead]?.queue !== undefined && whenFull !== 'shed')
    refuse(
      `bulkhead ${bulkhead} has a queue, and the group does not say whenFull: "shed"`,
      'queue only where deliveries may be dropped',
    );
}

/** Loads a module that exports a registry, as default or as `events`. */
export async function loadRegistry(url: string): Promise<EventRegistry> {
  const exported = await loadModule(url);
  const found = [exported['default'], exported['events']].find((value) => isEventRegistry(value));
  if (found === undefined)
    throw mismatch(`module ${url} exports no event registry; export the result of defineEvents as default or as events`);
  return found;
}

/** The groups of loaded subscribers, in the order of their numbers. */
export function describeGroups(subscribers: readonly Subscriber[]): GroupDescription[] {
  return subscribers.map(({ group, patterns, whenFull, isolation, breaker }) => ({
    name: group,
    patterns,
    whenFull,
    isolation: isolation?.kind ?? 'inline',
    ...(breaker !== undefined && { breaker }),
  }));
}

/**
 * The subscribers that a module exports.
 *
 * @throws {@link RingmainError} `RINGMAIN_SUBSCRIBER_INVALID`
 */
export function subscribersOf(exported: Record<string, unknown>, url: string): Subscriber[] {
  const candidates = [exported['default'], exported['subscribers']].filter((value) => value !== undefined).flat();
  if (candidates.length === 0 || !candidates.every((value) => isSubscriber(value))) {
    throw new RingmainError(
      'RINGMAIN_SUBSCRIBER_INVALID',
      `module ${url} exports ${candidates.length} values that are not all subscribers`,
      {
        allowed: 'a default export (or `subscribers`) made by subscriber(), or an array of such',
        details: { url },
      },
    );
  }
  return candidates;
}

function mismatch(what: string, details: Readonly<Record<string, string>> = {}): RingmainError {
  return new RingmainError('RINGMAIN_EVENTS_MISMATCH', what, { allowed: 'one registry for all threads', details });
}
