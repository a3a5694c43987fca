/**
 * Runs the job in a plain loop on one fresh thread, and waits for it.
 * Thread: main, which has nothing else to do meanwhile.
 */
import { Worker } from 'node:worker_threads';
import type { SourceFile } from './discover-files.ts';
import { showProgress } from './progress.ts';
import type { ShardsRun } from './run-on-shards.ts';
import type { SingleThreadMessage } from './single-thread.ts';

/** What came out. */
export type OneThreadRun = Pick<ShardsRun, 'seconds' | 'cpuSeconds' | 'packages'>;

/** Indexes files on one thread. */
export async function runOnOneThread(files: readonly SourceFile[]): Promise<OneThreadRun> {
  let done = 0;
  const progress = showProgress('1 thread', files.length, () => done);
  const worker = new Worker(new URL('./single-thread.js', import.meta.url), { workerData: files });
  try {
    return await new Promise<OneThreadRun>((resolve, reject) => {
      worker.on('message', (message: SingleThreadMessage) => {
        if ('done' in message) done = message.done;
        else resolve(message);
      });
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`the single thread ended with code ${code}`)));
    });
  } finally {
    done = files.length;
    progress.stop();
    await worker.terminate();
  }
}
