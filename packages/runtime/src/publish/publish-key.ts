/**
 * Partition keys: what they may be, and their hash.
 * Thread: any.
 */
import { FLAG_HAS_KEY } from '@ringmain/codec';
import type { EventAttributes } from '@ringmain/core';
import { LIMITS, RingmainError, describeValue, fnv1a32, fnv1a32Integer } from '@ringmain/core';
import type { EventType } from '../events/event-type.ts';
import type { PublishOptions } from './options.ts';

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

/**
 * The flag of events that belong to a key: by their type, or by the options of a publish. Without a key, repeats belong together by their `dedupeKey`, so that they meet
 * in one thread, one after the other.
 */
export function keyFlag(type: EventType, { key, dedupeKey }: PublishOptions): number {
  return key === undefined && type.key === undefined && dedupeKey === undefined ? 0 : FLAG_HAS_KEY;
}

/** The partition key of an event as text, if it has one. */
export function keyText(event: {
  readonly type: EventType;
  readonly data: unknown;
  readonly attributes: EventAttributes | undefined;
}): string | undefined {
  const { type, data, attributes } = event;
  if (attributes?.key !== undefined) return attributes.key;
  return type.key === undefined ? undefined : String(type.key(data));
}
