/**
 * Tells shards something, and does not wait for those that hang.
 * Thread: the coordinator.
 */
import { RingmainError } from '@ringmain/core';
import type { ShardThread } from './shard-thread.ts';

/**
 * Resolves when all threads know. One that hangs knows once it goes on: the message waits for it.
 *
 * @param threads - those of the shards, by number
 * @param tell - tells one; a thread that ends meanwhile has a successor that knows
 * @param what - what a shard did not do, as part of a sentence
 * @throws (rejects) {@link RingmainError} `RINGMAIN_CONTROL_TIMEOUT` with the shards that did not answer in time
 */
export async function tellThreads(
  threads: readonly ShardThread[],
  tell: (thread: ShardThread) => Promise<void>,
  timeoutMs: number,
  what: string,
): Promise<void> {
  const silent = new Set(threads.keys());
  const told = threads.map(async (thread, index) => {
    await tell(thread).catch(() => {});
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
  throw new RingmainError('RINGMAIN_CONTROL_TIMEOUT', `shard ${shards.join(', ')} did not ${what} within ${timeoutMs} ms`, {
    allowed: 'handlers that give their shard back in time; the shard does so when it goes on, or its successor',
    details: { shards, timeoutMs },
  });
}
