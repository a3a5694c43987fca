/** `piscina`: the best-known worker pool, one thread, 64 tasks outstanding. Thread: main thread of the contender's process. */
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { POOL_CONCURRENCY, TaskPoolContender } from './task-pool.ts';

export default class PiscinaContender extends TaskPoolContender {
  constructor() {
    const pool = new Piscina({
      filename: fileURLToPath(new URL('../workers/task-worker.js', import.meta.url)),
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: POOL_CONCURRENCY,
    });
    super({ run: (task) => pool.run(task), close: () => pool.destroy() });
  }
}
