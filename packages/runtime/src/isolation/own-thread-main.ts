/** Entry of the one thread of a group with `isolation: 'shard'`. Thin on purpose: everything else is `OwnThreadRoom`. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemAtomics } from '@ringmain/ring';
import { OwnThreadRoom } from './own-thread-room.ts';
import type { FromOwnThread, OwnThreadSeed, ToOwnThread } from './own-thread-messages.ts';

const room = new OwnThreadRoom(workerData as OwnThreadSeed, systemAtomics, (message: FromOwnThread) =>
  parentPort?.postMessage(message),
);
parentPort?.on('message', (message: ToOwnThread) => room.take(message));
