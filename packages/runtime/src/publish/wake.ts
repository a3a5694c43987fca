/**
 * A promise that is resolved from outside; all who wait for the same thing share one.
 * Thread: any.
 */

/** A promise and what resolves it. */
export interface Wake {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** Creates a {@link Wake}. */
export function createWake(): Wake {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
