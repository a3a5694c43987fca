/**
 * Deaths of the coordinator thread, which take all shards along. The door is Node's own: the process tells of every worker it starts, and
 * the coordinator is the only one that the main thread of a runtime does.
 */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { seededRandom } from '@ringmain/core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { closeAndCheck, publishAll, startOrders } from './fixtures/harness.ts';

/** One death of the coordinator for every ten of shards in the long form. */
const FAULTS = Math.ceil(Number(process.env['RINGMAIN_CHAOS_FAULTS'] ?? 30) / 10);
const SEED = Number(process.env['RINGMAIN_SEED'] ?? 20261121);
const KEYS = 32;
const SHARDS = 2;
/** Deliveries of one shard that can be open at a death: all slots of its bay, and the one being handled. */
const IN_FLIGHT_MAX = 1024 + 1;
const restart = { maxRestarts: 1_000_000, withinMs: 60_000 };

const coordinators: Worker[] = [];
const remember = (worker: Worker): void => void coordinators.push(worker);
process.on('worker', remember);
afterAll(() => void process.off('worker', remember));
beforeEach(() => void coordinators.splice(0));

const coordinator = (): Worker => coordinators.at(-1) as Worker;

describe('deaths of the coordinator', () => {
  it(
    `lose nothing and keep the order of every key (seed ${SEED}, ${FAULTS} faults)`,
    { timeout: 120_000 + FAULTS * 20_000 },
    async () => {
      const random = seededRandom(SEED);
      const { runtime, sightings } = await startOrders({ shards: SHARDS, restart });
      const steps = new Map(Array.from({ length: KEYS }, (_, key) => [key, 0]));
      const burst = function* (count: number): Generator<{ id: number; key: number; step: number }> {
        for (let id = 0; id < count; id++) {
          const key = Math.floor(random.next() * KEYS);
          const step = steps.get(key) ?? 0;
          steps.set(key, step + 1);
          yield { id, key, step };
        }
      };
      for (let fault = 0; fault < FAULTS; fault++) {
        await publishAll(runtime, burst(1000 + Math.floor(random.next() * 1000)));
        const exit = once(coordinator(), 'exit');
        void coordinator().terminate();
        await publishAll(runtime, burst(500));
        await exit;
        // A shard of the successor answers, so every coordinator that is killed had come up.
        await runtime.send('fault.raised', { mode: 'none' }, { until: 'handled', timeoutMs: 60_000 });
        await runtime.drain({ timeoutMs: 60_000 });
      }
      expect(coordinators).toHaveLength(1 + FAULTS);
      expect(sightings.duplicatesOf(['sync', 'async'], steps)).toBeLessThanOrEqual(FAULTS * SHARDS * IN_FLIGHT_MAX);
      const { metrics } = await closeAndCheck(runtime);
      expect(metrics.restarts).toBe(FAULTS * SHARDS);
      expect(metrics.groups.map(({ deadLettered }) => deadLettered)).toEqual(metrics.groups.map(() => 0));
      expect(runtime.failed).toBeUndefined();
    },
  );

  it(
    'a delivery that was interrupted comes again and says so, and its sender gets his answer',
    { timeout: 120_000 },
    async () => {
      const { runtime } = await startOrders({ shards: 1, restart });
      const attempts: number[] = [];
      let begin = (): void => {};
      const began = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const watch = runtime.subscribe('order.held', ({ data }) => {
        attempts.push(data.attempt);
        begin();
      });
      await watch.ready;
      const handled = runtime.send('order.hold', { id: 1 }, { until: 'handled', timeoutMs: 60_000 });
      await began;
      void coordinator().terminate();
      await expect(handled).resolves.toMatchObject({ accepted: true });
      await runtime.drain();
      const { metrics } = await closeAndCheck(runtime);
      expect(attempts).toEqual([1, 2]);
      expect(metrics.groups.find(({ name }) => name === 'held')).toMatchObject({ delivered: 1, redelivered: 1, deadLettered: 0 });
    },
  );

  it('a control call that was pending ends with a typed error, a subscription is made good', { timeout: 120_000 }, async () => {
    const { runtime } = await startOrders({ shards: 1, restart });
    void coordinator().terminate();
    const restarted = runtime.restartShard(0);
    const texts: string[] = [];
    const late = runtime.subscribe('order.seen', ({ data }) => texts.push(data.group));
    await expect(restarted).rejects.toMatchObject({ code: 'RINGMAIN_PEER_EXITED' });
    await late.ready;
    await publishAll(runtime, [{ id: 1, key: 1, step: 0 }]);
    await runtime.drain();
    expect(texts.sort()).toEqual(['async', 'sync']);
    await closeAndCheck(runtime);
    // Its shards are gone; that the runtime has nobody left to tell is no failure.
    late.unsubscribe();
  });

  it(
    'close() drains what was accepted although the coordinator dies, and its successor while it starts',
    { timeout: 120_000 },
    async () => {
      const { runtime, sightings } = await startOrders({ shards: SHARDS, restart });
      const orders = Array.from({ length: 3000 }, (_, id) => ({ id, key: id % KEYS, step: Math.floor(id / KEYS) }));
      await publishAll(runtime, orders);
      const exit = once(coordinator(), 'exit');
      void coordinator().terminate();
      const closing = closeAndCheck(runtime);
      await exit;
      await new Promise(setImmediate);
      void coordinator().terminate();
      await closing;
      expect(coordinators).toHaveLength(3);
      const steps = new Map(Array.from({ length: KEYS }, (_, key) => [key, orders.filter((order) => order.key === key).length]));
      expect(sightings.duplicatesOf(['sync', 'async'], steps)).toBeLessThanOrEqual(SHARDS * IN_FLIGHT_MAX);
    },
  );

  it('close() ends when the coordinator dies while it stops the shards', { timeout: 120_000 }, async () => {
    const { runtime } = await startOrders({ shards: SHARDS, restart });
    await runtime.drain();
    const closing = closeAndCheck(runtime);
    // Quiet is found at the first look, so the call to stop is on its way one turn later.
    setImmediate(() => void coordinator().terminate());
    await closing;
    expect(coordinators).toHaveLength(1);
  });

  it(
    'more deaths than allowed fail loudly: publish and pending sends say so, and close() ends',
    { timeout: 120_000 },
    async () => {
      const config = { shards: 1, restart: { maxRestarts: 0, withinMs: 60_000 } };
      const { runtime } = await startOrders(config, undefined, { abandons: 'the runtime fails' });
      const pending = runtime.send('order.hold', { id: 1 }, { until: 'handled', timeoutMs: 60_000 });
      void coordinator().terminate();
      await expect(pending).rejects.toMatchObject({ code: 'RINGMAIN_SHARD_FAILED' });
      expect(() => runtime.publish('order.placed', { id: 1, key: 1, step: 0 })).toThrow(
        /RINGMAIN_SHARD_FAILED: the coordinator ended/,
      );
      await expect(runtime.drain()).rejects.toMatchObject({ code: 'RINGMAIN_SHARD_FAILED' });
      const report = await runtime.close({ timeoutMs: 1000 });
      expect(report).toMatchObject({ drained: false });
      expect(report.abandoned).toBeGreaterThan(0);
      expect(coordinators).toHaveLength(1);
    },
  );

  it(
    'a coordinator that dies before its shards are up fails createRuntime() and leaves no thread',
    { timeout: 120_000 },
    async () => {
      const started = startOrders({ shards: 1, restart });
      await new Promise(setImmediate);
      const exit = once(coordinator(), 'exit');
      void coordinator().terminate();
      await expect(started).rejects.toMatchObject({ code: 'RINGMAIN_START_FAILED' });
      await exit;
      await new Promise(setImmediate);
      expect(coordinators).toHaveLength(1);
    },
  );
});
