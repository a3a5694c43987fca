/**
 * FNV-1a, 32 bits, over the UTF-8 bytes of a key: the hash NATS uses for `partition(n)`, so that a key keeps its partition
 * when a topic moves to JetStream.
 * Thread: any. Source: http://www.isthe.com/chongo/tech/comp/fnv/ and nats-server `subject_transform.go`.
 */

const OFFSET_BASIS = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** Number of partitions; a power of two, so that the modulus is a mask. */
export const PARTITION_COUNT = 256;

/**
 * Hashes a key.
 *
 * @remarks No allocation for text without surrogates.
 * @returns a signed 32-bit integer; `>>> 0` gives the unsigned hash of other implementations
 */
export function fnv1a32(key: string): number {
  let hash = OFFSET_BASIS;
  for (let index = 0; index < key.length; index++) {
    const unit = key.charCodeAt(index);
    if (unit >= 0x80) return fnv1a32Wide(key, index, hash);
    hash = Math.imul(hash ^ unit, PRIME);
  }
  return hash;
}

/** Continues a hash from the first character that needs more than one byte; lone surrogates hash as U+FFFD, as encoders write them. */
function fnv1a32Wide(key: string, from: number, start: number): number {
  let hash = start;
  for (let index = from; index < key.length; index++) {
    let point = key.codePointAt(index) as number;
    if (point > 0xffff) index++;
    else if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) {
      hash = Math.imul(hash ^ point, PRIME);
    } else if (point < 0x800) {
      hash = Math.imul(hash ^ (0xc0 | (point >> 6)), PRIME);
      hash = Math.imul(hash ^ (0x80 | (point & 63)), PRIME);
    } else {
      if (point < 0x10000) {
        hash = Math.imul(hash ^ (0xe0 | (point >> 12)), PRIME);
      } else {
        hash = Math.imul(hash ^ (0xf0 | (point >> 18)), PRIME);
        hash = Math.imul(hash ^ (0x80 | ((point >> 12) & 63)), PRIME);
      }
      hash = Math.imul(hash ^ (0x80 | ((point >> 6) & 63)), PRIME);
      hash = Math.imul(hash ^ (0x80 | (point & 63)), PRIME);
    }
  }
  return hash;
}

/**
 * Hashes an integer key: the same as `fnv1a32(String(key))`, for keys such as account numbers.
 *
 * @remarks No allocation for safe integers; divisions are by constants only. Anything else is hashed as its decimal text.
 * @returns a signed 32-bit integer
 */
export function fnv1a32Integer(key: number): number {
  // Also false for NaN, fractions and negative numbers; -0 is the text "0".
  if (key < SMALL_INTEGERS.length && key >= 0 && (key | 0) === key) return SMALL_INTEGERS[key] as number;
  if (!Number.isSafeInteger(key)) return fnv1a32(String(key));
  let hash = OFFSET_BASIS;
  let rest = key;
  if (rest < 0) {
    hash = Math.imul(hash ^ MINUS, PRIME);
    rest = -rest;
  }
  if (rest < BILLION) return hashDigits(hash, rest | 0, rest | 0);
  const billions = Math.floor(rest / BILLION);
  const below = (rest - billions * BILLION) | 0;
  // The lower nine digits keep their leading zeros: their width is that of the largest number of nine digits.
  return hashDigits(hashDigits(hash, billions | 0, billions | 0), below, BILLION - 1);
}

/** Hashes of the smallest integers, which are the most frequent keys: partitions, slots, tenants. */
const SMALL_INTEGERS = Int32Array.from({ length: 1024 }, (_, key) => fnv1a32(String(key)));

const MINUS = 45;
const ZERO = 48;
const BILLION = 1_000_000_000;

/** Hashes the decimal digits of `value` (0 to 999 999 999), as many as `width` has. A chain, since division by a constant is a multiplication. */
function hashDigits(start: number, value: number, width: number): number {
  let hash = start;
  if (width >= 100_000_000) hash = Math.imul(hash ^ (ZERO + ((value / 100_000_000) | 0)), PRIME);
  if (width >= 10_000_000) hash = Math.imul(hash ^ (ZERO + (((value / 10_000_000) | 0) % 10)), PRIME);
  if (width >= 1_000_000) hash = Math.imul(hash ^ (ZERO + (((value / 1_000_000) | 0) % 10)), PRIME);
  if (width >= 100_000) hash = Math.imul(hash ^ (ZERO + (((value / 100_000) | 0) % 10)), PRIME);
  if (width >= 10_000) hash = Math.imul(hash ^ (ZERO + (((value / 10_000) | 0) % 10)), PRIME);
  if (width >= 1000) hash = Math.imul(hash ^ (ZERO + (((value / 1000) | 0) % 10)), PRIME);
  if (width >= 100) hash = Math.imul(hash ^ (ZERO + (((value / 100) | 0) % 10)), PRIME);
  if (width >= 10) hash = Math.imul(hash ^ (ZERO + (((value / 10) | 0) % 10)), PRIME);
  return Math.imul(hash ^ (ZERO + (value % 10)), PRIME);
}

/** The partition of a hash, from 0 to {@link PARTITION_COUNT} - 1. */
export function partitionOf(hash: number): number {
  return hash & (PARTITION_COUNT - 1);
}
