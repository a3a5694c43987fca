/** Worker entry of poolifier. Thread: worker. */
import { ThreadWorker } from 'poolifier';
import runTask from './task-worker.ts';

export default new ThreadWorker<unknown>((task) => runTask(task));
