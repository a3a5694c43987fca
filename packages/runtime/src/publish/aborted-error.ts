/** What a wait ends with when its caller aborts it. Thread: any. */
import { RingmainError } from '@ringmain/core';

/** The error of an aborted wait; its cause is the reason of the signal. */
export function abortedError(signal: AbortSignal): RingmainError {
  return new RingmainError('RINGMAIN_ABORTED', 'the wait was aborted', { cause: signal.reason });
}
