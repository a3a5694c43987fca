/**
 * Tells shards what the main thread listens to, and does not wait for those that hang.
 * Thread: the coordinator.
 */
import { RingmainError } from '@ringmain/core';
import type { ShardThread } from './shard-thread.ts';

/**
 * Resolves when all threads know.
 *
 * @throws (rejects) {@link RingmainError} `RINGMAIN_CONTROL_TIMEOUT` with the shards that did not answer in time
 */
export async function tellPatterns(
  threads: readonly ShardThread[],
  patterns: readonly string[],
  timeoutMs: number,
): Promise<void> {
  const silent = new Set(threads.keys());
  const told = threads.map(async (thread, index) => {
    // A shard that ends meanwhile gets the patterns with its successor's activation.
    await thread.api.setMainPatterns(patterns).catch(() => {});
    silent.delete(index);
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([Promise.all(told), late]);
  clearTimeout(timer);
  if (silent.size === 0) return;
  const shards = [...silent];
  throw new RingmainError(
    'RINGMAIN_CONTROL_TIMEOUT',
    `shard ${shards.join(', ')} did not learn within ${timeoutMs} ms what the main thread listens to`,
    { details: { shards, timeoutMs } },
  );
}
