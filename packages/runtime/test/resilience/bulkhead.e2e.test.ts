/** Promise: a bulkhead bounds the handlers of its groups that are under way, and holds up nobody else. */
import type { RuntimeConfigInput } from 'ringmain';
import { subscriber } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { start } from '../promises/fixtures/start.ts';
import { events } from './fixtures/pools.ts';

interface Began {
  readonly pool: string;
  readonly id: number;
  readonly attempt: number;
  readonly running: number;
}
type Pool = 'two' | 'left' | 'right' | 'shedding' | 'pairs' | 'loose' | 'failing' | 'late' | 'sync' | 'batch';

const BULKHEADS = { shared: { concurrency: 3 } };

async function startPools(config: RuntimeConfigInput, options: { readonly abandons?: string } = {}) {
  const fixture = ['../../resilience/fixtures/pools.ts'];
  const runtime = await start(events, fixture, { bulkheads: BULKHEADS, ...config }, options);
  const began: Began[] = [];
  const waits: { readonly count: number; readonly resolve: () => void }[] = [];
  await runtime.subscribe('pool.began', ({ data }) => {
    began.push({ ...data });
    for (const { count, resolve } of waits) if (began.length >= count) resolve();
  }).ready;
  let id = 0;
  return {
    runtime,
    began,
    /** Resolves once so many handlers have begun. */
    untilBegun: (count: number) =>
      new Promise<void>((resolve) => {
        if (began.length >= count) resolve();
        else waits.push({ count, resolve });
      }),
    publish(pool: Pool, key = id, priority: 'critical' | 'normal' | 'low' = 'normal') {
      expect(runtime.publish(`pool.${pool}`, { id: id++, key }, { priority }).accepted).toBe(true);
    },
    /** Ends handlers; what was published before has reached its group, since it came through the same shard. */
    async end(count: number) {
      await runtime.send('pool.end', { count }, { until: 'handled' });
    },
    group: (name: string) => runtime.metrics().groups.find((one) => one.name === name),
    ids: () => began.map((one) => one.id),
    most: () => Math.max(...began.map(({ running }) => running)),
  };
}

describe.each([0, 1])('with %i shards', (shards) => {
  it('no more handlers of a group are under way than its bulkhead allows, and every event is handled', async () => {
    const { publish, untilBegun, end, began, group, runtime, most } = await startPools({ shards });
    for (let one = 0; one < 7; one++) publish('two');
    await untilBegun(2);
    for (let ended = 0; ended < 7; ended++) {
      await end(1);
      await untilBegun(Math.min(7, ended + 3));
    }
    await runtime.drain();
    expect(began.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(most()).toBe(2);
    expect(group('two')).toMatchObject({ published: 7, delivered: 7, inFlight: 0 });
  });

  it('groups that name one bulkhead share it, and a group that is full holds up no other', async () => {
    const { publish, untilBegun, end, runtime, began, most, group } = await startPools({ shards });
    for (let one = 0; one < 6; one++) publish(one % 2 === 0 ? 'left' : 'right');
    for (let one = 0; one < 50; one++) publish('sync');
    await untilBegun(53);
    expect(began.filter(({ pool }) => pool === 'shared')).toHaveLength(3);
    expect(group('sync')).toMatchObject({ delivered: 50 });
    await end(3);
    await untilBegun(56);
    await end(3);
    await runtime.drain();
    expect(most()).toBe(3);
  });

  it('the most urgent of those that wait begins first', async () => {
    const { publish, untilBegun, end, runtime, ids } = await startPools({ shards });
    publish('two');
    publish('two');
    await untilBegun(2);
    publish('two', 10, 'low');
    await end(0);
    publish('two', 11, 'critical');
    await end(0);
    for (let ended = 0; ended < 4; ended++) {
      await end(1);
      await untilBegun(Math.min(4, ended + 3));
    }
    await runtime.drain();
    expect(ids()).toEqual([0, 1, 3, 2]);
  });

  it('what finds the queue full is dropped, where the group allows it', async () => {
    const { publish, untilBegun, end, runtime, group, ids } = await startPools({ shards });
    for (let one = 0; one < 6; one++) publish('shedding');
    await untilBegun(1);
    await end(0);
    expect(group('shedding')).toMatchObject({ dropped: { shed: 3 }, inFlight: 3 });
    for (let ended = 0; ended < 3; ended++) {
      await end(1);
      await untilBegun(Math.min(3, ended + 2));
    }
    await runtime.drain();
    expect(ids()).toEqual([0, 1, 2]);
    expect(group('shedding')).toMatchObject({ published: 6, delivered: 3, dropped: { shed: 3 }, inFlight: 0 });
  });

  it.each([
    ['pairs', 2],
    ['loose', 5],
  ] as const)('events of one key run beside each other in %s', async (pool, atOnce) => {
    const { publish, untilBegun, end, runtime, ids, most } = await startPools({ shards });
    for (let one = 0; one < 7; one++) publish(pool, 1);
    await untilBegun(atOnce);
    await end(0);
    expect(ids()).toHaveLength(atOnce);
    for (let ended = 0; ended < 7; ended++) {
      await end(1);
      await untilBegun(Math.min(7, atOnce + ended + 1));
    }
    await runtime.drain();
    expect(most()).toBe(atOnce);
    expect(ids()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('a batch takes a permit, and waits while an event that comes again alone has it', async () => {
    const { publish, untilBegun, end, runtime, began, most, group } = await startPools({ shards });
    publish('batch');
    await untilBegun(1);
    await end(1);
    await untilBegun(2);
    for (let one = 0; one < 4; one++) publish('batch');
    await end(0);
    expect(began.map(({ id, attempt }) => `${id}.${attempt}`)).toEqual(['0.1', '0.2']);
    await end(1);
    await untilBegun(3);
    await end(1);
    await untilBegun(4);
    await end(1);
    await runtime.drain();
    expect(most()).toBe(1);
    expect(group('batch')).toMatchObject({ published: 5, delivered: 5, retried: 1, inFlight: 0 });
  });

  it('one that waits for its next attempt holds no permit', async () => {
    const { publish, untilBegun, end, ids } = await startPools(
      { shards, shutdownMs: 50 },
      { abandons: 'closed while a retry waits for a day' },
    );
    publish('failing');
    publish('failing');
    await untilBegun(2);
    await end(1);
    expect(ids()).toEqual([0, 1]);
  });

  it('an attempt that is given up gives its permit back', async () => {
    const { publish, untilBegun, ids } = await startPools(
      { shards, shutdownMs: 50 },
      { abandons: 'closed while retries wait for a day' },
    );
    publish('late');
    publish('late');
    await untilBegun(2);
    expect(ids()).toEqual([0, 1]);
  });

  it('a wider bulkhead takes more at once after a reload', async () => {
    const { publish, untilBegun, end, runtime, most } = await startPools({ shards });
    for (let one = 0; one < 6; one++) publish('left');
    await untilBegun(3);
    await runtime.reload({ shards, bulkheads: { shared: { concurrency: 5 } } });
    await untilBegun(5);
    expect(most()).toBe(5);
    await expect(runtime.reload({ shards })).rejects.toMatchObject({ code: 'RINGMAIN_RESTART_NEEDED' });
    await end(6);
    await untilBegun(6);
    await end(1);
    await runtime.drain();
  });
});

it('what waits for a permit outlives its thread', async () => {
  const { publish, untilBegun, end, runtime, began, group } = await startPools({ shards: 1 });
  for (let one = 0; one < 5; one++) publish('two');
  await untilBegun(2);
  await runtime.restartShard(0);
  await untilBegun(4);
  // The successor may take up the record that its predecessor was at before what waits in the bay.
  expect(began.slice(2).map(({ running }) => running)).toEqual([1, 2]);
  for (let ended = 0; ended < 5; ended++) {
    await end(1);
    await untilBegun(Math.min(7, ended + 5));
  }
  await runtime.drain();
  expect(
    began
      .slice(2)
      .map(({ id }) => id)
      .toSorted((a, b) => a - b),
  ).toEqual([0, 1, 2, 3, 4]);
  expect(group('two')).toMatchObject({ published: 5, delivered: 5, inFlight: 0 });
});

it('a bulkhead that the configuration does not know is refused, with the nearest name', async () => {
  await expect(startPools({ shards: 0, bulkheads: { shard: {} } })).rejects.toMatchObject({
    code: 'RINGMAIN_SUBSCRIBER_INVALID',
    message: expect.stringMatching(/bulkhead shared is unknown.*nearest known one is shard/) as string,
  });
});

it('a queue that drops is refused for groups that may not lose events', async () => {
  await expect(startPools({ shards: 0, bulkheads: { shared: { concurrency: 3, queue: 1 } } })).rejects.toMatchObject({
    code: 'RINGMAIN_SUBSCRIBER_INVALID',
  });
});

it.each([
  [{ bulkhead: '' }],
  [{ bulkhead: 3 }],
  [{ bulkhead: { concurrency: 0 } }],
  [{ bulkhead: { concurrency: 65_537 } }],
  [{ bulkhead: { queue: -1 }, whenFull: 'shed' }],
  [{ bulkhead: { queue: 1 } }],
  [{ bulkhead: { concurency: 1 } }],
  [{ perKeyConcurrency: 0 }],
  [{ perKeyConcurrency: 'all' }],
])('%o is refused', (options) => {
  expect(() => subscriber({ pattern: 'a', handle: () => {}, ...(options as object) })).toThrowError(
    expect.objectContaining({ code: 'RINGMAIN_SUBSCRIBER_INVALID' }) as Error,
  );
});
