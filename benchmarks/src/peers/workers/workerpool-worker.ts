/** Worker entry of workerpool. Thread: worker. */
import workerpool from 'workerpool';
import runTask from './task-worker.ts';

workerpool.worker({ run: runTask });
