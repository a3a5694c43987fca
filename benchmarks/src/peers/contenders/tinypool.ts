/** `tinypool`: the pool inside vitest, one thread, 64 tasks outstanding. Thread: main thread of the contender's process. */
import { Tinypool } from 'tinypool';
import { POOL_CONCURRENCY, TaskPoolContender } from './task-pool.ts';

export default class TinypoolContender extends TaskPoolContender {
  constructor() {
    const pool = new Tinypool({
      filename: new URL('../workers/task-worker.js', import.meta.url).href,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: POOL_CONCURRENCY,
    });
    super({ run: (task) => pool.run(task), close: () => pool.destroy() });
  }
}
