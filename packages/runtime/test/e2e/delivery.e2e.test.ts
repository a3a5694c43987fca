import { describe, expect, it } from 'vitest';
import { closeAndCheck, publishAll, startOrders } from './fixtures/harness.ts';

const KEYS = 16;

function* orders(count: number): Generator<{ id: number; key: number; step: number }> {
  for (let id = 0; id < count; id++) yield { id, key: id % KEYS, step: Math.floor(id / KEYS) };
}

const expected = (count: number): Map<number, number> => new Map(Array.from({ length: KEYS }, (_, key) => [key, count / KEYS]));

describe.each([0, 2])('with %i shards', (shards) => {
  it('every group gets every event once, in order per key', async () => {
    const { runtime, sightings } = await startOrders({ shards });
    const count = 20 * 16 * KEYS;
    await publishAll(runtime, orders(count));
    await runtime.drain();
    expect(sightings.duplicatesOf(['sync', 'async'], expected(count))).toBe(0);
    const { metrics } = await closeAndCheck(runtime);
    const picky = metrics.groups.find(({ name }) => name === 'picky');
    expect(picky).toMatchObject({ delivered: count / 2, filtered: count / 2 });
    expect(metrics.groups.find(({ name }) => name === 'sync')?.latencyUs.count).toBe(count);
  });

  it.each([0x7fff_fff0, -16])('positions that start at %i wrap without a trace', async (position) => {
    const small = { capacityBytes: 8192 } as const;
    const lanes = { critical: small, high: small, normal: small, low: small };
    const { runtime, sightings } = await startOrders({ shards, lanes, mesh: small, recordBytesMax: 1024 }, position);
    const count = 100 * KEYS;
    await publishAll(runtime, orders(count));
    await runtime.drain();
    expect(sightings.duplicatesOf(['sync', 'async'], expected(count))).toBe(0);
    await closeAndCheck(runtime);
  });

  it('publishBatch() takes all or nothing', async () => {
    const small = { capacityBytes: 4096 } as const;
    const lanes = { critical: small, high: small, normal: small, low: small };
    const { runtime, sightings } = await startOrders({ shards, lanes, mesh: small, recordBytesMax: 1024 });
    const batch = [...orders(KEYS)].map((data) => ({ type: 'order.placed', data }));
    expect(runtime.publishBatch(batch)).toMatchObject({ status: 'accepted' });
    expect(() => runtime.publishBatch([...batch, { type: 'order.placed', data: { id: 'x' } }])).toThrow(/RINGMAIN_/);
    await runtime.drain();
    expect(() => runtime.publishBatch(Array.from({ length: 64 }, () => batch).flat())).toThrow(/RINGMAIN_LIMIT_EXCEEDED/);
    await runtime.drain();
    expect(sightings.count).toBe(2 * KEYS);
    await closeAndCheck(runtime);
  });

  it('send() waits until every group has handled the event, and tells of a failed handler', async () => {
    const { runtime, sightings } = await startOrders({ shards, retry: { maxAttempts: 1 } });
    await expect(runtime.send('order.placed', { id: 1, key: 1, step: 0 }, { until: 'handled' })).resolves.toMatchObject({
      accepted: true,
    });
    await runtime.drain();
    expect(sightings.count).toBe(2);
    await expect(runtime.send('fault.raised', { mode: 'fail' }, { until: 'handled' })).rejects.toMatchObject({
      code: 'RINGMAIN_DELIVERY_FAILED',
    });
    await expect(runtime.send('order.note', { text: 'nobody listens' }, { until: 'handled' })).resolves.toMatchObject({
      targets: 0,
    });
    await expect(runtime.send('order.note', { text: '' }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'RINGMAIN_ABORTED',
    });
    const report = await closeAndCheck(runtime);
    expect(report.metrics.groups.find(({ name }) => name === 'faults')?.deadLettered).toBe(1);
  });

  it('open types and subscriptions of the main thread come and go', async () => {
    const { runtime } = await startOrders({ shards });
    const seen: unknown[] = [];
    const subscription = runtime.subscribe('metric.*', (event) => seen.push([event.type, event.data]));
    runtime.publish('metric.cpu', { load: 0.5 });
    await runtime.drain();
    subscription.unsubscribe();
    expect(runtime.publish('metric.cpu', { load: 0.7 })).toMatchObject({ targets: 0 });
    for (let round = 0; round < 1000; round++) runtime.subscribe('metric.*', () => {}).unsubscribe();
    await runtime.drain();
    expect(seen).toEqual([['metric.cpu', { load: 0.5 }]]);
    expect(runtime.metrics().groups.filter(({ where }) => where === 'main')).toHaveLength(1);
    await closeAndCheck(runtime);
  });

  it('a subscription that is replaced in its own handler is counted as its own to the end', async () => {
    const { runtime } = await startOrders({ shards });
    const first = runtime.subscribe(
      'order.note',
      () => {
        first.unsubscribe();
        runtime.subscribe('metric.*', () => {}, { group: 'second' });
      },
      { group: 'first' },
    );
    runtime.publish('order.note', { text: 'one' });
    await runtime.drain();
    const second = runtime.metrics().groups.find(({ name }) => name === 'second');
    expect(second).toMatchObject({ published: 0, delivered: 0, inFlight: 0 });
    await closeAndCheck(runtime);
  });

  it('close() ends intake at once, drains, and a second call joins the first', async () => {
    const { runtime, sightings } = await startOrders({ shards });
    await publishAll(runtime, orders(10 * KEYS));
    const closing = runtime.close();
    expect(() => runtime.publish('order.placed', { id: 1, key: 1, step: 1 })).toThrow(/RINGMAIN_CLOSED/);
    await expect(runtime.send('order.placed', { id: 1, key: 1, step: 1 })).rejects.toMatchObject({ code: 'RINGMAIN_CLOSED' });
    expect(() => runtime.subscribe('order.*', () => {})).toThrow(/RINGMAIN_CLOSED/);
    expect(await runtime.close()).toBe(await closing);
    expect(sightings.duplicatesOf(['sync', 'async'], expected(10 * KEYS))).toBe(0);
  });
});
