/**
 * The section of the configuration about bulkheads; the same schema checks what subscribers say of theirs.
 * Thread: any.
 */
import { LIMITS } from '@ringmain/core';
import * as z from 'zod';
import { integer, periodMs } from './schema-parts.ts';

/** What a limit that adapts is made of unless its options say otherwise. */
export const ADAPTIVE_DEFAULTS = Object.freeze({
  min: 1,
  max: 256,
  windowMs: 100,
  backoff: 0.9,
  tolerance: 1.5,
  smoothing: 0.2,
});

const handlersAtATime = () => integer(1, LIMITS.baySlotsMax);

const adaptive = z
  .strictObject({
    algorithm: z
      .enum(['aimd', 'gradient'])
      .describe('`aimd` follows errors and slow calls, `gradient` follows latency; see the guide to handlers that fail.'),
    min: handlersAtATime().exactOptional().describe('Least limit. Default 1.'),
    max: handlersAtATime().exactOptional().describe('Largest limit. Default 256.'),
    initial: handlersAtATime().exactOptional().describe('Limit to begin with. Default 10, or the bound that is next to it.'),
    windowMs: integer(10, 60_000).exactOptional().describe('Least time between two changes, in milliseconds. Default 100.'),
    backoff: z
      .number()
      .min(0.1)
      .max(0.99)
      .exactOptional()
      .describe('With `aimd`: part of the limit that is left after a window with a bad call. Default 0.9.'),
    slowMs: periodMs()
      .exactOptional()
      .describe('With `aimd`: time after which a call is bad, in milliseconds. Without it only failures are.'),
    tolerance: z
      .number()
      .min(1)
      .max(10)
      .exactOptional()
      .describe('With `gradient`: times the usual latency that still count as usual. Default 1.5.'),
    smoothing: z
      .number()
      .min(0.01)
      .max(1)
      .exactOptional()
      .describe('With `gradient`: part of a change that is made at once. Default 0.2.'),
  })
  .refine(
    ({ min = ADAPTIVE_DEFAULTS.min, max = ADAPTIVE_DEFAULTS.max, initial = Math.max(1, min) }) =>
      min <= max && initial >= min && initial <= max,
    { error: 'has min, initial and max that are not in this order' },
  )
  .meta({ allowed: 'an object with algorithm, and others of which min, initial and max are in this order' });

/** Options of one bulkhead. */
export const bulkheadSchema = z.strictObject({
  concurrency: handlersAtATime()
    .exactOptional()
    .describe('Handlers that may be under way at a time, in each shard. Without it nothing but the bay bounds them.'),
  globalConcurrency: handlersAtATime()
    .exactOptional()
    .describe('Handlers that may be under way at a time in all shards together.'),
  adaptive: adaptive.exactOptional().describe('A limit that follows what the called bears, in each shard.'),
  cpuShare: z
    .number()
    .min(0.01)
    .max(1)
    .exactOptional()
    .describe("Share of its shard's time that handlers may compute, over a tenth of a second."),
  queue: integer(0, LIMITS.baySlotsMax)
    .exactOptional()
    .describe(
      'Deliveries that may wait for one of them; further ones are dropped, in groups with `whenFull: "shed"` that handle events one by one, each of them. Without it the credit of a group bounds them.',
    ),
});

/** Bulkheads that subscribers name. */
export const bulkheads = z
  .record(z.string().min(1).max(LIMITS.attributeChars), bulkheadSchema)
  .refine((named) => Object.keys(named).length <= LIMITS.groupsMax, { error: `has more than ${LIMITS.groupsMax} bulkheads` })
  .default({})
  .describe('Bounds of handlers, by name; all groups that name one share it.');
