/** Waiting as long as anything moves. */
import { describe, expect, test } from 'vitest';
import { RingmainError } from '@ringmain/core';
import { settle } from '../../dist/run/settle.js';
import { FakeRuntime } from './fake-runtime.ts';

const never = new AbortController().signal;

/** Settles a delivery or none each time it is drained. */
function slowRuntime(deliveries: number, movesEachRound: boolean): FakeRuntime {
  const runtime = new FakeRuntime();
  for (let id = 0; id < deliveries; id++) runtime.publish('a', id);
  runtime.stuck = deliveries;
  runtime.drain = async () => {
    runtime.drains += 1;
    if (movesEachRound) runtime.stuck -= 1;
    if (runtime.stuck > 0) throw new RingmainError('RINGMAIN_DELIVERY_TIMEOUT', 'not settled');
  };
  return runtime;
}

describe('settle', () => {
  test('goes on for as many rounds as deliveries settle', async () => {
    const runtime = slowRuntime(5, true);
    expect(await settle(runtime, never)).toBe(true);
    expect(runtime.drains).toBe(5);
  });

  test('gives up after a round in which nothing settled', async () => {
    const runtime = slowRuntime(5, false);
    expect(await settle(runtime, never)).toBe(false);
    expect(runtime.drains).toBe(1);
  });

  test('ends when it is stopped', async () => {
    const runtime = slowRuntime(1, false);
    runtime.drain = () => new Promise(() => {});
    const stopper = new AbortController();
    const settled = settle(runtime, stopper.signal);
    stopper.abort();
    expect(await settled).toBe(false);
  });

  test('passes on why the runtime failed', async () => {
    const runtime = new FakeRuntime();
    runtime.failed = new RingmainError('RINGMAIN_SHARD_FAILED', 'gone');
    await expect(settle(runtime, never)).rejects.toBe(runtime.failed);
  });
});
