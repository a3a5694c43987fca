/** Reloads of running runtimes: every thread goes by the new configuration, successors too; what needs a restart changes nothing. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { DegradationNotice, RuntimeConfigInput } from 'ringmain';
import { isReloadable, configKeys, parseConfig } from 'ringmain';
import { afterAll, describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { openRuntime } from '../open-runtime.ts';
import { events } from './fixtures/bursts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ringmain-reload-'));
const workers: Worker[] = [];
const remember = (worker: Worker): void => void workers.push(worker);
process.on('worker', remember);
afterAll(() => {
  process.off('worker', remember);
  rmSync(folder, { recursive: true, force: true });
});

/** So many events at once are far beyond the limit, however slow the machine is. */
const ITEMS = 500;
const limited = { perSecond: 20, burst: 2 };
const base: RuntimeConfigInput = { log: { level: 'silent' }, coordinator: { tickMs: 10, idleTickMs: 10 } };

async function start(config: RuntimeConfigInput) {
  const given: RuntimeConfigInput = { ...base, ...config };
  const runtime = await openRuntime({
    events,
    config: given,
    subscribers: [new URL('./fixtures/bursts.ts', import.meta.url)],
  });
  const told: number[] = [];
  await runtime.subscribe('burst.told', ({ data }) => void told.push(data.count)).ready;
  /** How many of many events a handler may publish at once. */
  const handlerPublishes = async (): Promise<number> => {
    const before = told.length;
    await runtime.send('burst.asked', { count: ITEMS }, { until: 'handled', timeoutMs: 60_000 });
    while (told.length === before) await new Promise(setImmediate);
    return told.at(-1) as number;
  };
  /** The same for the main thread. */
  const mainPublishes = (): number => {
    let accepted = 0;
    for (let item = 0; item < ITEMS; item++) if (runtime.publish('item.made', { count: item }).accepted) accepted++;
    return accepted;
  };
  return { runtime, given, handlerPublishes, mainPublishes };
}

describe.each([0, 2])('Runtime.reload() with %i shards', (shards) => {
  it('has all threads go by the new configuration when it resolves, says what changed, and can take it back', async () => {
    const { runtime, given, handlerPublishes, mainPublishes } = await start({ shards });
    expect([mainPublishes(), await handlerPublishes()]).toEqual([ITEMS, ITEMS]);
    expect(await runtime.reload({ ...given, publishRate: limited, deliveryTimeoutMs: 60_000 })).toEqual({
      changed: [
        { path: 'publishRate.perSecond', from: undefined, to: 20 },
        { path: 'publishRate.burst', from: 1000, to: 2 },
        { path: 'deliveryTimeoutMs', from: 5000, to: 60_000 },
      ],
    });
    expect(runtime.config).toEqual(parseConfig({ ...given, publishRate: limited, deliveryTimeoutMs: 60_000 }));
    expect(mainPublishes()).toBeLessThan(ITEMS);
    expect(await handlerPublishes()).toBeLessThan(ITEMS);
    expect((await runtime.reload(given)).changed).toHaveLength(3);
    expect([mainPublishes(), await handlerPublishes()]).toEqual([ITEMS, ITEMS]);
    await closeAndCheck(runtime);
  });

  it('changes nothing at all when a key needs a restart, and names each of them', async () => {
    const { runtime, given, handlerPublishes, mainPublishes } = await start({ shards });
    const before = runtime.config;
    const lanes = { low: { capacityBytes: 2 ** 21 } };
    await expect(
      runtime.reload({ ...given, shards: shards + 1, lanes, publishRate: limited, subscribers: ['./other.js'] }),
    ).rejects.toMatchObject({
      code: 'RINGMAIN_RESTART_NEEDED',
      details: { paths: ['shards', 'shardsMax', 'lanes.low.capacityBytes', 'subscribers'] },
      message: expect.stringContaining(`shards: is ${shards + 1} and was ${shards} when the runtime started`),
    });
    await expect(runtime.reload({ ...given, publishRate: { perSecond: 0 } })).rejects.toMatchObject({
      code: 'RINGMAIN_CONFIG_INVALID',
    });
    expect(runtime.config).toBe(before);
    expect([mainPublishes(), await handlerPublishes()]).toEqual([ITEMS, ITEMS]);
    expect(await runtime.reload(given)).toEqual({ changed: [] });
    await closeAndCheck(runtime);
    await expect(runtime.reload(given)).rejects.toMatchObject({ code: 'RINGMAIN_CLOSED' });
  });
});

describe('Runtime.reload()', () => {
  it('reads a file anew', async () => {
    const { runtime, given } = await start({ shards: 1 });
    const file = path.join(folder, 'ringmain.json');
    writeFileSync(file, JSON.stringify({ ...given, scheduling: { weights: { low: 2 } } }));
    expect(await runtime.reload(file)).toEqual({ changed: [{ path: 'scheduling.weights.low', from: 1, to: 2 }] });
    writeFileSync(file, '{');
    await expect(runtime.reload(file)).rejects.toMatchObject({ code: 'RINGMAIN_CONFIG_INVALID' });
    expect(runtime.config.scheduling.weights.low).toBe(2);
    await closeAndCheck(runtime);
  });

  it('wakes those who wait for a rate limit that is gone', async () => {
    const burst = 100;
    const { runtime, given } = await start({ shards: 0, publishRate: { perSecond: 1, burst } });
    const batch = Array.from({ length: burst }, (_, count) => ({ type: 'item.made', data: { count } }));
    expect(runtime.publishBatch(batch).accepted).toBe(true);
    expect(runtime.publishBatch(batch)).toMatchObject({ reason: 'rate', retryAfterMs: 60_000 });
    const order: string[] = [];
    const waiting = runtime.ready('item.made').then(() => order.push('ready'));
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    await runtime.reload({ ...given, publishRate: {} });
    await new Promise(setImmediate);
    expect(order).toEqual(['ready']);
    await waiting;
    expect(runtime.publishBatch(batch).accepted).toBe(true);
    await closeAndCheck(runtime);
  });

  it('reaches the coordinator: a limit of memory that is exceeded raises the rung, and taking it back lowers it', async () => {
    const { runtime, given } = await start({ shards: 1 });
    const steps: DegradationNotice[] = [];
    await runtime.subscribe('system.degradation', ({ data }) => void steps.push(data)).ready;
    const ladder = { stepUpMs: 10, stepDownMs: 10 };
    await runtime.reload({ ...given, flow: { memoryLimitMb: 16, ladder } });
    while (steps.length === 0) await new Promise(setImmediate);
    expect(steps[0]).toMatchObject({ rung: 1, previous: 'normal', cause: 'memory' });
    await runtime.reload({ ...given, flow: { memoryLimitMb: 1_000_000, ladder } });
    while (runtime.metrics().degradation.rung > 0) await new Promise(setImmediate);
    await closeAndCheck(runtime);
  });

  it.each([true, false])(
    'holds for the successor of a shard that ends later, or meanwhile (warm spare: %s)',
    async (warmSpare) => {
      const { runtime, given, handlerPublishes } = await start({ shards: 1, warmSpare });
      await runtime.reload({ ...given, publishRate: limited });
      await runtime.restartShard(0);
      expect(await handlerPublishes()).toBeLessThan(ITEMS);
      await Promise.all([runtime.restartShard(0), runtime.reload(given)]);
      expect(await handlerPublishes()).toBe(ITEMS);
      await Promise.all([runtime.reload({ ...given, publishRate: limited }), runtime.restartShard(0)]);
      expect(await handlerPublishes()).toBeLessThan(ITEMS);
      await closeAndCheck(runtime);
    },
  );

  it('holds for the shards of a coordinator that takes over, also when the one before died over it', async () => {
    const { runtime, given, handlerPublishes } = await start({ shards: 1 });
    const coordinator = workers.at(-1) as Worker;
    const exit = once(coordinator, 'exit');
    void coordinator.terminate();
    await runtime.reload({ ...given, publishRate: limited });
    await exit;
    expect(await handlerPublishes()).toBeLessThan(ITEMS);
    await closeAndCheck(runtime);
  });
});

describe('isReloadable()', () => {
  it('knows every key of the configuration', () => {
    for (const key of configKeys()) expect([key.path, typeof isReloadable(key)]).toEqual([key.path, 'boolean']);
    const [fixed, free] = [false, true].map((wanted) =>
      configKeys()
        .filter((key) => isReloadable(key) === wanted)
        .map(({ path: name }) => name),
    );
    expect(fixed).toEqual(expect.arrayContaining(['shards', 'lanes.low.capacityBytes', 'bay.slots', 'events', 'subscribers']));
    expect(free).toEqual(
      expect.arrayContaining(['scheduling.maxWaitMs.low', 'stage.maxWaitMs', 'log.level', 'flow.ladder.stepUpMs']),
    );
  });
});
