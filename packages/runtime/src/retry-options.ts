/**
 * What a subscriber says about retries, checked.
 * Thread: any.
 */
import { DAY_MS, describeValue } from '@ringmain/core';
import type { BackoffKind } from '@ringmain/policy';
import { ATTEMPTS_MAX, BACKOFF_KINDS, RETRY_DELAY_MS_MAX, RETRY_ORDERINGS } from './config/resilience-sections.ts';

/** What happens to deliveries whose handler failed. What is left out is as the configuration's section `retry` says. */
export interface RetryOptions {
  /** Attempts of one delivery, the first included, from 1 to 100. */
  readonly maxAttempts?: number;
  /** How delays grow, or the delays themselves in milliseconds: at most 100 of them, each from 0 to a day; the last one repeats. */
  readonly backoff?: BackoffKind | readonly number[];
  /** First delay in milliseconds, from 0 to a day. */
  readonly initialMs?: number;
  /** Longest delay in milliseconds, from 0 to a day. */
  readonly maxMs?: number;
  /** Whether a random part of each delay is waited. */
  readonly jitter?: 'full' | 'none';
  /** Age of an event, in milliseconds, after which no attempt is begun any more; from 1 to a day. */
  readonly deadLetterAfterMs?: number;
  /** Whether later events of a key wait behind one that waits for its next attempt. */
  readonly ordering?: 'block-key' | 'continue';
  /**
   * Says whether to try again after an error; a `false` dead-letters the event at once. What it throws is logged and counts as `true`.
   *
   * @param attempt - number of the attempt that failed, from 1
   */
  readonly retryIf?: (error: unknown, attempt: number) => boolean;
}

type Fail = (what: string, allowed: string) => never;
type Check = (value: unknown) => boolean;

const between =
  (min: number, max: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
const oneOf =
  (names: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && names.includes(value);
const isDelay = between(0, RETRY_DELAY_MS_MAX);
const isDelayList: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.length <= ATTEMPTS_MAX && value.every(isDelay);

const CHECKS: Readonly<Record<keyof RetryOptions, readonly [Check, string]>> = {
  maxAttempts: [between(1, ATTEMPTS_MAX), `an integer from 1 to ${ATTEMPTS_MAX}`],
  backoff: [
    (value) => oneOf(BACKOFF_KINDS)(value) || isDelayList(value),
    `${BACKOFF_KINDS.join(', ')}, or 1 to ${ATTEMPTS_MAX} integers from 0 to ${RETRY_DELAY_MS_MAX}`,
  ],
  initialMs: [isDelay, `an integer from 0 to ${RETRY_DELAY_MS_MAX}`],
  maxMs: [isDelay, `an integer from 0 to ${RETRY_DELAY_MS_MAX}`],
  jitter: [oneOf(['full', 'none']), 'full or none'],
  deadLetterAfterMs: [between(1, DAY_MS), `an integer from 1 to ${DAY_MS}`],
  ordering: [oneOf(RETRY_ORDERINGS), RETRY_ORDERINGS.join(' or ')],
  retryIf: [(value) => typeof value === 'function', 'a function (error, attempt)'],
};

/** Checks and freezes the options; without any, all is as configured. */
export function retryOptionsOf(options: unknown, fail: Fail): RetryOptions {
  if (options === undefined) return Object.freeze({});
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    return fail(`retry is ${describeValue(options)}`, `{ ${Object.keys(CHECKS).join('?, ')}? }`);
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(CHECKS, name)) fail(`retry.${name} is unknown`, Object.keys(CHECKS).join(', '));
    if (value === undefined) continue;
    const [isValid, allowed] = CHECKS[name as keyof RetryOptions];
    if (!isValid(value)) fail(`retry.${name} is ${describeValue(value)}`, allowed);
    checked[name] = Array.isArray(value) ? Object.freeze([...value]) : value;
  }
  return Object.freeze(checked);
}
