/** Memory of one ring for tests: control words, data, and both ends of it. */
import { RingConsumer, RingProducer, systemAtomics } from '@ringmain/ring';
import type { RingWords } from '@ringmain/ring';

const TAIL = 0;
const HEAD = 32;
const PROGRESS = 64;

/** Fresh words of a ring whose positions all stand at `position`. */
export function ringWords(capacityBytes: number, position = 0): RingWords {
  const control = new Int32Array(new SharedArrayBuffer(512));
  control[TAIL] = position;
  control[HEAD] = position;
  control[PROGRESS] = position;
  return {
    control,
    tailIndex: TAIL,
    headIndex: HEAD,
    progressIndex: PROGRESS,
    data: new Int32Array(new SharedArrayBuffer(capacityBytes)),
  };
}

/** Both ends of a fresh ring. */
export function openRing(capacityBytes: number, position = 0) {
  const words = ringWords(capacityBytes, position);
  return { words, producer: new RingProducer(systemAtomics, words), consumer: new RingConsumer(systemAtomics, words) };
}

/** Fills a claimed body with words that name the record, and seals it. */
export function fill(producer: RingProducer, words: RingWords, offset: number, id: number, bytes: number, kind = 1): void {
  for (let word = 0; word < (bytes + 3) >> 2; word++) words.data[(offset >> 2) + word] = pattern(id, word);
  producer.seal(kind, bytes);
}

/** Claims, fills and seals a record; false when there is no room. */
export function put(producer: RingProducer, words: RingWords, id: number, bytes: number, kind = 1): boolean {
  const offset = producer.claim(bytes);
  if (offset < 0) return false;
  fill(producer, words, offset, id, bytes, kind);
  return true;
}

/** What the word of a record must hold; a torn or overwritten record does not. */
export function pattern(id: number, word: number): number {
  return Math.imul(id + 1, 0x9e3779b1) ^ word;
}

/** True when the body at `index` (of its first word) is that of the record. */
export function isIntact(data: Int32Array, index: number, id: number, bytes: number): boolean {
  for (let word = 0; word < (bytes + 3) >> 2; word++) if (data[index + word] !== pattern(id, word)) return false;
  return true;
}

/** Start positions around both places where a signed or unsigned 32-bit count wraps. */
export const POSITIONS: readonly number[] = [0, 1, 5, 0x7fff_fff0, 0x7fff_fffb, 0x7fff_ffff, -0x8000_0000, -16, -3, -1];
