/** Entry of the one thread of a group with `isolation: 'shard'`. Thin on purpose: everything else is `OwnThreadRoom`. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { systemAtomics } from '@ringmain/ring';
import { OwnThreadRoom } from './own-thread-room.ts';
import type { FromOwnThread, OwnThreadSeed, ToOwnThread } from './own-thread-messages.ts';

const port = parentPort;
const room = new OwnThreadRoom(workerData as OwnThreadSeed, systemAtomics, {
  say: (message: FromOwnThread) => port?.postMessage(message),
  next: () => (port === null ? undefined : (receiveMessageOnPort(port)?.message as ToOwnThread | undefined)),
});
port?.on('message', (message: ToOwnThread) => room.take(message));
