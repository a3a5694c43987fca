/**
 * Stops shards in order, and ends those that do not stop in time; ends one as a crash would.
 * Thread: the coordinator.
 */
import { RingmainError } from '@ringmain/core';
import { inTime } from '../in-time.ts';
import type { ShardThread } from './shard-thread.ts';

/**
 * Stops the threads of all shards.
 *
 * @param spare - ended as it is; it runs no handlers
 * @param timeoutMs - time that shards have to end their loops and run their teardowns
 * @returns positions of the threads that had not stopped by then; one that had ended before is none of them
 */
export async function stopThreads(
  threads: readonly ShardThread[],
  spare: ShardThread | undefined,
  timeoutMs: number,
): Promise<readonly number[]> {
  const late = new Set(threads.keys());
  const stopped = threads.map(async (thread, index) => {
    await thread.api.stop().catch(() => {});
    late.delete(index);
  });
  const deadline = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs).unref());
  await Promise.race([Promise.all(stopped), deadline]);
  const hung = [...late];
  await Promise.all(threads.map((thread) => thread.terminate()));
  await spare?.terminate();
  await Promise.all(threads.map((thread) => thread.flushed()));
  return hung;
}

/**
 * Ends the thread of a shard as a crash would.
 *
 * @throws (rejects) {@link RingmainError} `RINGMAIN_CONTROL_TIMEOUT` when it has not ended in time; its successor starts once it has
 */
export async function endThread(thread: Pick<ShardThread, 'terminate'>, shard: number, timeoutMs: number): Promise<void> {
  await inTime(thread.terminate(), timeoutMs, () => {
    throw new RingmainError('RINGMAIN_CONTROL_TIMEOUT', `the thread of shard ${shard} did not end within ${timeoutMs} ms`, {
      allowed: 'handlers that do not block their thread in native code; its successor starts once it has ended',
      details: { shards: [shard], timeoutMs },
    });
  });
}
