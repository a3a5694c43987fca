/**
 * Memory of a thread that dies: after a given number of stores every further access throws, also in `finally` blocks, as if the thread
 * had ended there. Running a scenario once for every number of stores kills it at every point that a successor could tell apart.
 */
import type { AtomicsPort } from '@ringmain/ring';

/** Thrown at the moment of death; nothing of the code under test may catch it and go on. */
export class Death extends Error {}

/** How long one generation of a thread lives. */
export class Lifetime {
  /** Stores (and other observable acts) done so far. */
  spent = 0;
  private readonly limit: number;

  /** @param limit - acts before death */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.limit = limit;
  }

  /** Call before each act that the world can see. */
  act(): void {
    if (this.spent >= this.limit) throw new Death();
    this.spent++;
  }

  /** The same memory, as this generation sees it. */
  words(target: Int32Array): Int32Array {
    return new Proxy(target, {
      get: (words, key) => {
        const value: unknown = Reflect.get(words, key);
        return typeof value === 'function' ? value.bind(words) : value;
      },
      set: (words, key, value: number) => {
        this.act();
        return Reflect.set(words, key, value);
      },
    });
  }
}

/** Runs until the end or until death; true when it lived. */
export function lives(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof Death) return false;
    throw error;
  }
}

/** Atomics for memory that one real thread uses: plain accesses, so that they work through {@link Lifetime.words}. */
export const plainAtomics: AtomicsPort = {
  load: (words, index) => words[index] ?? 0,
  store: (words, index, value) => (words[index] = value),
  exchange: (words, index, value) => {
    const before = words[index] ?? 0;
    words[index] = value;
    return before;
  },
  compareExchange: (words, index, expected, replacement) => {
    const before = words[index] ?? 0;
    if (before === expected) words[index] = replacement;
    return before;
  },
  notify: () => 0,
  wait: () => 'not-equal',
  waitAsync: () => ({ async: false, value: 'not-equal' }),
};
