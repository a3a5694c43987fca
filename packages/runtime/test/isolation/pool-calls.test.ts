/** The shard's end of what isolated handlers call, with the thread's end in the test's own hands. */
import { MessageChannel } from 'node:worker_threads';
import { systemAtomics } from '@ringmain/ring';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PoolDesk } from '../../dist/isolation/pool-calls.js';
import { PoolCalls } from '../../dist/isolation/pool-calls.js';

function start() {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  const calls = new PoolCalls(systemAtomics);
  calls.connect({ kind: 'ringmain.hello', port: port2, bell: new Int32Array(new SharedArrayBuffer(4)) });
  const sent: unknown[] = [];
  const send = (type: string, data: unknown) => Promise.resolve(void sent.push([type, data]));
  calls.add(1, { begin() {}, fail() {}, context: () => ({ send }) } as unknown as PoolDesk);
  const call = { kind: 'call', task: 1, member: undefined, method: 'send' };
  return { calls, sent, say: (id: number) => port1.postMessage({ ...call, call: id, parameters: ['a', id] }), port: port1 };
}

describe('PoolCalls.delete()', () => {
  it('carries out what the handler called before its end, also if its end is heard first; and nothing after it', async () => {
    const { calls, sent, say, port } = start();
    say(1);
    say(2);
    // The end of a task comes over another port, which may be looked at earlier.
    calls.delete(1);
    expect(sent).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
    say(3);
    const answers: { readonly kind: string; readonly call: number }[] = [];
    await new Promise<void>((resolve) =>
      port.on('message', (message: { readonly kind: string; readonly call: number }) => {
        answers.push({ kind: message.kind, call: message.call });
        if (answers.length === 3) resolve();
      }),
    );
    expect(sent).toHaveLength(2);
    expect(answers.toSorted((a, b) => a.call - b.call)).toEqual([
      { kind: 'value', call: 1 },
      { kind: 'value', call: 2 },
      { kind: 'error', call: 3 },
    ]);
  });
});
