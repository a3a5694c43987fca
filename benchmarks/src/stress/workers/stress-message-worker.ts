/**
 * The other end of the `postMessage` baseline: records what it is sent.
 * Thread: worker.
 */
import { parentPort } from 'node:worker_threads';
import { StressBoard } from '../stress-board.ts';
import type { StressLoad } from '../stress-events.ts';
import { stressSetting } from '../stress-setting.ts';

const board = new StressBoard(stressSetting().buffer);

parentPort?.on('message', (load: StressLoad) => board.record(0, load));
parentPort?.postMessage('ready');
