/**
 * Partition keys: what they may be, and their hash.
 * Thread: any.
 */
import { LIMITS, RingmainError, describeValue, fnv1a32, fnv1a32Integer } from '@ringmain/core';

/**
 * Hashes a key; an integer hashes as its decimal text, without being turned into one.
 *
 * @throws {@link RingmainError} `RINGMAIN_KEY_INVALID` for anything but a short string or a safe integer
 */
export function hashKey(key: string | number): number {
  if (typeof key === 'string') {
    if (key.length <= LIMITS.keyChars) return fnv1a32(key);
  } else if (Number.isSafeInteger(key)) return fnv1a32Integer(key);
  throw new RingmainError('RINGMAIN_KEY_INVALID', `partition key is ${describeValue(key)}`, {
    allowed: `a string of at most ${LIMITS.keyChars} characters or a safe integer`,
  });
}
