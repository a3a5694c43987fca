/** Checks timeouts that users give. Thread: any. */
import { RingmainError } from '@ringmain/core';

/** Longest delay of a timer. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** A deadline that is no number would never come. */
export function checkTimeout(timeoutMs: unknown): number {
  if (typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs <= TIMEOUT_MS_MAX) return timeoutMs;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `timeoutMs is ${String(timeoutMs)}`, {
    allowed: `a number from 0 to ${TIMEOUT_MS_MAX}`,
  });
}
