/**
 * The sections of the configuration about handlers that fail.
 * Thread: any.
 */
import { DAY_MS } from '@ringmain/core';
import * as z from 'zod';
import { integer, periodMs } from './schema-parts.ts';

/** Most attempts of one delivery. */
export const ATTEMPTS_MAX = 100;

/** Longest time limit of a handler: a day. */
export const HANDLER_TIMEOUT_MS_MAX = DAY_MS;

/** Longest delay between two attempts: a day. */
export const RETRY_DELAY_MS_MAX = DAY_MS;

/** How delays between attempts grow. */
export const BACKOFF_KINDS = Object.freeze(['decorrelated', 'exponential', 'linear', 'fixed'] as const);

/** What happens to later events of a key while one of it waits for its next attempt. */
export const RETRY_ORDERINGS = Object.freeze(['block-key', 'continue'] as const);

/** What all handlers are held to. */
export const handlers = z
  .strictObject({
    timeoutMs: integer(0, HANDLER_TIMEOUT_MS_MAX)
      .default(5000)
      .describe(
        'How long an attempt may take once its handler has returned a promise, in milliseconds; then it has failed. 0 for as long as it likes.',
      ),
  })
  .prefault({})
  .describe('What handlers are held to, in groups that do not say it themselves.');

/** What happens to a delivery whose handler failed. */
export const retry = z
  .strictObject({
    maxAttempts: integer(1, ATTEMPTS_MAX)
      .default(3)
      .describe('Attempts of one delivery, the first included; after the last it is dead-lettered. 1 means no retry.'),
    backoff: z
      .union([z.enum(BACKOFF_KINDS), z.array(integer(0, RETRY_DELAY_MS_MAX)).min(1).max(ATTEMPTS_MAX)])
      .default('decorrelated')
      .describe(
        'How the delays grow. `decorrelated`: random between `initialMs` and three times the delay before; `exponential`, `linear`, `fixed`: as named. Or the delays themselves, in milliseconds; the last one repeats.',
      ),
    initialMs: integer(0, RETRY_DELAY_MS_MAX).default(100).describe('First delay, in milliseconds.'),
    maxMs: integer(0, RETRY_DELAY_MS_MAX).default(30_000).describe('Longest delay, in milliseconds.'),
    jitter: z
      .enum(['full', 'none'])
      .default('full')
      .describe('Whether a random part of each delay is waited; `decorrelated` is random in any case.'),
    deadLetterAfterMs: periodMs()
      .exactOptional()
      .describe('Age of an event, in milliseconds, after which no attempt is begun any more. Without it there is no such end.'),
    ordering: z
      .enum(RETRY_ORDERINGS)
      .default('block-key')
      .describe(
        'While an event waits for its next attempt, later events of its key wait behind it (`block-key`), or are handled before it (`continue`).',
      ),
    budget: z
      .strictObject({
        ratio: z.number().min(0).max(100).default(0.2).describe('Retries that every delivery earns, for ten seconds.'),
        perSecondMin: z
          .number()
          .min(0)
          .max(1_000_000)
          .default(10)
          .describe('Retries that every second earns, however little is delivered; divided among the shards.'),
      })
      .prefault({})
      .describe('Bound of all retries together; a delivery that fails when nothing is left of it is dead-lettered.'),
  })
  .prefault({})
  .describe('What happens to deliveries whose handlers fail, in groups that do not say it themselves.');
