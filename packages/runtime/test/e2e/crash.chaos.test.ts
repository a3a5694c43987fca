import { describe, expect, it } from 'vitest';
import { seededRandom } from '@ringmain/core';
import { closeAndCheck, publishAll, startOrders } from './fixtures/harness.ts';

/** `RINGMAIN_CHAOS_FAULTS=200` for the long form. */
const FAULTS = Number(process.env['RINGMAIN_CHAOS_FAULTS'] ?? 20);
const SEED = Number(process.env['RINGMAIN_SEED'] ?? 20261121);
const KEYS = 32;
/** Deliveries of one shard that can be open at a death: all slots of its bay, and the one being handled. */
const IN_FLIGHT_MAX = 1024 + 1;
const MODES = ['terminate', 'exit', 'throw', 'reject', 'oom'] as const;
/** Small, so that a handler that grows without end dies of it soon. */
const resourceLimits = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 };
const restart = { maxRestarts: 1_000_000, withinMs: 60_000 };

describe('deaths of shards', () => {
  it(`lose nothing and keep the order of every key (seed ${SEED}, ${FAULTS} faults)`, { timeout: 600_000 }, async () => {
    const random = seededRandom(SEED);
    const { runtime, sightings } = await startOrders({ shards: 2, restart, resourceLimits });
    const steps = new Map(Array.from({ length: KEYS }, (_, key) => [key, 0]));
    const burst = function* (count: number): Generator<{ id: number; key: number; step: number }> {
      for (let id = 0; id < count; id++) {
        const key = Math.floor(random.next() * KEYS);
        const step = steps.get(key) ?? 0;
        steps.set(key, step + 1);
        yield { id, key, step };
      }
    };
    let deaths = 0;
    const firstMode = Math.floor(random.next() * MODES.length);
    for (let fault = 0; fault < FAULTS; fault++) {
      await publishAll(runtime, burst(200 + Math.floor(random.next() * 400)));
      // Every mode in turn, from a random one on; the moment within the load is what varies.
      const mode = MODES[(fault + firstMode) % MODES.length] ?? 'terminate';
      if (mode === 'terminate') await runtime.restartShard(Math.floor(random.next() * 2));
      else await runtime.send('fault.raised', { mode }, { key: Math.floor(random.next() * 1000), timeoutMs: 60_000 });
      deaths++;
      await publishAll(runtime, burst(100));
    }
    await runtime.drain({ timeoutMs: 60_000 });
    const duplicates = sightings.duplicatesOf(['sync', 'async'], steps);
    expect(duplicates).toBeLessThanOrEqual(deaths * IN_FLIGHT_MAX);
    const { metrics } = await closeAndCheck(runtime);
    // A fault may meet a thread that is dying already.
    expect(metrics.restarts).toBeLessThanOrEqual(deaths);
    expect(metrics.restarts).toBeGreaterThan(deaths / 2);
    expect(metrics.recoveryUs).toEqual([expect.any(Number), expect.any(Number)]);
    expect(metrics.groups.map(({ deadLettered }) => deadLettered)).toEqual(metrics.groups.map(() => 0));
  });

  it('a poison event is set aside after three deaths, and its neighbours are delivered', { timeout: 120_000 }, async () => {
    const { runtime, sightings } = await startOrders({ shards: 1, restart });
    await publishAll(runtime, [{ id: 1, key: 1, step: 0 }]);
    await expect(runtime.send('fault.raised', { mode: 'poison' }, { until: 'handled', timeoutMs: 60_000 })).rejects.toMatchObject(
      {
        code: 'RINGMAIN_DELIVERY_FAILED',
      },
    );
    await publishAll(runtime, [{ id: 2, key: 1, step: 1 }]);
    await runtime.drain({ timeoutMs: 60_000 });
    expect(sightings.duplicatesOf(['sync', 'async'], new Map([[1, 2]]))).toBe(0);
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.restarts).toBe(3);
    expect(metrics.groups.find(({ name }) => name === 'faults')).toMatchObject({ deadLettered: 1, delivered: 0 });
  });

  it('a shard is replaced while the main thread is blocked', { timeout: 120_000 }, async () => {
    const { runtime } = await startOrders({ shards: 1, restart });
    expect(runtime.publish('fault.raised', { mode: 'exit' }).accepted).toBe(true);
    const orders = Array.from({ length: 50 }, (_, step) => ({ id: step, key: 1, step }));
    for (const order of orders) expect(runtime.publish('order.placed', order).accepted).toBe(true);
    const sync = (): number => runtime.metrics().groups.find(({ name }) => name === 'sync')?.delivered ?? 0;
    // The main thread does nothing but look at shared counters until the successor has delivered everything.
    while (sync() < orders.length || runtime.metrics().restarts === 0);
    expect(runtime.metrics().restarts).toBe(1);
    await runtime.drain();
    await closeAndCheck(runtime);
  });

  it('more deaths than allowed fail loudly: publish and pending sends say so', { timeout: 120_000 }, async () => {
    const config = { shards: 1, restart: { maxRestarts: 1, withinMs: 60_000 } };
    const { runtime } = await startOrders(config, undefined, { abandons: 'the runtime fails' });
    const pending = runtime.send('fault.raised', { mode: 'poison' }, { until: 'handled', timeoutMs: 60_000 });
    await expect(pending).rejects.toMatchObject({ code: 'RINGMAIN_SHARD_FAILED' });
    expect(() => runtime.publish('order.placed', { id: 1, key: 1, step: 0 })).toThrow(/RINGMAIN_SHARD_FAILED/);
    const report = await runtime.close({ timeoutMs: 1000 });
    expect(report.drained).toBe(false);
    expect(report.abandoned).toBeGreaterThan(0);
  });
});
