/** `workerpool`: one worker thread, 64 tasks outstanding. Thread: main thread of the contender's process. */
import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';
import { TaskPoolContender } from './task-pool.ts';

export default class WorkerpoolContender extends TaskPoolContender {
  constructor() {
    const script = fileURLToPath(new URL('../workers/workerpool-worker.js', import.meta.url));
    const pool = workerpool.pool(script, { minWorkers: 1, maxWorkers: 1, workerType: 'thread' });
    super({
      run: (task) => pool.exec('run', [task]),
      close: async () => pool.terminate(true),
    });
  }
}
