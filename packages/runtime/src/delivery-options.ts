/**
 * What a subscriber says about which events are delivered to it, and how often, checked.
 * Thread: any.
 */
import { describeValue } from '@ringmain/core';
import type { RetryOptions } from './retry-options.ts';

/** How a group takes its events. */
export const DELIVERY_MODES = Object.freeze(['reliable', 'best-effort', 'latest-only'] as const);

/** One of {@link DELIVERY_MODES}. */
export type DeliveryMode = (typeof DELIVERY_MODES)[number];

type Fail = (what: string, allowed: string) => never;

/** What is looked at. */
interface Definition {
  readonly dedupe?: unknown;
  readonly delivery?: unknown;
  readonly retry?: unknown;
  readonly handleBatch?: unknown;
  readonly perKeyConcurrency?: unknown;
}

/** Checks `dedupe` of a subscriber. Repeats are told one after the other: one that runs beside its first has nothing to be compared with yet. */
export function dedupeOf({ dedupe, handleBatch, perKeyConcurrency }: Definition, fail: Fail): boolean {
  if (dedupe !== undefined && typeof dedupe !== 'boolean') fail(`dedupe is ${describeValue(dedupe)}`, 'true or false');
  if (dedupe !== true) return false;
  if (handleBatch !== undefined) fail('dedupe is given with handleBatch', 'dedupe only with handle');
  checkOneOfAKey('dedupe', perKeyConcurrency, fail);
  return true;
}

/** Checks `delivery` of a subscriber, and what it leaves no room for. */
export function deliveryOf({ delivery, retry, handleBatch, perKeyConcurrency }: Definition, fail: Fail): DeliveryMode {
  if (delivery === undefined || delivery === 'reliable') return 'reliable';
  if (delivery !== 'best-effort' && delivery !== 'latest-only')
    return fail(`delivery is ${describeValue(delivery)}`, DELIVERY_MODES.join(', '));
  if (delivery === 'best-effort') {
    if (retry !== undefined) fail('retry is given with delivery "best-effort"', 'retry where events are delivered again');
    return delivery;
  }
  if (handleBatch !== undefined) fail('handleBatch is given with delivery "latest-only"', 'handle, which gets the latest event');
  checkOneOfAKey('delivery "latest-only"', perKeyConcurrency, fail);
  return delivery;
}

/** The retries that a mode allows: none, or such as keep the order of a key. */
export function retryIn(delivery: DeliveryMode, retry: RetryOptions, fail: Fail): RetryOptions {
  if (delivery === 'reliable') return retry;
  if (delivery === 'best-effort') return Object.freeze({ maxAttempts: 1 });
  if (retry.ordering === 'continue')
    fail('retry.ordering is "continue" with delivery "latest-only"', 'block-key: an older event would follow a newer one');
  return Object.freeze({ ...retry, ordering: 'block-key' });
}

function checkOneOfAKey(name: string, perKeyConcurrency: unknown, fail: Fail): void {
  if (perKeyConcurrency !== undefined && perKeyConcurrency !== 1)
    fail(`${name} is given with perKeyConcurrency ${describeValue(perKeyConcurrency)}`, 'perKeyConcurrency 1');
}
