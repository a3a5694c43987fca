/** `createTestRuntime()`: each kind of fault does what it says, where it is asked for, and the account of the runtime holds. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestRuntime } from 'ringmain/testing';
import type { FaultRule, TestRuntimeOptions } from 'ringmain/testing';
import { events } from './fixtures/orders.ts';

const subscribers = [new URL('./fixtures/orders.ts', import.meta.url)];

async function startOrders(faults: readonly FaultRule[], options: Partial<TestRuntimeOptions<never>> = {}) {
  const test = await createTestRuntime({ events, subscribers, faults, ...options });
  const { runtime } = test;
  onTestFinished(async () => void (await test.close()));
  const billed: { id: number; attempt: number; nowMs: number; wallMs: number }[] = [];
  await runtime.subscribe('order.billed', (event) => void billed.push(event.decode())).ready;
  const group = () => runtime.metrics().groups.find(({ name }) => name === 'billing');
  return {
    ...test,
    billed,
    group,
    /** Publishes orders 0 to count - 1, and says which attempts billed them. */
    async place(count: number): Promise<string[]> {
      for (let id = 0; id < count; id++) runtime.publish('order.placed', { id });
      await runtime.drain({ timeoutMs: 60_000 });
      return billed.map(({ id, attempt }) => `${id}.${attempt}`).toSorted();
    },
  };
}

describe('TestRuntime.close()', () => {
  it('closes and accounts once, by what it was told first, however often it is called', async () => {
    const {
      runtime,
      close,
      [Symbol.asyncDispose]: dispose,
    } = await startOrders([{ at: 'handler', action: 'hang' }], {
      config: { shutdownMs: 100 },
    });
    runtime.publish('order.placed', { id: 1 });
    const first = await close({ abandons: 'its handler hangs' });
    await dispose();
    expect(await close()).toBe(first);
    expect(first.abandoned).toBe(1);
  });
});

describe('a fault at a publish', () => {
  it('drops the event, and its publisher is not told', async () => {
    const { runtime, place, injected, group } = await startOrders([{ at: 'publish', action: 'drop', limit: 1 }]);
    expect(await place(2)).toEqual(['1.1']);
    expect(injected()).toEqual([1]);
    expect(group()).toMatchObject({ published: 1, delivered: 1 });
    expect(runtime.publish('order.placed', { id: 3 })).toMatchObject({ accepted: true });
  });

  it('publishes it twice, alone and in a batch, and by send', async () => {
    const { runtime, place } = await startOrders([{ at: 'publish', action: 'duplicate', match: { type: 'order.placed' } }]);
    runtime.publishBatch([{ type: 'order.placed', data: { id: 7 } }]);
    await runtime.send('order.placed', { id: 8 });
    expect(await place(1)).toEqual(['0.1', '0.1', '7.1', '7.1', '8.1', '8.1']);
  });

  it('throws, in a handler too', async () => {
    const thrown = { name: 'InjectedFault', fault: 0 };
    const { runtime, place, group } = await startOrders([{ at: 'publish', action: 'throw', limit: 3 }]);
    expect(() => runtime.publish('order.placed', { id: 1 })).toThrow(expect.objectContaining(thrown));
    await expect(runtime.send('order.placed', { id: 1 })).rejects.toMatchObject(thrown);
    await expect(runtime.send('order.placed', { id: 1 })).rejects.toMatchObject(thrown);
    expect(await place(1)).toEqual(['0.1']);
    expect(group()).toMatchObject({ published: 1, retried: 0 });
    const inHandler = await startOrders([{ at: 'publish', action: 'throw', match: { type: 'order.billed' }, limit: 1 }]);
    expect(await inHandler.place(1)).toEqual(['0.2']);
    expect(inHandler.group()).toMatchObject({ delivered: 1, retried: 1 });
  });
});

describe('a fault at a handler', () => {
  it('has it throw before it did anything, as often as the limit says', async () => {
    const { place, group, injected } = await startOrders([{ at: 'handler', action: 'throw', limit: 1 }]);
    expect(await place(2)).toEqual(['0.2', '1.1']);
    expect(group()).toMatchObject({ delivered: 2, retried: 1 });
    expect(injected()).toEqual([1]);
  });

  it('drops an event, which counts as filtered', async () => {
    const { place, group } = await startOrders([{ at: 'handler', action: 'drop', match: { group: 'billing', key: '1' } }]);
    expect(await place(3)).toEqual(['0.1', '2.1']);
    expect(group()).toMatchObject({ delivered: 2, filtered: 1 });
  });

  it('calls it twice', async () => {
    const { place, group } = await startOrders([{ at: 'handler', action: 'duplicate', match: { key: '0' } }]);
    expect(await place(2)).toEqual(['0.1', '0.1', '1.1']);
    expect(group()).toMatchObject({ delivered: 2 });
  });

  it('delays it, and nobody else', async () => {
    const { place, billed } = await startOrders([{ at: 'handler', action: 'delay', ms: 50, match: { key: '0' } }]);
    expect(await place(3)).toEqual(['0.1', '1.1', '2.1']);
    expect(billed.map(({ id }) => id)).toEqual([1, 2, 0]);
  });

  it('makes it slow, and with it all others of its thread', async () => {
    const { place, billed } = await startOrders([{ at: 'handler', action: 'slow', ms: 40, match: { key: '1' } }]);
    expect(await place(3)).toEqual(['0.1', '1.1', '2.1']);
    expect(billed.map(({ id }) => id)).toEqual([0, 1, 2]);
    // A lower bound, which holds on every machine.
    expect((billed[1]?.nowMs ?? 0) - (billed[0]?.nowMs ?? 0)).toBeGreaterThanOrEqual(39);
  });

  it('has it hang until its time limit gives it up', async () => {
    const { place, group, runtime } = await startOrders([{ at: 'handler', action: 'hang', match: { key: '0' }, attemptsMax: 1 }]);
    expect(await place(2)).toEqual(['0.2', '1.1']);
    expect(group()).toMatchObject({ delivered: 2, retried: 1 });
    expect(runtime.deadLetters.list({})).toEqual([]);
  });

  it('has the clock of its thread jump, until the runtime is closed; deadlines go by the other clock', async () => {
    const hourMs = 3_600_000;
    const test = await startOrders([{ at: 'handler', action: 'clock-jump', ms: -hourMs, match: { key: '1' } }]);
    const realMs = Date.now();
    test.runtime.publish('order.placed', { id: 0 }, { deadline: realMs + 60_000 });
    test.runtime.publish('order.placed', { id: 1 }, { deadline: realMs + 60_000 });
    await test.runtime.drain();
    const [before, after] = test.billed.map(({ wallMs }) => Math.round((wallMs - realMs) / hourMs));
    expect([before, after]).toEqual([0, -1]);
    expect(Math.round((Date.now() - realMs) / hourMs)).toBe(-1);
    expect(test.group()).toMatchObject({ delivered: 2 });
    await test.close();
    expect(Math.round((Date.now() - realMs) / hourMs)).toBe(0);
    expect([Date(), new Date(0).getTime()]).toEqual([expect.any(String), 0]);
  });
});

describe('a fault when a handler has ended', () => {
  it('fails the attempt after it did everything', async () => {
    const { place, group } = await startOrders([{ at: 'settle', action: 'throw', attemptsMax: 2 }]);
    expect(await place(1)).toEqual(['0.1', '0.2', '0.3']);
    expect(group()).toMatchObject({ delivered: 1, retried: 2 });
  });
});

describe('faults', () => {
  it('are the same for the same seed, and others for another', async () => {
    const run = async (seed: number): Promise<string[]> => {
      const test = await startOrders([{ at: 'handler', action: 'throw', rate: 0.3 }], { seed });
      return await test.place(40);
    };
    const first = await run(1);
    expect(first.some((one) => one.endsWith('.2'))).toBe(true);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });

  it('are drawn for each publish of a handler', async () => {
    const run = async (): Promise<string[]> => {
      const faults: FaultRule[] = [{ at: 'publish', action: 'drop', match: { type: 'order.billed' }, rate: 0.5 }];
      return await (await startOrders(faults)).place(40);
    };
    const first = await run();
    expect(first.length).toBeGreaterThan(5);
    expect(first.length).toBeLessThan(35);
    expect(await run()).toEqual(first);
  });

  it('that would end the test are refused where handlers run in its thread', async () => {
    for (const action of ['kill', 'oom', 'block'] as const) {
      await expect(startOrders([{ at: 'handler', action }])).rejects.toMatchObject({ code: 'RINGMAIN_OPTION_INVALID' });
    }
  });

  it('end threads of shards: by an exit, for want of memory, or because they stand still', { timeout: 120_000 }, async () => {
    const faults: FaultRule[] = [
      { at: 'handler', action: 'kill', match: { key: '1' } },
      { at: 'settle', action: 'oom', match: { key: '2' } },
      { at: 'handler', action: 'block', match: { key: '3' } },
    ];
    const { place, group, injected, runtime } = await startOrders(faults, {
      config: {
        shards: 1,
        coordinator: { tickMs: 20 },
        watchdog: { slowMs: 100, replaceAfterChecks: 3 },
        resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 },
        restart: { backoffInitialMs: 0 },
        startTimeoutMs: 60_000,
      },
    });
    const billed = await place(5);
    expect(injected()).toEqual([1, 1, 1]);
    expect(runtime.metrics().restarts).toBe(3);
    expect(group()).toMatchObject({ published: 5, delivered: 5 });
    // What was handled when the memory ran out is handled again.
    expect(billed.filter((one) => !one.endsWith('.1'))).toEqual(['1.2', '2.2', '3.2']);
  });
});
