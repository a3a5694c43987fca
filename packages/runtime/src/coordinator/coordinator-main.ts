/** Entry of the coordinator thread. Thin on purpose: everything else is `CoordinatorRoom`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { MainContract } from '../control/contracts.ts';
import { Peer, serve } from '../control/peer.ts';
import { createThreadLog } from '../log/thread-log.ts';
import type { RuntimeSeed } from '../thread-context.ts';
import { coordinatorApi } from './coordinator-api.ts';
import { CoordinatorRoom } from './coordinator-room.ts';

const { seed, mainPort } = workerData as { readonly seed: RuntimeSeed; readonly mainPort: MessagePort };
const main = new Peer<MainContract>(mainPort, 'main thread');
const room = new CoordinatorRoom(seed, main.api, createThreadLog(seed.config.log.level, 'coordinator'));
serve(parentPort as MessagePort, coordinatorApi(room));
