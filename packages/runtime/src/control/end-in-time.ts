/**
 * Ends a worker, and waits for that as long as it makes sense.
 * Thread: main. A thread that is in native code, or that has a worker which is, ends only when that returns; nobody can make it.
 */
import type { Worker } from 'node:worker_threads';
import { inTime } from '../in-time.ts';

/** Time that a worker has to be gone. */
const END_MS = 2000;

/** Resolves when a worker has ended; or when it has not for a while, and then it does not keep the process alive. */
export async function endInTime(worker: Pick<Worker, 'terminate' | 'unref'>, limitMs = END_MS): Promise<void> {
  await inTime<unknown>(worker.terminate(), limitMs, () => worker.unref());
}
