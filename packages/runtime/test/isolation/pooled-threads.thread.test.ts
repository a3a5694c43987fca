/** A pool of an isolated group as its shard sees it: which calls cost a thread. The threads are ended before they have loaded anything. */
import { manualClock } from '@ringmain/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HandlerThreadsParts } from '../../dist/isolation/handler-threads.js';
import { PooledThreads } from '../../dist/isolation/pooled-threads.js';

const LATE = new Error('too late');

function start(min: number) {
  const lost: unknown[] = [];
  const parts = {
    clock: manualClock(),
    seed: { seed: { config: { startTimeoutMs: 60_000, log: { level: 'info' } } } },
    onHello: () => {},
    onLost: (error: unknown) => lost.push(error),
  };
  const threads = new PooledThreads(parts as unknown as HandlerThreadsParts, { min, max: 1, idleTimeoutMs: 60_000 });
  onTestFinished(() => threads.destroy());
  const call = (signal: AbortSignal): Promise<unknown> =>
    threads.run({ task: { id: 1, records: [], logLevel: 'info' }, signal, repeat: () => false });
  const giveUp = async (): Promise<void> => {
    const attempt = new AbortController();
    const called = call(attempt.signal);
    attempt.abort(LATE);
    await expect(called).rejects.toThrow('aborted');
  };
  return { threads, lost, call, giveUp };
}

describe('PooledThreads.run()', () => {
  it('costs no thread when it is given up before one is up to take it, and slows nothing down', async () => {
    const { threads, lost, giveUp } = start(0);
    const beginWithinMs = threads.beginWithinMs;
    for (let call = 0; call < 3; call++) await giveUp();
    expect([lost, threads.beginWithinMs]).toEqual([[], beginWithinMs]);
  });

  it('costs the thread that has it when it is given up', async () => {
    const { threads, lost, giveUp } = start(1);
    await giveUp();
    expect(lost).toEqual([undefined]);
    const beginWithinMs = threads.beginWithinMs;
    await giveUp();
    // The next one takes its time to start.
    expect([lost, threads.beginWithinMs]).toEqual([[undefined], beginWithinMs]);
  });

  it('says why it does not begin: the attempt was given up, or the pool is closed', async () => {
    const { threads, lost, call } = start(0);
    await expect(call(AbortSignal.abort(LATE))).rejects.toBe(LATE);
    await threads.destroy();
    await expect(call(new AbortController().signal)).rejects.toThrow('RINGMAIN_CLOSED: the thread ends');
    await expect(call(AbortSignal.abort(LATE))).rejects.toBe(LATE);
    expect(lost).toEqual([]);
  });
});
