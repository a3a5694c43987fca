/**
 * What a handler returned, as `await` takes it: promises of any realm or library, and whatever only looks like one.
 * Thread: the consumer's.
 */

/** Tells what `await` would wait for from plain results. Reads `then`, which may throw. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value === 'object' ? value === null : typeof value !== 'function') return false;
  return typeof (value as { then?: unknown }).then === 'function';
}

/**
 * Calls back once, after the present call, whatever the result does: calls back twice or both ways, throws, or has a `then` of its own.
 */
export function follow(result: PromiseLike<unknown>, fulfilled: () => void, rejected: (error: unknown) => void): void {
  // The promise's own method, so that a native promise with another `then` is followed as `await` follows it.
  void Promise.prototype.then.call(adopt(result), fulfilled, rejected);
}

function adopt(result: PromiseLike<unknown>): Promise<unknown> {
  try {
    return Promise.resolve(result);
  } catch (error) {
    // A promise whose `constructor` throws when it is read.
    return Promise.reject(error);
  }
}
