/**
 * The only file that draws system randomness. Everything else takes a {@link Random}.
 * Thread: any.
 */

/** Chance as a port, so that tests replay by seed. */
export interface Random {
  /** A float from 0 (included) to 1 (excluded). */
  next(): number;
  /** A signed 32-bit integer, every value equally likely. */
  int32(): number;
}

/** System randomness, unseeded. */
export const systemRandom: Random = {
  next: () => Math.random(),
  int32: () => {
    const word = new Int32Array(1);
    globalThis.crypto.getRandomValues(word);
    return word[0] as number;
  },
};

/**
 * A seeded generator, the same sequence for the same seed on every machine.
 * Source: "mulberry32" by Tommy Ettinger, public domain; written anew here.
 *
 * @param seed - any 32-bit integer
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  const int32 = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) | 0;
  };
  return { int32, next: () => (int32() >>> 0) / 0x1_0000_0000 };
}
