/** Moves that cannot go on, since a delivery of the old owner waits at a gate: what publishers see, how they end, and deaths meanwhile. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { PublishOutcome } from 'ringmain';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { byStatus } from '../flow/valve.ts';
import type { Board } from './fixtures/board.ts';
import type { MoverRuntime } from './start-movers.ts';
import { StepLoad, keyOf, startMovers } from './start-movers.ts';

const STAGE = 4;
const LEAVING = keyOf(1, 2);
const STAYING = keyOf(0, 2);

const coordinators: Worker[] = [];
const remember = (worker: Worker): void => void coordinators.push(worker);
process.on('worker', remember);
afterAll(() => void process.off('worker', remember));
beforeEach(() => void coordinators.splice(0));

/** Two shards; a delivery of the second, which is about to leave, waits at the gate. */
async function startHeld(stage = STAGE) {
  const started = await startMovers({ shards: 2, stage: { events: stage, maxWaitMs: 1 }, restart: { maxRestarts: 1_000 } });
  const { runtime, board } = started;
  await runtime.send('gate.waited', { key: LEAVING });
  await board.reaches('waiting', 1);
  return started;
}

/** Publishes to a partition that is about to move until it is held. */
async function untilHeld(runtime: MoverRuntime): Promise<number> {
  for (let step = 0; ; step++) {
    if (runtime.publish('step.taken', { key: LEAVING, step }).status === 'staged') return step + 1;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** The code that a promise rejects with. */
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: { readonly code?: string }) => error.code,
  );

/** After all: the events of the key that moved came in order, and the runtime is as whole as before. */
async function finish(runtime: MoverRuntime, board: Board, steps: number, shards: number, repeatsMax = 0): Promise<void> {
  await runtime.drain({ timeoutMs: 60_000 });
  for (const group of ['sync', 'async', 'batched'] as const) expect(board.steps(group, LEAVING)).toBe(steps);
  expect([board.read('early'), board.read('beside')]).toEqual([0, 0]);
  expect(board.read('repeated')).toBeLessThanOrEqual(repeatsMax);
  expect(runtime.metrics().shards).toBe(shards);
  const { metrics } = await closeAndCheck(runtime);
  expect(metrics.groups.flatMap(({ dropped }) => Object.keys(dropped))).toEqual([]);
}

describe('a partition that moves', () => {
  it('has its events held in the stage, whatever their policy, and lets others pass', async () => {
    const { runtime, board } = await startHeld();
    const resized = runtime.resize(1);
    let steps = await untilHeld(runtime);
    const outcomes: PublishOutcome[] = [];
    for (let held = 1; held < STAGE; held++) outcomes.push(runtime.publish('step.taken', { key: LEAVING, step: steps++ }));
    // The stage is full: the policy of the type decides, which is to reject.
    outcomes.push(runtime.publish('step.taken', { key: LEAVING, step: steps }));
    outcomes.push(runtime.publishBatch([{ type: 'step.taken', data: { key: LEAVING, step: steps } }]));
    expect(byStatus(outcomes)).toEqual({ staged: STAGE - 1, 'rejected: moving': 2 });
    expect(runtime.metrics().staged).toBe(STAGE);
    await runtime.send('step.taken', { key: STAYING, step: 0 }, { until: 'handled' });
    const sent = runtime.send('step.taken', { key: LEAVING, step: steps++ }, { until: 'handled', timeoutMs: 60_000 });
    let ready = false;
    const waits = runtime.ready().then(() => (ready = true));
    await runtime.send('step.taken', { key: STAYING, step: 1 }, { until: 'handled' });
    // However long that lasts, nobody tries in the meantime; every try would be a refusal.
    const { rejected } = runtime.metrics();
    for (let turn = 0; turn < 500; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(runtime.metrics().rejected).toBe(rejected);
    board.count('gate');
    expect(await resized).toMatchObject({ shards: 1, movedPartitions: 128 });
    await sent;
    await waits;
    expect(ready).toBe(true);
    await finish(runtime, board, steps, 1);
  });

  it('stays where it was when the time is over; what was held goes on, and a second try moves it', async () => {
    const { runtime, board } = await startHeld();
    const resized = runtime.resize(1, { timeoutMs: 300 });
    const steps = await untilHeld(runtime);
    await expect(resized).rejects.toMatchObject({
      code: 'RINGMAIN_RESIZE_TIMEOUT',
      details: { shards: 2, wanted: 1, left: 128, timeoutMs: 300 },
    });
    expect(runtime.metrics()).toMatchObject({ shards: 2, partitionMoves: 0, movesRolledBack: 1 });
    // Not dropped although the stage lets nothing wait for longer than a millisecond, and not behind the delivery that waits.
    await runtime.send('step.taken', { key: LEAVING, step: steps }, { until: 'handled' });
    expect(runtime.metrics().staged).toBe(0);
    board.count('gate');
    expect(await runtime.resize(1)).toMatchObject({ shards: 1, movedPartitions: 128 });
    await finish(runtime, board, steps + 1, 1);
  });

  it('is let go by the time-out when handlers wait for each other through it', async () => {
    const { runtime, board } = await startMovers({ shards: 2 });
    await runtime.send('loop.asked', { key: LEAVING, other: STAYING });
    await board.reaches('waiting', 1);
    const resized = runtime.resize(1, { timeoutMs: 500 });
    const steps = await untilHeld(runtime);
    board.count('gate');
    await expect(resized).rejects.toMatchObject({ code: 'RINGMAIN_RESIZE_TIMEOUT' });
    await board.reaches('hops', 1);
    await finish(runtime, board, steps, 2);
  });

  it('is let go when the runtime closes', async () => {
    const { runtime, board } = await startHeld();
    const resized = runtime.resize(1);
    const steps = await untilHeld(runtime);
    const [refused, closing] = [codeOf(resized), closeAndCheck(runtime)];
    expect(await refused).toBe('RINGMAIN_CLOSED');
    board.count('gate');
    await closing;
    for (const group of ['sync', 'async', 'batched'] as const) expect(board.steps(group, LEAVING)).toBe(steps);
  });
});

describe('a death during a move', () => {
  it('of the old owner: its successor works off the rest and hands over', async () => {
    const { runtime, board } = await startHeld();
    const resized = runtime.resize(1);
    const steps = await untilHeld(runtime);
    await runtime.restartShard(1);
    await board.reaches('waiting', 2);
    board.count('gate');
    expect(await resized).toMatchObject({ shards: 1, movedPartitions: 128 });
    expect(runtime.metrics().movesRolledBack).toBe(0);
    await finish(runtime, board, steps, 1, steps * 3);
  });

  it('of a producer, which is the new owner too: its successor holds what it publishes', async () => {
    const { runtime, board } = await startHeld();
    const resized = runtime.resize(1);
    const steps = await untilHeld(runtime);
    await runtime.restartShard(0);
    // Handled by the successor of shard 0, which publishes to the partition that moves: held until it has arrived.
    await runtime.send('loop.passed', { key: STAYING, back: LEAVING }, { timeoutMs: 60_000 });
    while (runtime.metrics().staged < 2) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(board.read('hops')).toBe(0);
    board.count('gate');
    expect(await resized).toMatchObject({ shards: 1, movedPartitions: 128 });
    await board.reaches('hops', 1);
    await finish(runtime, board, steps, 1);
  });

  it('of the coordinator: the next one leaves everything where it was, and a second try moves it', async () => {
    const { runtime, board } = await startHeld();
    const resized = runtime.resize(1);
    const steps = await untilHeld(runtime);
    const refused = codeOf(resized);
    const exit = once(coordinators.at(-1) as Worker, 'exit');
    void coordinators.at(-1)?.terminate();
    await exit;
    expect(await refused).toBe('RINGMAIN_PEER_EXITED');
    await runtime.send('step.taken', { key: LEAVING, step: steps }, { until: 'handled', timeoutMs: 60_000 });
    expect(runtime.metrics()).toMatchObject({ shards: 2, partitionMoves: 0, movesRolledBack: 1 });
    board.count('gate');
    expect(await runtime.resize(1)).toMatchObject({ shards: 1, movedPartitions: 128 });
    await finish(runtime, board, steps + 1, 1, (steps + 1) * 3);
  });

  it('of shards while a load goes on and the number changes: nothing is lost, keys keep their order', async () => {
    const { runtime, board } = await startMovers({ shards: 2, shardsMax: 3, restart: { maxRestarts: 1_000 } });
    const load = new StepLoad(runtime);
    const repeatsMax = 3 * 3 * 65_536;
    await load.goesOn(300);
    const growing = runtime.resize(3, { timeoutMs: 60_000 });
    await runtime.restartShard(1);
    await growing;
    await load.goesOn(300);
    const shrinking = runtime.resize(1, { timeoutMs: 60_000 });
    await runtime.restartShard(2);
    await runtime.restartShard(0);
    await shrinking;
    await load.goesOn(300);
    await load.stop();
    await runtime.drain({ timeoutMs: 60_000 });
    load.check(board, repeatsMax);
    expect(runtime.metrics().shards).toBe(1);
    await closeAndCheck(runtime);
  });
});
