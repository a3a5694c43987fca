/** Promise: a bulkhead bounds its handlers over all shards together, in each shard by what the called bears, and in time; and nothing is lost over it. */
import { setEnvironmentData } from 'node:worker_threads';
import type { RuntimeConfigInput } from 'ringmain';
import { expect, it } from 'vitest';
import { start } from '../promises/fixtures/start.ts';
import { COUNTS, CountWord, events } from './fixtures/limits.ts';

type Act = 'waits' | 'returns' | 'dies' | 'fails';
type Kind = 'shared' | 'batch' | 'hog' | 'adaptive';

async function startLimits(config: RuntimeConfigInput, globalConcurrency = 3) {
  const counts = new Int32Array(new SharedArrayBuffer(8));
  setEnvironmentData(COUNTS, counts.buffer);
  const given: RuntimeConfigInput = {
    coordinator: { tickMs: 5, idleTickMs: 20 },
    restart: { backoffInitialMs: 0 },
    startTimeoutMs: 60_000,
    log: { level: 'silent' },
    ...config,
  };
  const withLimit = (limit: number): RuntimeConfigInput => ({ ...given, bulkheads: { shared: { globalConcurrency: limit } } });
  const runtime = await start(events, ['../../resilience/fixtures/limits.ts'], withLimit(globalConcurrency));
  let id = 0;
  return {
    runtime,
    counts,
    publish(kind: Kind, act: Act = 'waits', count = 1) {
      for (let one = 0; one < count; one++) expect(runtime.publish(`limit.${kind}`, { id: id++, act }).accepted).toBe(true);
    },
    async reload(limit: number) {
      await runtime.reload(withLimit(limit));
      Atomics.store(counts, CountWord.most, 0);
    },
    most: () => Atomics.load(counts, CountWord.most),
    group: (name: string) => runtime.metrics().groups.find((one) => one.name === name),
    bulkhead: (name: string) => runtime.metrics().bulkheads.find((one) => one.name === name),
  };
}

it.each([0, 4])(
  'with %i shards, a bound over all of them is kept by single events and batches, and changes by a reload; every event is handled',
  async (shards) => {
    const { runtime, publish, most, reload, group, bulkhead } = await startLimits({ shards });
    for (let one = 0; one < 120; one++) publish('shared', one % 3 === 0 ? 'returns' : 'waits');
    publish('batch', 'waits', 40);
    await runtime.drain({ timeoutMs: 120_000 });
    expect(most()).toBe(3);
    expect(group('shared')).toMatchObject({ published: 120, delivered: 120, inFlight: 0 });
    expect(group('batch')).toMatchObject({ published: 40, delivered: 40, inFlight: 0 });
    const { threads = [], ...rest } = bulkhead('shared') ?? {};
    expect(rest).toEqual({ name: 'shared', groups: ['shared', 'batch'], globalConcurrency: 3 });
    expect(threads.map(({ inUse }) => inUse)).toEqual(Array.from({ length: Math.max(1, shards) }, () => 0));
    if (shards > 0) expect(threads.reduce((sum, { quota }) => sum + (quota ?? Number.NaN), 0)).toBe(3);
    else expect(threads[0]?.quota).toBe(null);
    await reload(1);
    publish('shared', 'waits', 20);
    await runtime.drain({ timeoutMs: 120_000 });
    expect(most()).toBe(1);
    await reload(6);
    publish('shared', 'waits', 60);
    await runtime.drain({ timeoutMs: 120_000 });
    expect(most()).toBeGreaterThan(1);
    expect(most()).toBeLessThanOrEqual(6);
    expect(group('shared')).toMatchObject({ delivered: 200, inFlight: 0 });
  },
);

it('a bound over all shards is kept while threads die, and by what runs alone because of that', async () => {
  const { runtime, publish, most, group } = await startLimits({ shards: 4 });
  publish('shared', 'waits', 40);
  publish('shared', 'dies');
  publish('shared', 'waits', 40);
  await runtime.drain({ timeoutMs: 120_000 });
  expect(most()).toBeLessThanOrEqual(3);
  expect(group('shared')).toMatchObject({ published: 81, delivered: 81, deadLettered: 0, inFlight: 0 });
});

it('handlers that use up their share of the processor wait for it, and are all handled', async () => {
  const { runtime, publish, group, bulkhead } = await startLimits({ shards: 0 });
  publish('hog', 'returns', 20);
  publish('shared', 'waits', 30);
  await runtime.drain({ timeoutMs: 120_000 });
  expect(group('hog')).toMatchObject({ delivered: 20, inFlight: 0 });
  expect(bulkhead('hog')?.threads[0]?.cpuHeld).toBeGreaterThan(0);
  expect(bulkhead('shared')?.threads[0]?.cpuHeld).toBe(0);
});

it('a limit that adapts shrinks while calls fail, and grows while they do not', async () => {
  const { runtime, publish, bulkhead } = await startLimits({ shards: 0 });
  const limit = () => bulkhead('adaptive')?.threads[0]?.limit;
  expect(limit()).toBe(20);
  publish('adaptive', 'fails', 400);
  await runtime.drain({ timeoutMs: 120_000 });
  const small = limit() ?? Number.NaN;
  expect(small).toBeLessThan(20);
  publish('adaptive', 'waits', 1000);
  await runtime.drain({ timeoutMs: 120_000 });
  expect(limit()).toBeGreaterThan(small);
});
