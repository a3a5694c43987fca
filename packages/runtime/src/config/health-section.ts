/**
 * The section of the configuration about health: when a group, a shard or the coordinator counts as unwell.
 * Thread: any.
 */
import { DAY_MS } from '@ringmain/core';
import * as z from 'zod';
import { integer, periodMs } from './schema-parts.ts';

/** What counts as unwell. */
export const health = z
  .strictObject({
    lookMs: integer(10, 60_000)
      .default(1000)
      .describe('Period at which the main thread looks at the health of groups, shards and the coordinator, in milliseconds.'),
    windowMs: periodMs()
      .default(10_000)
      .describe('Period over which the failed attempts of a group are counted, in milliseconds.'),
    failureRate: z
      .number()
      .min(0.001)
      .max(1)
      .default(0.5)
      .describe('Part of the attempts of that period that fail in a group that is `degraded`.'),
    failuresMin: integer(1, 1_000_000)
      .default(10)
      .describe('Failed attempts within that period below which the rate does not count.'),
    stalledMs: periodMs()
      .default(10_000)
      .describe(
        'Time for which work of a group waits and nothing of it gets on, after which the group is `stalled`, in milliseconds.',
      ),
    recoverMs: periodMs()
      .default(5000)
      .describe(
        'Time for which a group must be better before it is said to be, in milliseconds. Shards and the runtime are said to be better at once.',
      ),
    coordinatorHungMs: integer(1000, DAY_MS)
      .default(30_000)
      .describe(
        'Time without a tick of the coordinator after which it is replaced, and its shards with it, in milliseconds; three times `coordinator.idleTickMs` at least.',
      ),
  })
  .prefault({})
  .describe('When `runtime.health()` calls something unwell.');
