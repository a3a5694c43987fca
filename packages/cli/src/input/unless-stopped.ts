/**
 * Waits for a promise or for a signal, whichever comes first, and leaves no listener behind: `Promise.race` with a promise that
 * lives as long as the run would collect a reaction for every event.
 */

/** Resolves with the value, or with undefined once the signal is aborted. */
export function unlessStopped<T>(pending: Promise<T>, stop: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(undefined);
    if (stop.aborted) end();
    else stop.addEventListener('abort', end, { once: true });
    pending.then(
      (value) => {
        stop.removeEventListener('abort', end);
        resolve(value);
      },
      (error: unknown) => {
        stop.removeEventListener('abort', end);
        reject(error);
      },
    );
  });
}

/** The next result of an iterator, or undefined once the signal is aborted; the iterator is told to end then. */
export async function nextUnlessStopped<T>(
  iterator: AsyncIterator<T>,
  stop: AbortSignal,
): Promise<IteratorResult<T> | undefined> {
  if (stop.aborted) return undefined;
  const result = await unlessStopped(iterator.next(), stop);
  // Not awaited: an iterator that hangs in `next` hangs in `return` too. Its failure has no one left to hear of it.
  if (result === undefined) void Promise.resolve(iterator.return?.()).catch(() => {});
  return result;
}
