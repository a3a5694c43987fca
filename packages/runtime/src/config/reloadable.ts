/**
 * Which keys of the configuration may change while a runtime runs, and what differs between two configurations.
 * Thread: any.
 *
 * A section may change when nothing it says was built into memory or threads at the start. The table names every section, which the compiler sees to;
 * `docs/configuration.md` and the refusal of a reload both follow from it.
 */
import { describeValue } from '@ringmain/core';
import type { ConfigProblem } from './config-problem.ts';
import { configKeys } from './config-reference.ts';
import type { ConfigKey } from './config-reference.ts';
import type { RuntimeConfig } from './config-schema.ts';

/** Sections, and keys outside of sections, by whether a reload may change them. */
export const RELOADABLE: Readonly<Record<keyof RuntimeConfig, boolean>> = Object.freeze({
  // Threads and the memory between them.
  shards: false,
  shardsMax: false,
  lanes: false,
  mesh: false,
  bay: false,
  recordBytesMax: false,
  overflow: true,
  stage: true,
  publishRate: true,
  admission: true,
  drainBudgetUs: true,
  mainDrainBudgetUs: true,
  // A loop that waits one way cannot be woken another way.
  wait: false,
  coordinator: true,
  restart: true,
  warmSpare: false,
  startTimeoutMs: true,
  shutdownMs: true,
  resizeTimeoutMs: true,
  deliveryTimeoutMs: true,
  bulkheads: true,
  // Pools are made when a shard starts.
  isolation: false,
  breakers: true,
  handlers: true,
  retry: true,
  deadLetters: true,
  // What is remembered stands in memory of a fixed size, with times that mean nothing in another window.
  dedupe: false,
  scheduling: true,
  flow: true,
  rebalance: true,
  watchdog: true,
  health: true,
  log: true,
  output: true,
  // Node takes them when a thread starts.
  resourceLimits: false,
  events: false,
  subscribers: false,
  // Part of the identity of events that are under way.
  source: false,
});

/** True when a reload may change a key. */
export function isReloadable({ keys }: Pick<ConfigKey, 'keys'>): boolean {
  return RELOADABLE[keys[0] as keyof RuntimeConfig];
}

/** One key that a reload changed. */
export interface ConfigChange {
  /** Dotted path, such as `publishRate.perSecond`. */
  readonly path: string;
  /** The effective value before; undefined where there was none. */
  readonly from: unknown;
  readonly to: unknown;
}

/** The keys that differ between two effective configurations, in the order of the schema. */
export function configChanges(before: RuntimeConfig, after: RuntimeConfig): readonly (ConfigChange & Pick<ConfigKey, 'keys'>)[] {
  return configKeys().flatMap(({ keys, path }) => {
    const [from, to] = [valueAt(before, keys), valueAt(after, keys)];
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path, keys, from, to }];
  });
}

/** What is wrong with changes that need a restart. */
export function restartProblems(changes: ReturnType<typeof configChanges>): readonly ConfigProblem[] {
  return changes
    .filter((change) => !isReloadable(change) || takesBulkheadsAway(change) || changesBreakers(change))
    .map(({ path, keys, from, to }) => ({
      path,
      keys,
      found: `is ${describe(to)} and was ${describe(from)} when the runtime started`,
      allowed: `${describe(from)}, or a restart`,
    }));
}

/** Groups that name a bulkhead go on naming it. */
function takesBulkheadsAway({ keys, from, to }: ReturnType<typeof configChanges>[number]): boolean {
  return keys[0] === 'bulkheads' && Object.keys(from as object).some((name) => !Object.hasOwn(to as object, name));
}

/** Groups keep or have no breaker, and who takes over was settled when they were made. */
function changesBreakers({ keys, from, to }: ReturnType<typeof configChanges>[number]): boolean {
  const fixed = (breakers: unknown): string =>
    Object.entries(breakers as RuntimeConfig['breakers'])
      .map(([group, { onOpen = 'hold' }]) => `${group} ${onOpen}`)
      .toSorted((one, other) => (one < other ? -1 : 1))
      .join('\n');
  return keys[0] === 'breakers' && fixed(from) !== fixed(to);
}

function describe(value: unknown): string {
  if (value === undefined) return 'not set';
  return typeof value === 'object' ? JSON.stringify(value).slice(0, 200) : describeValue(value);
}

function valueAt(config: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], config);
}
