/** `poolifier`: fixed pool of one thread, 64 tasks outstanding. Thread: main thread of the contender's process. */
import { fileURLToPath } from 'node:url';
import { FixedThreadPool } from 'poolifier';
import { TaskPoolContender } from './task-pool.ts';

export default class PoolifierContender extends TaskPoolContender {
  constructor() {
    const script = fileURLToPath(new URL('../workers/poolifier-worker.js', import.meta.url));
    const pool = new FixedThreadPool(1, script);
    super({ run: (task) => pool.execute(task), close: () => pool.destroy() });
  }
}
