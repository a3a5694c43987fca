/** Checks timeouts that users give. Thread: any. */
import { RingmainError } from '@ringmain/core';
import { checkNames } from './check-names.ts';

/** Longest delay of a timer. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

const NAMES: ReadonlySet<string> = new Set(['timeoutMs']);

/** The timeout of `{ timeoutMs }`, or a default. @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` */
export function timeoutOf(options: { readonly timeoutMs?: number }, defaultMs: number): number {
  checkNames('options', options, NAMES);
  return checkTimeout(options.timeoutMs ?? defaultMs);
}

/** A deadline that is no number would never come. */
export function checkTimeout(timeoutMs: unknown): number {
  if (typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs <= TIMEOUT_MS_MAX) return timeoutMs;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `timeoutMs is ${String(timeoutMs)}`, {
    allowed: `a number from 0 to ${TIMEOUT_MS_MAX}`,
  });
}
