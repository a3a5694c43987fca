/**
 * Shared memory in which a thread dies at a given store. While a generation lives, every `Int32Array` that the runtime opens over shared
 * memory counts its stores and throws {@link Death} at the last one and at every one after it, `finally` blocks and promises included.
 * Nothing runs in parallel: one real thread plays the main thread and all generations of a shard, and turns of the event loop are off, those of
 * promises included: what a handler returned settles when the test says so.
 */
import type { AtomicsPort } from '@ringmain/ring';

/** Thrown at the moment of death. */
export class Death extends Error {}

/** How long one generation lives. */
export class Lifetime {
  /** Stores and handler calls so far. */
  spent = 0;
  private limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Counts one act that the world can see. */
  act(): void {
    if (this.spent >= this.limit) throw new Death();
    this.spent++;
  }

  /** Dies here. */
  end(): never {
    this.limit = this.spent;
    throw new Death();
  }
}

const RealInt32Array = Int32Array;
const realImmediate = globalThis.setImmediate;
const realMicrotask = globalThis.queueMicrotask;
const RealPromise = Promise;

type Callback = (value: unknown) => void;

/* oxlint-disable unicorn/no-thenable */
/** Leaves thenables as they are, and follows them by their own `then`, in the same turn. */
class InstantPromise<T> extends RealPromise<T> {
  static override resolve(value?: unknown): Promise<never> {
    return value as Promise<never>;
  }

  // oxlint-disable unicorn/no-thenable -- it stands in for the real one
  // @ts-expect-error -- called for any thenable, where the real one takes promises only
  override then(this: PromiseLike<unknown>, fulfilled: Callback, rejected: Callback): PromiseLike<unknown> {
    return this instanceof RealPromise
      ? RealPromise.prototype.then.call(this, fulfilled, rejected)
      : this.then(fulfilled, rejected);
  }
}
/* oxlint-enable unicorn/no-thenable */

let current: Lifetime | undefined;

const MortalInt32Array = new Proxy(RealInt32Array, {
  construct: (target, args: ConstructorParameters<Int32ArrayConstructor>) => {
    const words = Reflect.construct(target, args) as Int32Array;
    return current !== undefined && words.buffer instanceof SharedArrayBuffer ? mortal(words, current) : words;
  },
});

/** Runs as a generation of the shard; true when it lived to the end. */
export function lives(lifetime: Lifetime, run: () => void): boolean {
  return quietly(() => {
    current = lifetime;
    try {
      run();
      return true;
    } catch (error) {
      if (error instanceof Death) return false;
      throw error;
    }
  });
}

/** Runs something that is not the shard's, in between. */
export function asBystander<Result>(run: () => Result): Result {
  const lifetime = current;
  current = undefined;
  try {
    return run();
  } finally {
    current = lifetime;
  }
}

/** Runs without turns of the event loop: the test drives the loops itself. */
export function quietly<Result>(run: () => Result): Result {
  globalThis.Int32Array = MortalInt32Array;
  globalThis.Promise = InstantPromise as unknown as PromiseConstructor;
  globalThis.setImmediate = (() => undefined) as unknown as typeof setImmediate;
  globalThis.queueMicrotask = () => undefined;
  try {
    return run();
  } finally {
    current = undefined;
    globalThis.Int32Array = RealInt32Array;
    globalThis.Promise = RealPromise;
    globalThis.setImmediate = realImmediate;
    globalThis.queueMicrotask = realMicrotask;
  }
}

/** Atomics for memory that one real thread uses: plain accesses, so that they go through the proxies. */
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

function mortal(words: Int32Array, lifetime: Lifetime): Int32Array {
  return new Proxy(words, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, key, value: number) => {
      lifetime.act();
      return Reflect.set(target, key, value);
    },
  });
}
