/**
 * The section of the configuration about circuit breakers; the same schema checks what subscribers say.
 * Thread: any.
 */
import { LIMITS } from '@ringmain/core';
import { PROBES_MAX } from '@ringmain/ring';
import * as z from 'zod';
import { integer, periodMs } from './schema-parts.ts';

const WINDOW_CALLS_MAX = 10_000;
const WINDOW_MS_MAX = 3_600_000;
/** Threads tell the low word of when a call began, which holds 71 minutes. */
const HANG_MS_MAX = 3_600_000;
const FALLBACK = 'fallback:';

/** What happens to deliveries while a breaker is open, except to be handed to another group. */
const ON_OPEN = Object.freeze(['hold', 'dead-letter', 'drop'] as const);

const rate = () => z.number().min(0.01).max(1).exactOptional();

/** Options of one breaker; what is not given has its default. */
export const breakerSchema = z.strictObject({
  window: z
    .enum(['calls', 'time'])
    .exactOptional()
    .describe('What is judged: the last `windowCalls` calls, or those of the last `windowMs`. Default `calls`.'),
  windowCalls: integer(1, WINDOW_CALLS_MAX).exactOptional().describe('Calls in the window. Default 100.'),
  windowMs: integer(10, WINDOW_MS_MAX)
    .exactOptional()
    .describe('Length of the window, in milliseconds; after so long without a call all is forgotten. Default 10000.'),
  minimumCalls: integer(1, WINDOW_CALLS_MAX).exactOptional().describe('Calls below which rates are not judged. Default 20.'),
  failureRate: rate().describe('Share of failed calls in the window that opens the breaker. Default 0.5.'),
  slowRate: rate().describe('Share of slow calls in the window that opens the breaker. Default 0.5.'),
  combinedRate: rate().describe('The same for calls that failed, were slow, or both. Default 0.6.'),
  slowMs: periodMs().exactOptional().describe('Time after which a call is slow, in milliseconds. Default 100.'),
  hangAfterMs: integer(0, HANG_MS_MAX)
    .exactOptional()
    .describe('Time after which a call that still runs opens the breaker by itself, in milliseconds; 0 for never. Default 4000.'),
  openMs: periodMs()
    .exactOptional()
    .describe(
      'First open time, in milliseconds, a fifth more or less by chance; twice as long at each failed try. Default 1000.',
    ),
  openMaxMs: periodMs().exactOptional().describe('Longest open time, in milliseconds. Default 60000.'),
  probes: integer(1, PROBES_MAX).exactOptional().describe('Calls of a try, over all shards together. Default 5.'),
  probeMs: periodMs()
    .exactOptional()
    .describe(
      'Time after which a probe that did not come back counts as failed, in milliseconds; never before `slowMs`. Default 10000.',
    ),
  rampStepMs: periodMs()
    .exactOptional()
    .describe('Time of each step from 20 % of the usual rate over 40, 60 and 80 % to all of it, in milliseconds. Default 500.'),
  onOpen: z
    .union([
      z.enum(ON_OPEN),
      z
        .string()
        .min(FALLBACK.length + 1)
        .max(FALLBACK.length + LIMITS.attributeChars)
        .refine((value) => fallbackOf(value) !== undefined)
        .meta({ allowed: 'fallback:<group>' }),
    ])
    .exactOptional()
    .describe(
      'While it is open: `hold` has deliveries wait, `dead-letter` ends them, `drop` drops and counts them, `fallback:<group>` calls the handler of another group. Default `hold`.',
    ),
});

/** Breakers by group. */
export const breakers = z
  .record(z.string().min(1).max(LIMITS.attributeChars), breakerSchema)
  .refine((named) => Object.keys(named).length <= LIMITS.groupsMax, { error: `has more than ${LIMITS.groupsMax} breakers` })
  .default({})
  .describe(
    'Circuit breakers around the handlers of groups, by the name of the group; each is one for all shards. What a subscriber says of its breaker itself goes first.',
  );

/** The group that takes over for another, if `onOpen` names one. */
export function fallbackOf(onOpen: string): string | undefined {
  return onOpen.startsWith(FALLBACK) && onOpen.length > FALLBACK.length ? onOpen.slice(FALLBACK.length) : undefined;
}
