/**
 * Logs an error that user code threw.
 * Thread: any.
 */
import { describeError } from '@ringmain/core';
import type { Logger } from 'pino';

/** Never throws, although the error may throw in turn when the log reads it: whoever logs has something to end properly. */
export function logFailure(log: Logger, error: unknown, fields: object, text: string, level: 'warn' | 'error' = 'error'): void {
  try {
    log[level]({ err: error, ...fields }, text);
  } catch {
    try {
      log[level]({ err: describeError(error), ...fields }, text);
    } catch {
      // The log itself throws, so that nobody can be told.
    }
  }
}
