/** Shards that do not answer: one whose teardown does not end leaves all the same, and one that a handler blocks holds up no call for ever. */
import type { Runtime } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { start } from '../promises/fixtures/start.ts';
import { Latch } from './fixtures/latch.ts';
import { events } from './fixtures/latched.ts';

type Ticks = Runtime<{ 'tick.given': { tick: number } }>;

const EVENTS = new URL('../promises/fixtures/unready-events.mjs', import.meta.url);

describe('resize()', () => {
  it('ends a shard whose teardown does not, once its time is over, and says so', async () => {
    const config = { shards: 2, shutdownMs: 100, warmSpare: false };
    const runtime: Ticks = await start(EVENTS, ['./endless.mjs?teardown'], config);
    for (let tick = 0; tick < 20; tick++) await runtime.send('tick.given', { tick }, { until: 'handled' });
    expect(await runtime.resize(1)).toMatchObject({ shards: 1, movedPartitions: 128, terminated: [1] });
    for (let tick = 0; tick < 20; tick++) await runtime.send('tick.given', { tick }, { until: 'handled' });
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics).toMatchObject({ shards: 1, restarts: 0, published: 40, groups: [{ delivered: 40 }] });
  });
});

describe('while a handler blocks a shard', () => {
  it('reload() names the shard in time, and the shard goes by the new configuration when it goes on', async () => {
    const latch = Latch.create();
    const config = { shards: 2, deliveryTimeoutMs: 100, warmSpare: false };
    const runtime = await start(events, ['../../resize/fixtures/latched.ts'], config);
    expect(runtime.publish('tick.given', { tick: 1 }).accepted).toBe(true);
    await latch.held();
    const reloaded = runtime.reload({ ...runtime.config, publishRate: { perSecond: 1, burst: 1 } });
    await expect(reloaded).rejects.toMatchObject({
      code: 'RINGMAIN_CONTROL_TIMEOUT',
      details: { shards: [expect.any(Number)], timeoutMs: 100 },
    });
    // The threads that are not blocked go by it, this one among them, and nothing is left to reload.
    expect(runtime.config.publishRate.perSecond).toBe(1);
    expect(await runtime.reload(runtime.config)).toEqual({ changed: [] });
    latch.open();
    // The handler goes on, and publishes after a turn of its thread.
    expect(await latch.published()).toBe(1);
    await closeAndCheck(runtime);
  });
});
