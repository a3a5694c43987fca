/**
 * Stops shards in order, and ends those that do not stop in time.
 * Thread: the coordinator.
 */
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
