/**
 * Options of circuit breakers around handlers.
 * Thread: any.
 */
import { describeValue } from '@ringmain/core';
import * as z from 'zod';
import { isRecord, refuseName } from './check-names.ts';
import { breakerSchema } from './config/breaker-section.ts';
import type { JsonSchema } from './config/config-reference.ts';
import { describeAllowed } from './config/config-reference.ts';

/** What happens to deliveries of a group while its breaker is open. */
export type OnOpen = 'hold' | 'dead-letter' | 'drop' | `fallback:${string}`;

/** When the handlers of a group are left alone, and when they are tried again. One breaker serves all shards. */
export interface BreakerOptions {
  /** What is judged: the last `windowCalls` calls, or those of the last `windowMs`. @defaultValue `'calls'` */
  readonly window?: 'calls' | 'time';
  /** Calls in the window, from 1 to 10,000. @defaultValue 100 */
  readonly windowCalls?: number;
  /** Length of the window, in milliseconds from 10 to an hour; after so long without a call all is forgotten. @defaultValue 10000 */
  readonly windowMs?: number;
  /** Calls below which rates are not judged, from 1 to 10,000. @defaultValue 20 */
  readonly minimumCalls?: number;
  /** Share of failed calls in the window that opens the breaker, from 0.01 to 1. @defaultValue 0.5 */
  readonly failureRate?: number;
  /** The same for slow calls. @defaultValue 0.5 */
  readonly slowRate?: number;
  /** The same for calls that failed, were slow, or both. @defaultValue 0.6 */
  readonly combinedRate?: number;
  /** Time after which a call is slow, in milliseconds. @defaultValue 100 */
  readonly slowMs?: number;
  /** Time after which a call that still runs opens the breaker by itself, in milliseconds up to an hour; 0 for never. @defaultValue 4000 */
  readonly hangAfterMs?: number;
  /** First open time, in milliseconds, a fifth more or less by chance; twice as long each time the breaker opens before it was closed. @defaultValue 1000 */
  readonly openMs?: number;
  /** Longest open time, in milliseconds. @defaultValue 60000 */
  readonly openMaxMs?: number;
  /** Calls of a try, over all shards together, from 1 to 100. @defaultValue 5 */
  readonly probes?: number;
  /** Time after which a probe that did not come back counts as failed, in milliseconds; never before `slowMs`. @defaultValue 10000 */
  readonly probeMs?: number;
  /** Time of each step of the ramp, from 20 % of the usual rate to all of it, in milliseconds. @defaultValue 500 */
  readonly rampStepMs?: number;
  /**
   * What happens to deliveries while it is open: `hold` has them wait, `dead-letter` ends them, `drop` drops and counts them, `fallback:<group>` calls the
   * handler of another group in the same shard.
   *
   * @defaultValue `'hold'`
   */
  readonly onOpen?: OnOpen;
}

/** The same, as a subscriber gives it. */
export interface SubscriberBreakerOptions extends BreakerOptions {
  /** Whether an error that the handler failed with counts as a failure of the call. @defaultValue every error but `SkipError` does */
  readonly failureIf?: (error: unknown) => boolean;
}

type Fail = (what: string, allowed: string) => never;

const NAMES: ReadonlySet<string> = new Set([...Object.keys(breakerSchema.shape), 'failureIf']);

/** What a subscriber says of its breaker, checked. */
export interface SubscriberBreaker {
  readonly breaker: BreakerOptions | undefined;
  readonly failureIf: ((error: unknown) => boolean) | undefined;
}

/** Checks `breaker` of a subscriber. */
export function subscriberBreakerOf(given: unknown, fail: Fail): SubscriberBreaker {
  if (given === undefined) return { breaker: undefined, failureIf: undefined };
  if (given !== true && !isRecord(given)) fail(`breaker is ${describeValue(given)}`, 'true, or options');
  const { failureIf, ...options } = (given === true ? {} : given) as SubscriberBreakerOptions;
  if (failureIf !== undefined && typeof failureIf !== 'function')
    fail(`breaker.failureIf is ${describeValue(failureIf)}`, 'a function (error) that tells whether it is a failure');
  for (const name of Object.keys(options)) if (!NAMES.has(name)) refuseName(`breaker.${name}`, name, NAMES, fail);
  const checked = breakerSchema.safeParse(options);
  const issue = checked.error?.issues[0];
  if (issue !== undefined) {
    const name = issue.path[0] as keyof BreakerOptions;
    fail(`breaker.${name} is ${describeValue(options[name])}`, allowedOf(name));
  }
  return { breaker: Object.freeze({ ...options }), failureIf };
}

function allowedOf(name: keyof BreakerOptions): string {
  const { properties = {} } = z.toJSONSchema(breakerSchema, { io: 'input' }) as JsonSchema;
  return describeAllowed(properties[name] ?? {});
}
