/** Runs what must throw and returns the error's code, so that tables can compare it. */
import { isRingmainError } from '@ringmain/core';

export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isRingmainError(error)) return error.code;
    throw error;
  }
  return 'nothing thrown';
}
