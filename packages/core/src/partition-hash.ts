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

/** The partition of a hash, from 0 to {@link PARTITION_COUNT} - 1. */
export function partitionOf(hash: number): number {
  return hash & (PARTITION_COUNT - 1);
}
