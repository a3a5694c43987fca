/** `runtime.batcher`: many events, one commit and one wake; nothing of what it took is lost. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck, startOrders } from '../e2e/fixtures/harness.ts';
import { startValve } from './valve.ts';

const KEYS = 8;
const order = (id: number) => ({ id, key: id % KEYS, step: Math.floor(id / KEYS) });

describe.each([0, 2])('runtime.batcher() with %i shards', (shards) => {
  it('publishes 100 events as one batch, in order, with consecutive ids and what was true when they were added', async () => {
    const { runtime, sightings } = await startOrders({ shards });
    const sequences: bigint[] = [];
    await runtime.subscribe('order.placed', ({ sequence, correlationId }) => {
      expect(correlationId).toBe('batched');
      sequences.push(sequence);
    }).ready;
    const batcher = runtime.batcher('order.placed', { correlationId: 'batched', maxDelayMs: 2 ** 31 - 1 });
    const reused = { id: 0, key: 0, step: 0 };
    for (let id = 0; id < 99; id++) expect(batcher.add(Object.assign(reused, order(id))).status).toBe('gathered');
    expect(runtime.metrics().published).toBe(0);
    expect(batcher.add(order(99)).status).toBe('accepted');
    await runtime.drain();
    expect(sequences.map((sequence) => Number(sequence - (sequences[0] ?? 0n)))).toEqual(
      Array.from({ length: 100 }, (_, id) => id),
    );
    const steps = new Map(Array.from({ length: KEYS }, (_, key) => [key, key < 100 % KEYS ? 13 : 12]));
    expect(sightings.duplicatesOf(['sync', 'async'], steps)).toBe(0);
    await closeAndCheck(runtime);
  });

  it('is emptied by drain, flush and close', async () => {
    const { runtime } = await startOrders({ shards });
    const batcher = runtime.batcher('order.placed', { maxDelayMs: 2 ** 31 - 1 });
    const delivered = (): number => runtime.metrics().groups.find(({ name }) => name === 'sync')?.delivered ?? 0;
    batcher.add(order(0));
    await runtime.drain();
    expect([batcher.size, delivered()]).toEqual([0, 1]);
    batcher.add(order(1));
    await runtime.flush();
    expect(batcher.size).toBe(0);
    batcher.add(order(2));
    const { metrics, unpublished } = await closeAndCheck(runtime);
    expect([unpublished, metrics.groups.find(({ name }) => name === 'sync')?.delivered]).toEqual([0, 3]);
    expect(() => batcher.add(order(3))).toThrow(/RINGMAIN_CLOSED/);
  });

  it('refuses what could never be accepted', async () => {
    const { runtime } = await startOrders({ shards });
    expect(() => runtime.batcher('order.unknown' as never)).toThrow(/RINGMAIN_TOPIC_UNKNOWN/);
    expect(() => runtime.batcher('order.placed', { maxEvents: 0 })).toThrow(/RINGMAIN_OPTION_INVALID/);
    const batcher = runtime.batcher('order.placed');
    expect(() => batcher.add({ ...order(0), id: 'one' as never })).toThrow(/RINGMAIN_PAYLOAD_INVALID/);
    expect(() => batcher.add(order(0), { priority: 'urgent' as never })).toThrow(/RINGMAIN_PRIORITY_INVALID/);
    expect(batcher.size).toBe(0);
    await closeAndCheck(runtime);
  });
});

describe.each([0, 1])('a batch without room, with %i shards', (shards) => {
  it('goes as far as the credit of a stuck group goes, holds the rest, and delivers all of it in order', async () => {
    const valve = await startValve({ shards });
    const batcher = valve.runtime.batcher('plain.made', { maxEvents: 30 });
    const events = 100;
    let added = 0;
    const add = (): boolean => batcher.add({ key: added % 2, n: added }).accepted;
    while (added < events && add()) added++;
    // More than its credit, so it holds a full batch and takes no more.
    expect(added).toBeLessThan(events);
    expect(batcher.size).toBe(30);
    valve.open();
    while (added < events) {
      if (add()) added++;
      else await valve.runtime.ready('plain.made');
    }
    await valve.runtime.drain();
    const { metrics } = await closeAndCheck(valve.runtime);
    expect(metrics.groups.find(({ name }) => name === 'stuck')).toMatchObject({ delivered: events, dropped: {} });
    for (const key of [0, 1]) {
      const ofKey = valve.seen.filter(({ n }) => n % 2 === key).map(({ n }) => n);
      expect(ofKey).toEqual(Array.from({ length: events / 2 }, (_, index) => 2 * index + key));
    }
  });

  it('is told of by close when it could not be published', async () => {
    const valve = await startValve({ shards }, { abandons: 'closed while its group is stuck' });
    const batcher = valve.runtime.batcher('plain.made', { maxEvents: 100 });
    for (let n = 0; n < 100; n++) batcher.add({ key: n, n });
    expect(batcher.size).toBeGreaterThan(0);
    const { drained, unpublished, metrics } = await valve.runtime.close({ timeoutMs: 50 });
    // The shard may give more credit while the close waits.
    const published = metrics.groups.find(({ name }) => name === 'stuck')?.published ?? 0;
    expect({ drained, together: published + unpublished }).toEqual({ drained: false, together: 100 });
    expect(unpublished).toBeGreaterThan(0);
  });
});
