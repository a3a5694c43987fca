/** The code of the error a call throws. */
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
