/**
 * What a subscriber says about its bulkhead, checked.
 * Thread: any.
 */
import { LIMITS, describeValue } from '@ringmain/core';
import { checkNames, isRecord } from './check-names.ts';

/** Bounds of the deliveries of one bulkhead, in each shard. */
export interface BulkheadOptions {
  /** Handlers that may be under way at a time, from 1 to 65,536. @defaultValue no bound but that of the bay */
  readonly concurrency?: number;
  /**
   * Deliveries that may wait for one of them, from 0 to 65,536; further ones are dropped and counted as `shed`. Only for groups with `whenFull: 'shed'`.
   *
   * @defaultValue no bound but the credit of the group, which holds its publishers back
   */
  readonly queue?: number;
}

type Fail = (what: string, allowed: string) => never;

const NAMES: ReadonlySet<string> = new Set<keyof BulkheadOptions>(['concurrency', 'queue']);

/** Checks `bulkhead` of a subscriber: a name, or options of its own. */
export function bulkheadOf(bulkhead: unknown, sheds: boolean, fail: Fail): string | BulkheadOptions | undefined {
  if (bulkhead === undefined) return undefined;
  if (typeof bulkhead === 'string') {
    if (bulkhead.length > 0 && bulkhead.length <= LIMITS.attributeChars) return bulkhead;
    return fail(`bulkhead is ${describeValue(bulkhead)}`, `a name of 1 to ${LIMITS.attributeChars} characters, or options`);
  }
  if (!isRecord(bulkhead)) fail(`bulkhead is ${describeValue(bulkhead)}`, 'a name of the configuration, or options');
  checkNames('bulkhead', bulkhead, NAMES, fail, 'bulkhead.');
  const { concurrency, queue } = bulkhead as BulkheadOptions;
  checkCount('bulkhead.concurrency', concurrency, 1, fail);
  checkCount('bulkhead.queue', queue, 0, fail);
  if (queue !== undefined && !sheds)
    fail('bulkhead.queue is given without whenFull: "shed"', 'queue only where deliveries may be dropped');
  return Object.freeze({ ...(bulkhead as BulkheadOptions) });
}

/** Checks `perKeyConcurrency` of a subscriber; undefined where it says nothing. */
export function keyConcurrencyOf(count: unknown, fail: Fail): number | undefined {
  if (count === 'unlimited') return Infinity;
  checkCount('perKeyConcurrency', count, 1, fail, ' or "unlimited"');
  return count as number | undefined;
}

function checkCount(name: string, value: unknown, min: number, fail: Fail, or = ''): void {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= min && (value as number) <= LIMITS.baySlotsMax))
    return;
  fail(`${name} is ${describeValue(value)}`, `an integer from ${min} to ${LIMITS.baySlotsMax}${or}`);
}
