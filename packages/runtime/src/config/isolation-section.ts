/**
 * The section of the configuration about handlers that run in threads of their own.
 * Thread: any.
 */
import { DAY_MS } from '@ringmain/core';
import * as z from 'zod';
import { integer } from './schema-parts.ts';

/** Most threads of one group in one shard. */
export const POOL_THREADS_MAX = 64;

/** Most handlers that are under way in the one thread of a group. */
export const OWN_THREAD_CALLS_MAX = 1024;

/** Longest time that a thread with nothing to do is kept: a day. */
export const IDLE_TIMEOUT_MS_MAX = DAY_MS;

/** Least and most of each memory limit, in MiB. With less than 8 MiB of heap a thread does not get as far as its first event. */
export const RESOURCE_LIMITS = Object.freeze({
  maxOldGenerationSizeMb: [8, 65_536],
  maxYoungGenerationSizeMb: [1, 65_536],
  codeRangeSizeMb: [1, 65_536],
  stackSizeMb: [1, 256],
} as const);

const megabytes = ([least, most]: readonly [number, number]) => integer(least, most).exactOptional();

/** What isolated groups get where they do not say it themselves. */
export const isolation = z
  .strictObject({
    min: integer(0, POOL_THREADS_MAX)
      .default(1)
      .describe('Threads that a group with `isolation: "thread"` has in each shard before its first event.'),
    max: integer(1, POOL_THREADS_MAX)
      .default(1)
      .describe('Most threads of such a group in each shard; as many of its handlers are under way at a time.'),
    idleTimeoutMs: integer(0, IDLE_TIMEOUT_MS_MAX)
      .default(60_000)
      .describe('Time after which a thread above `min` that has nothing to do ends, in milliseconds.'),
    concurrency: integer(1, OWN_THREAD_CALLS_MAX)
      .default(16)
      .describe(
        'Handlers of a group with `isolation: "shard"` that are under way at a time, in its one thread beside each shard.',
      ),
    graceMs: integer(10, 60_000)
      .default(1000)
      .describe(
        'How long the thread of a group with `isolation: "shard"` may leave it unanswered that an attempt was given up, in milliseconds; then it is ended.',
      ),
    resourceLimits: z
      .strictObject({
        maxOldGenerationSizeMb: megabytes(RESOURCE_LIMITS.maxOldGenerationSizeMb).describe('Heap of long-lived objects, in MiB.'),
        maxYoungGenerationSizeMb: megabytes(RESOURCE_LIMITS.maxYoungGenerationSizeMb).describe('Heap of new objects, in MiB.'),
        codeRangeSizeMb: megabytes(RESOURCE_LIMITS.codeRangeSizeMb).describe('Memory for generated code, in MiB.'),
        stackSizeMb: megabytes(RESOURCE_LIMITS.stackSizeMb).describe('Stack of the thread, in MiB.'),
      })
      .exactOptional()
      .describe(
        'Memory limits of each such thread; the limits of a shard, if left out. A thread that exceeds one fails the attempt it was at.',
      ),
  })
  .prefault({})
  .describe('Threads of groups with `isolation: "thread"` or `"shard"`, where the group does not say it itself.');
