/** Puts an end to waits for code of the user. Thread: any. */

/**
 * Waits for a promise, but not longer than a time.
 *
 * @param late - called when the time is over; what it throws is what the caller gets, what it returns the result
 */
export async function inTime<T>(promise: Promise<T>, timeoutMs: number, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
