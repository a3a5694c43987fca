/** A thread that has ended is forgotten: what comlink remembers of it keeps nothing else alive. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { Peer } from '../../dist/control/peer.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const ROUNDS_MAX = 200;

it('Peer.exited() lets go of the port, though the port leads to the peer', async () => {
  const open = (): WeakRef<object> => {
    const { port1, port2 } = new MessageChannel();
    const peer = new Peer<{ answer: () => number }>(port1, 'a thread');
    // As the streams of a worker lead to the object that owns it and its peer.
    port1.on('close', () => peer.exited('closed'));
    const pending = peer.api.answer();
    pending.catch(() => {});
    peer.exited('ended');
    port2.close();
    return new WeakRef(port1);
  };
  const port = open();
  for (let round = 0; round < ROUNDS_MAX && port.deref() !== undefined; round++) {
    await new Promise(setImmediate);
    collect();
  }
  expect(port.deref()).toBeUndefined();
});
