/**
 * What a subscriber says about where its handlers run, checked.
 * Thread: any.
 */
import { describeValue } from '@ringmain/core';
import { checkNames, isRecord } from '../check-names.ts';
import { IDLE_TIMEOUT_MS_MAX, POOL_THREADS_MAX, RESOURCE_LIMITS } from '../config/isolation-section.ts';

/** Memory of one thread, as `resourceLimits` of a Node worker. A thread that exceeds one ends, and with it what it was at. */
export interface ThreadMemory {
  /** Heap of long-lived objects, in MiB, from 8. */
  readonly maxOldGenerationSizeMb?: number;
  /** Heap of new objects, in MiB, from 1. */
  readonly maxYoungGenerationSizeMb?: number;
  /** Memory for generated code, in MiB, from 1. */
  readonly codeRangeSizeMb?: number;
  /** Stack, in MiB, from 1. */
  readonly stackSizeMb?: number;
}

/** The threads that a group's handlers run in, in each shard. What is left out is said by the section `isolation` of the configuration. */
export interface IsolationThreads {
  /** Threads that are there before the first event, from 0 to `max`. @defaultValue `isolation.min`: 1 */
  readonly min?: number;
  /** Most threads, and so handlers that are under way at a time, from 1 to 64. @defaultValue `isolation.max`: 1 */
  readonly max?: number;
  /** Milliseconds after which a thread above `min` that has nothing to do ends, up to a day. @defaultValue `isolation.idleTimeoutMs`: 60,000 */
  readonly idleTimeoutMs?: number;
  /** Memory of each thread. @defaultValue `isolation.resourceLimits`, else the limits of a shard */
  readonly resourceLimits?: ThreadMemory;
}

/** Where handlers run: in their shard, or in threads of their group. */
export type Isolation = 'inline' | 'thread' | { readonly threads: IsolationThreads };

type Fail = (what: string, allowed: string) => never;

const ISOLATION_NAMES: ReadonlySet<string> = new Set(['threads']);
const THREADS_NAMES: ReadonlySet<string> = new Set<keyof IsolationThreads>(['min', 'max', 'idleTimeoutMs', 'resourceLimits']);
const MEMORY_NAMES: ReadonlySet<string> = new Set<keyof ThreadMemory>(Object.keys(RESOURCE_LIMITS) as (keyof ThreadMemory)[]);

/**
 * Checks `isolation` of a subscriber.
 *
 * @param bulkhead - what the subscriber says about its bulkhead
 * @returns undefined for handlers that run in their shard
 */
export function isolationOf(isolation: unknown, bulkhead: unknown, fail: Fail): IsolationThreads | undefined {
  if (isolation === undefined || isolation === 'inline') return undefined;
  // Permits that other groups hold too are no bound for the threads of one group.
  if (typeof bulkhead === 'string')
    fail(
      `bulkhead is ${describeValue(bulkhead)} and the group is isolated`,
      "bounds of the group's own, such as { concurrency: 2 }",
    );
  if ((bulkhead as { readonly cpuShare?: unknown } | undefined)?.cpuShare !== undefined)
    fail('bulkhead.cpuShare is given and the group is isolated', 'cpuShare only where handlers compute in their shard');
  if (isolation === 'thread') return Object.freeze({});
  if (!isRecord(isolation)) fail(`isolation is ${describeValue(isolation)}`, '"inline", "thread" or { threads }');
  checkNames('isolation', isolation, ISOLATION_NAMES, fail, 'isolation.');
  const { threads } = isolation as { readonly threads: unknown };
  checkNames('isolation.threads', threads, THREADS_NAMES, fail, 'isolation.threads.');
  const { min, max, idleTimeoutMs, resourceLimits } = threads as IsolationThreads;
  const check = (name: string, value: unknown, least: number, most: number): void => {
    if (value === undefined || (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)) return;
    fail(`isolation.threads.${name} is ${describeValue(value)}`, `an integer from ${least} to ${most}`);
  };
  check('max', max, 1, POOL_THREADS_MAX);
  check('min', min, 0, max ?? POOL_THREADS_MAX);
  check('idleTimeoutMs', idleTimeoutMs, 0, IDLE_TIMEOUT_MS_MAX);
  if (resourceLimits !== undefined) {
    const what = 'isolation.threads.resourceLimits';
    checkNames(what, resourceLimits, MEMORY_NAMES, fail, `${what}.`);
    for (const [name, [least, most]] of Object.entries(RESOURCE_LIMITS))
      check(`resourceLimits.${name}`, resourceLimits[name as keyof ThreadMemory], least, most);
  }
  return Object.freeze({ ...(threads as IsolationThreads) });
}
