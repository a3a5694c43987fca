/** An isolated group as its shard sees it, with a stand-in for the thread: what the shard hears of a call only after it gave that up. */
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { GateMode } from '@ringmain/ring';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { OwnThread } from '../../dist/isolation/own-thread.js';
import { PoolCalls } from '../../dist/isolation/pool-calls.js';
import { HandShard } from '../deliver/hand-shard.ts';

const TIMEOUT_MS = 100;
/** An event ends sooner than the day that a call may wait for its begin. */
const DEADLINE_MS = 1000;

/** One event is given to the thread; calls there end only when they are given up. */
async function start() {
  const add = vi.spyOn(PoolCalls.prototype, 'add');
  const run = vi
    .spyOn(OwnThread.prototype, 'run')
    .mockImplementation(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    );
  onTestFinished(() => [add, run].forEach((spy) => spy.mockRestore()));
  const shard = new HandShard((made) => [
    made.group('apart', {
      isolation: 'shard',
      breaker: true,
      timeoutMs: TIMEOUT_MS,
      retry: { maxAttempts: 1 },
    }),
  ]);
  const board = shard.board();
  board.set(GateMode.open, 0, true);
  shard.publish('task.one', 0, 0, { deadline: shard.deadlineIn(DEADLINE_MS) });
  await shard.settle();
  expect([run.mock.calls.length, board.running(0)]).toEqual([1, 0]);
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  (add.mock.contexts[0] as PoolCalls | undefined)?.connect({
    kind: 'ringmain.hello',
    port: port2,
    bell: new Int32Array(new SharedArrayBuffer(4)),
  });
  const task = add.mock.calls[0]?.[0];
  const heard = once(port2, 'message');
  return { shard, board, heard, begin: () => port1.postMessage({ kind: 'begin', task }) };
}

describe('An isolated call', () => {
  it('that is given up before its shard hears that it has begun is over for its breaker', async () => {
    const { shard, board, begin } = await start();
    begin();
    // The timers come before the port.
    shard.pass(DEADLINE_MS * 2);
    await shard.settle();
    expect([shard.counted(0).deadLettered, board.calls(0).failed, board.running(0)]).toEqual([1, 1, 0]);
  });

  it('runs for its breaker from when its shard hears that it has begun, until it is given up', async () => {
    const { shard, board, heard, begin } = await start();
    begin();
    await heard;
    expect(board.running(0)).not.toBe(0);
    shard.pass(TIMEOUT_MS * 2);
    await shard.settle();
    expect([shard.counted(0).deadLettered, board.calls(0).failed, board.running(0)]).toEqual([1, 1, 0]);
  });

  it('goes on when handlers are told to stop: there, that would be its end', async () => {
    const { shard } = await start();
    shard.stopHandlers();
    await shard.settle();
    expect([shard.inBay, shard.counted(0).deadLettered]).toEqual([1, 0]);
  });
});
