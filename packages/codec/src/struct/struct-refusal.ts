/**
 * The errors of the struct codec. Generated code calls these on its cold paths only.
 * Thread: any.
 */
import { LIMITS, RingmainError, describeValue, isRingmainError } from '@ringmain/core';

/** A value that does not fit its field. */
export function invalid(path: string, value: unknown, allowed: string): RingmainError {
  const where = path === '' ? 'payload' : path;
  return new RingmainError('RINGMAIN_PAYLOAD_INVALID', `${where} is ${describeValue(value)}`, { allowed, details: { path } });
}

/** A payload that needs more room when it is encoded than when it was measured: a getter or proxy answered differently. */
export function outgrown(): RingmainError {
  return new RingmainError('RINGMAIN_PAYLOAD_INVALID', 'payload grew while it was published', {
    allowed: 'the same answers from getters',
  });
}

/** A payload beyond the largest record, found while measuring and before long arrays are walked. */
export function oversize(bytes: number): RingmainError {
  return new RingmainError('RINGMAIN_PAYLOAD_TOO_LARGE', `payload needs more than ${bytes} bytes`, {
    allowed: `${LIMITS.recordBytesMax} bytes`,
    details: { bytes },
  });
}

/** Turns what user code threw inside a getter, proxy or `valueOf` into a refusal of the payload. */
export function asRefusal(cause: unknown): RingmainError {
  if (isRingmainError(cause)) return cause;
  return new RingmainError('RINGMAIN_PAYLOAD_INVALID', 'reading the payload threw', {
    allowed: 'getters that do not throw',
    cause,
  });
}

/** Bytes that no encoder wrote. */
export function corrupt(what: string): RingmainError {
  return new RingmainError('RINGMAIN_RECORD_CORRUPT', `struct payload: ${what}`);
}
