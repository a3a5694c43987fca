/**
 * What a subscriber says about its bulkhead, checked, and what the limits of a bulkhead are when it is filled in.
 * Thread: any.
 */
import { LIMITS, describeValue } from '@ringmain/core';
import type { AdaptiveLimitOptions } from '@ringmain/policy';
import * as z from 'zod';
import { checkNames, isRecord } from './check-names.ts';
import { ADAPTIVE_DEFAULTS, bulkheadSchema } from './config/bulkhead-section.ts';
import type { JsonSchema } from './config/config-reference.ts';
import { describeAllowed } from './config/config-reference.ts';

/** A limit that follows what the called bears; see the guide to handlers that fail. */
export interface AdaptiveOptions {
  /** `'aimd'` follows errors and slow calls, `'gradient'` follows latency. */
  readonly algorithm: 'aimd' | 'gradient';
  /** Least limit, from 1 to 65,536. @defaultValue 1 */
  readonly min?: number;
  /** Largest limit, from `min` to 65,536. @defaultValue 256 */
  readonly max?: number;
  /** Limit to begin with, from `min` to `max`. @defaultValue 10, or the bound that is next to it */
  readonly initial?: number;
  /** Least time between two changes, in milliseconds from 10 to 60,000; there are at least ten calls, and as many as the limit. @defaultValue 100 */
  readonly windowMs?: number;
  /** Part of the limit that is left after a window with a bad call, from 0.1 to 0.99. Of `aimd`. @defaultValue 0.9 */
  readonly backoff?: number;
  /** Time after which a call is bad, in milliseconds. Of `aimd`. @defaultValue never */
  readonly slowMs?: number;
  /** Times the usual latency that still count as usual, from 1 to 10. Of `gradient`. @defaultValue 1.5 */
  readonly tolerance?: number;
  /** Part of a change that is made at once, from 0.01 to 1. Of `gradient`. @defaultValue 0.2 */
  readonly smoothing?: number;
}

/** Bounds of the deliveries of one bulkhead, in each shard unless they say otherwise. */
export interface BulkheadOptions {
  /** Handlers that may be under way at a time, from 1 to 65,536. @defaultValue no bound but that of the bay */
  readonly concurrency?: number;
  /** Handlers that may be under way at a time in all shards together, from 1 to 65,536. @defaultValue no such bound */
  readonly globalConcurrency?: number;
  /** A limit that adapts; with `concurrency`, the smaller of both holds. */
  readonly adaptive?: AdaptiveOptions;
  /** Share of its shard's time that handlers may compute, from 0.01 to 1, over a tenth of a second. @defaultValue no such bound */
  readonly cpuShare?: number;
  /**
   * Deliveries that may wait for one of them, from 0 to 65,536; further ones are dropped and counted as `shed`. Only for groups with `whenFull: 'shed'`,
   * and neither with `handleBatch` nor `latest-only`; of a bulkhead with a name, these take no notice of it.
   *
   * @defaultValue no bound but the credit of the group, which holds its publishers back
   */
  readonly queue?: number;
}

type Fail = (what: string, allowed: string) => never;

const NAMES: ReadonlySet<string> = new Set<keyof BulkheadOptions>([
  'concurrency',
  'globalConcurrency',
  'adaptive',
  'cpuShare',
  'queue',
]);
const ADAPTIVE_NAMES: ReadonlySet<string> = new Set(['algorithm', 'initial', 'slowMs', ...Object.keys(ADAPTIVE_DEFAULTS)]);
const US_PER_MS = 1000;

/** How the subscriber handles events, as far as its bulkhead depends on it. */
interface Handled {
  /** Drops events where the group is full. */
  readonly sheds: boolean;
  /** Has events wait for others before they wait at the bulkhead: in batches, or for the latest. */
  readonly gathers: boolean;
}

/** Checks `bulkhead` of a subscriber: a name, or options of its own. */
export function bulkheadOf(bulkhead: unknown, { sheds, gathers }: Handled, fail: Fail): string | BulkheadOptions | undefined {
  if (bulkhead === undefined) return undefined;
  if (typeof bulkhead === 'string') {
    if (bulkhead.length > 0 && bulkhead.length <= LIMITS.attributeChars) return bulkhead;
    return fail(`bulkhead is ${describeValue(bulkhead)}`, `a name of 1 to ${LIMITS.attributeChars} characters, or options`);
  }
  if (!isRecord(bulkhead)) fail(`bulkhead is ${describeValue(bulkhead)}`, 'a name of the configuration, or options');
  checkNames('bulkhead', bulkhead, NAMES, fail, 'bulkhead.');
  const { adaptive, queue } = bulkhead as BulkheadOptions;
  if (adaptive !== undefined) checkNames('bulkhead.adaptive', adaptive, ADAPTIVE_NAMES, fail, 'bulkhead.adaptive.');
  const issue = bulkheadSchema.safeParse(bulkhead).error?.issues[0];
  if (issue !== undefined) refuseIssue(bulkhead, issue, fail);
  if (queue !== undefined && !sheds)
    fail('bulkhead.queue is given without whenFull: "shed"', 'queue only where deliveries may be dropped');
  if (queue !== undefined && gathers)
    fail(
      'bulkhead.queue is given with handleBatch or delivery: "latest-only"',
      'queue only where each event waits by itself: with handle, and reliable or best-effort delivery',
    );
  return Object.freeze({ ...(bulkhead as BulkheadOptions) });
}

/** Checks `perKeyConcurrency` of a subscriber; undefined where it says nothing. */
export function keyConcurrencyOf(count: unknown, fail: Fail): number | undefined {
  if (count === 'unlimited') return Infinity;
  if (count === undefined) return undefined;
  if (Number.isInteger(count) && (count as number) >= 1 && (count as number) <= LIMITS.baySlotsMax) return count as number;
  return fail(`perKeyConcurrency is ${describeValue(count)}`, `an integer from 1 to ${LIMITS.baySlotsMax} or "unlimited"`);
}

/** The options of a limit that adapts, filled in. */
export function adaptiveLimitOptions(options: AdaptiveOptions): AdaptiveLimitOptions {
  const { algorithm, min, max, windowMs, backoff, tolerance, smoothing } = { ...ADAPTIVE_DEFAULTS, ...options };
  const initial = options.initial ?? Math.max(min, Math.min(max, ADAPTIVE_INITIAL));
  const slowUs = options.slowMs === undefined ? Infinity : options.slowMs * US_PER_MS;
  return { algorithm, min, max, initial, windowUs: windowMs * US_PER_MS, backoff, slowUs, tolerance, smoothing };
}

const ADAPTIVE_INITIAL = 10;

function refuseIssue(bulkhead: unknown, { path, message, code }: z.core.$ZodIssue, fail: Fail): never {
  const name = ['bulkhead', ...path].join('.');
  if (code === 'custom') fail(`${name} ${message}`, 'values that go together');
  let value: unknown = bulkhead;
  let schema = z.toJSONSchema(bulkheadSchema, { io: 'input' }) as JsonSchema;
  for (const step of path) {
    value = (value as Record<PropertyKey, unknown>)[step];
    schema = schema.properties?.[String(step)] ?? {};
  }
  return fail(`${name} is ${describeValue(value)}`, describeAllowed(schema));
}
