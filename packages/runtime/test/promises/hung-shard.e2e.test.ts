/** Promise: a shard that hangs in a handler holds up nobody who subscribes for longer than he was told, and a successor makes it good. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck, publishAll, startOrders } from '../e2e/fixtures/harness.ts';

const LONG_MS = 3_600_000;

/** A runtime whose one shard hangs in a handler until its thread is ended. */
async function hung(deliveryTimeoutMs: number) {
  const { runtime } = await startOrders({ shards: 1, deliveryTimeoutMs });
  expect(runtime.publish('order.hold', { id: 1 }).accepted).toBe(true);
  const held = (): number => runtime.metrics().publishers.find(({ name }) => name === 'shard-0')?.types['order.held'] ?? 0;
  while (held() === 0) await new Promise(setImmediate);
  return runtime;
}

describe('ready of a subscription, with a shard that hangs', () => {
  it('rejects in time with the shard, and the subscription holds for the successor', async () => {
    const runtime = await hung(5000);
    const seen: string[] = [];
    const subscription = runtime.subscribe('order.seen', ({ data }) => void seen.push(data.group), { group: 'late' });
    await expect(subscription.ready).rejects.toMatchObject({
      code: 'RINGMAIN_CONTROL_TIMEOUT',
      details: { shards: [0], timeoutMs: 5000 },
    });
    await runtime.restartShard(0);
    await publishAll(runtime, [{ id: 1, key: 1, step: 0 }]);
    await runtime.drain();
    expect(seen.sort()).toEqual(['async', 'sync']);
    await closeAndCheck(runtime);
  });

  it('resolves when the shard is replaced', async () => {
    const runtime = await hung(LONG_MS);
    const subscription = runtime.subscribe('order.note', () => {});
    let isKnown = false;
    const known = subscription.ready.then(() => (isKnown = true));
    await new Promise(setImmediate);
    expect(isKnown).toBe(false);
    await runtime.restartShard(0);
    await known;
    expect(isKnown).toBe(true);
    await closeAndCheck(runtime);
  });
});
