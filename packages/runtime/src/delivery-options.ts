/**
 * What a subscriber says about which events are delivered to it, and how often, checked.
 * Thread: any.
 */
import { describeValue } from '@ringmain/core';

type Fail = (what: string, allowed: string) => never;

/** What is looked at. */
interface Definition {
  readonly dedupe?: unknown;
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

function checkOneOfAKey(name: string, perKeyConcurrency: unknown, fail: Fail): void {
  if (perKeyConcurrency !== undefined && perKeyConcurrency !== 1)
    fail(`${name} is given with perKeyConcurrency ${describeValue(perKeyConcurrency)}`, 'perKeyConcurrency 1');
}
