/**
 * The seam to the platform's atomics: the only file of the project that names `Atomics`.
 * Rings, doorbells and cells take an {@link AtomicsPort}, so that the interleaving explorer can put a simulated memory in its place.
 * Thread: any.
 */

/** Result of {@link AtomicsPort.waitAsync}. */
export type AsyncWait =
  | { readonly async: false; readonly value: 'not-equal' | 'timed-out' }
  | { readonly async: true; readonly value: Promise<'ok' | 'timed-out'> };

/** Sequentially consistent operations on one 32-bit word of shared memory. */
export interface AtomicsPort {
  load(words: Int32Array, index: number): number;
  store(words: Int32Array, index: number, value: number): number;
  exchange(words: Int32Array, index: number, value: number): number;
  compareExchange(words: Int32Array, index: number, expected: number, replacement: number): number;
  /** Wakes up to `count` waiters of the word and returns how many there were. */
  notify(words: Int32Array, index: number, count?: number): number;
  /** Blocks while the word equals `value`. */
  wait(words: Int32Array, index: number, value: number, timeoutMs?: number): 'ok' | 'not-equal' | 'timed-out';
  /** Resolves once the word is notified. No timeout on purpose: one leaks about 300 bytes per call (measured on Node 20 to 26). */
  waitAsync(words: Int32Array, index: number, value: number): AsyncWait;
}

/** The platform's own atomics. Methods are the builtins themselves, so that calls through the port stay direct. */
export const systemAtomics: AtomicsPort = {
  load: Atomics.load,
  store: Atomics.store,
  exchange: Atomics.exchange,
  compareExchange: Atomics.compareExchange,
  notify: Atomics.notify,
  wait: Atomics.wait,
  waitAsync: Atomics.waitAsync,
};
