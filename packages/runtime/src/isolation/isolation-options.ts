/**
 * What a subscriber says about where its handlers run, checked.
 * Thread: any.
 */
import { describeValue } from '@ringmain/core';
import { checkNames, isRecord } from '../check-names.ts';
import { IDLE_TIMEOUT_MS_MAX, OWN_THREAD_CALLS_MAX, POOL_THREADS_MAX, RESOURCE_LIMITS } from '../config/isolation-section.ts';

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

/** The one thread that a group's handlers run in, in each shard. What is left out is said by the section `isolation` of the configuration. */
export interface IsolationShard {
  /** Handlers that are under way in it at a time, from 1 to 1024. @defaultValue `isolation.concurrency`: 16 */
  readonly concurrency?: number;
  /** Memory of the thread. @defaultValue `isolation.resourceLimits`, else the limits of a shard */
  readonly resourceLimits?: ThreadMemory;
}

/**
 * Where handlers run: in their shard; in one thread of the group's own beside each shard; or in a pool of threads beside each shard, of which every handler
 * under way has one to itself.
 */
export type Isolation =
  | 'inline'
  | 'shard'
  | 'thread'
  | { readonly shard: IsolationShard }
  | { readonly threads: IsolationThreads };

/** Where the handlers of a group run. */
export type IsolationKind = 'inline' | 'shard' | 'thread';

/** The same, checked, for handlers that do not run in their shard. */
export type Place =
  | { readonly kind: 'shard'; readonly thread: IsolationShard }
  | { readonly kind: 'thread'; readonly threads: IsolationThreads };

type Fail = (what: string, allowed: string) => never;

const ISOLATION_NAMES: ReadonlySet<string> = new Set(['shard', 'threads']);
const THREADS_NAMES: ReadonlySet<string> = new Set<keyof IsolationThreads>(['min', 'max', 'idleTimeoutMs', 'resourceLimits']);
const SHARD_NAMES: ReadonlySet<string> = new Set<keyof IsolationShard>(['concurrency', 'resourceLimits']);
const MEMORY_NAMES: ReadonlySet<string> = new Set<keyof ThreadMemory>(Object.keys(RESOURCE_LIMITS) as (keyof ThreadMemory)[]);

/**
 * Checks `isolation` of a subscriber.
 *
 * @param bulkhead - what the subscriber says about its bulkhead
 * @returns undefined for handlers that run in their shard
 */
export function isolationOf(isolation: unknown, bulkhead: unknown, fail: Fail): Place | undefined {
  if (isolation === undefined || isolation === 'inline') return undefined;
  // Permits that other groups hold too are no bound for the threads of one group.
  if (typeof bulkhead === 'string')
    fail(
      `bulkhead is ${describeValue(bulkhead)} and the group is isolated`,
      "bounds of the group's own, such as { concurrency: 2 }",
    );
  if (isolation === 'thread') return Object.freeze({ kind: 'thread', threads: Object.freeze({}) } as const);
  if (isolation === 'shard') return Object.freeze({ kind: 'shard', thread: Object.freeze({}) } as const);
  const allowed = '"inline", "shard", "thread", { shard } or { threads }';
  if (!isRecord(isolation)) fail(`isolation is ${describeValue(isolation)}`, allowed);
  checkNames('isolation', isolation, ISOLATION_NAMES, fail, 'isolation.');
  const { shard, threads } = isolation as { readonly shard?: unknown; readonly threads?: unknown };
  if ((shard === undefined) === (threads === undefined)) fail('isolation has not one of shard and threads', allowed);
  if (shard !== undefined) return Object.freeze({ kind: 'shard', thread: shardOf(shard, fail) } as const);
  return Object.freeze({ kind: 'thread', threads: threadsOf(threads, fail) } as const);
}

function shardOf(shard: unknown, fail: Fail): IsolationShard {
  checkNames('isolation.shard', shard, SHARD_NAMES, fail, 'isolation.shard.');
  const { concurrency, resourceLimits } = shard as IsolationShard;
  checkInteger('isolation.shard.concurrency', concurrency, [1, OWN_THREAD_CALLS_MAX], fail);
  checkMemory('isolation.shard.resourceLimits', resourceLimits, fail);
  return Object.freeze({ ...(shard as IsolationShard) });
}

function threadsOf(threads: unknown, fail: Fail): IsolationThreads {
  checkNames('isolation.threads', threads, THREADS_NAMES, fail, 'isolation.threads.');
  const { min, max, idleTimeoutMs, resourceLimits } = threads as IsolationThreads;
  checkInteger('isolation.threads.max', max, [1, POOL_THREADS_MAX], fail);
  checkInteger('isolation.threads.min', min, [0, max ?? POOL_THREADS_MAX], fail);
  checkInteger('isolation.threads.idleTimeoutMs', idleTimeoutMs, [0, IDLE_TIMEOUT_MS_MAX], fail);
  checkMemory('isolation.threads.resourceLimits', resourceLimits, fail);
  return Object.freeze({ ...(threads as IsolationThreads) });
}

function checkMemory(what: string, resourceLimits: ThreadMemory | undefined, fail: Fail): void {
  if (resourceLimits === undefined) return;
  checkNames(what, resourceLimits, MEMORY_NAMES, fail, `${what}.`);
  for (const [name, range] of Object.entries(RESOURCE_LIMITS))
    checkInteger(`${what}.${name}`, resourceLimits[name as keyof ThreadMemory], range, fail);
}

function checkInteger(what: string, value: unknown, [least, most]: readonly [number, number], fail: Fail): void {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)) return;
  fail(`${what} is ${describeValue(value)}`, `an integer from ${least} to ${most}`);
}
