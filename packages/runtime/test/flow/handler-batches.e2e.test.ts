/** `handleBatch`: many events in one call, each settled on its own; low load is not delayed, order and conservation hold, deaths convict only the culprit. */
import type { RuntimeConfigInput } from 'ringmain';
import { subscriber } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { events } from './fixtures/tallies.ts';
import { openRuntime } from '../open-runtime.ts';

interface Seen {
  readonly group: string;
  readonly numbers: readonly number[];
  readonly attempts: readonly number[];
}

async function start(config: RuntimeConfigInput) {
  const runtime = await openRuntime({
    events,
    config,
    subscribers: [new URL('./fixtures/tallies.ts', import.meta.url)],
  });
  const seen: Seen[] = [];
  await runtime.subscribe('batch.seen', (event) => void seen.push(event.decode())).ready;
  const group = (name: string) => runtime.metrics().groups.find((one) => one.name === name);
  return { runtime, seen, group };
}

const one = (n: number, key = 0) => ({ key, n });
const sizes = (seen: readonly Seen[]): number[] => seen.map(({ numbers }) => numbers.length);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe.each([0, 2])('handleBatch with %i shards', (shards) => {
  it('gets 100 events that were gathered in one call: one commit, one wake, one call', async () => {
    const { runtime, seen, group } = await start({ shards });
    const batcher = runtime.batcher('plain.counted', { maxDelayMs: 2 ** 31 - 1 });
    // Number 13 is declined, so there are 100 others.
    for (const n of upTo(100)) expect(batcher.add(one(n === 13 ? 113 : n)).accepted).toBe(true);
    await runtime.drain();
    expect(seen.map(({ numbers }) => numbers)).toEqual([upTo(100).map((n) => (n === 13 ? 113 : n))]);
    expect(group('plain')).toMatchObject({ delivered: 100, filtered: 0, deadLettered: 0 });
    await closeAndCheck(runtime);
  });

  it('gets each event at once while there are no others', async () => {
    const { runtime, seen } = await start({ shards });
    for (const n of upTo(5)) await runtime.send('plain.counted', one(n), { until: 'handled' });
    await runtime.drain();
    expect(seen.map(({ numbers }) => numbers)).toEqual(upTo(5).map((n) => [n]));
    await closeAndCheck(runtime);
  });

  it('gets no more than size events, in order, and one batch at a time', async () => {
    const { runtime, seen } = await start({ shards });
    runtime.publishBatch(upTo(250).map((n) => ({ type: 'plain.counted', data: one(n + 1000) })));
    const slow = upTo(10).map((n) => ({ type: 'slow.counted', data: one(n) }));
    expect(runtime.publishBatch(slow).accepted).toBe(true);
    runtime.publish('gate.opened', {}, { key: 'any' });
    // Every shard has its gate.
    for (let key = 0; key < 64; key++) runtime.publish('gate.opened', {}, { key });
    await runtime.drain();
    const plain = seen.filter((batch) => batch.group === 'plain');
    expect(plain.flatMap(({ numbers }) => numbers)).toEqual(upTo(250).map((n) => n + 1000));
    expect(Math.max(...sizes(plain))).toBe(100);
    const slowly = seen.filter((batch) => batch.group === 'slow');
    expect(slowly.flatMap(({ numbers }) => numbers)).toEqual(upTo(10));
    expect(Math.max(...sizes(slowly))).toBeLessThanOrEqual(4);
    expect(slowly.length).toBeLessThan(10);
    await closeAndCheck(runtime);
  });

  it('declines events by where and priorityMin, and counts them', async () => {
    const { runtime, seen, group } = await start({ shards });
    for (const n of [12, 13, 14]) runtime.publish('plain.counted', one(n));
    runtime.publish('low.counted', one(15));
    await runtime.drain();
    expect(seen.flatMap(({ numbers }) => numbers)).toEqual([12, 14]);
    expect(group('plain')).toMatchObject({ delivered: 2, filtered: 2 });
    await closeAndCheck(runtime);
  });

  it('fails one event, or all that had not failed, and answers each sender', async () => {
    const { runtime, group } = await start({ shards });
    const send = async (...numbers: number[]): Promise<string[]> => {
      const sent = await Promise.allSettled(numbers.map((n) => runtime.send('plain.counted', one(n), { until: 'handled' })));
      return sent.map((result) => (result.status === 'fulfilled' ? 'handled' : String(result.reason.code)));
    };
    const failed = 'RINGMAIN_DELIVERY_FAILED';
    expect(await send(1, -1, 2)).toEqual(['handled', failed, 'handled']);
    // Alone, so that nothing else is in the batch.
    expect(await send(-2)).toEqual([failed]);
    expect(await send(-3)).toEqual([failed]);
    expect(group('plain')).toMatchObject({ delivered: 2, deadLettered: 3, inFlight: 0 });
    expect(runtime.publishBatch([-1, 1, -2, 2].map((n) => ({ type: 'plain.counted', data: one(n) }))).accepted).toBe(true);
    await runtime.drain();
    // How they were taken apart is up to the moment; -1 and -2 fail in any case.
    expect(group('plain')?.deadLettered).toBeGreaterThanOrEqual(5);
    await closeAndCheck(runtime);
  });

  it('gives credit back, so that many more events pass than the bay holds', async () => {
    const { runtime, seen } = await start({ shards, bay: { slots: 64, bytes: 16_384 }, recordBytesMax: 1024 });
    const batcher = runtime.batcher('plain.counted');
    let n = 1000;
    while (n < 3000) {
      if (batcher.add(one(n, n % 3)).accepted) n++;
      else await runtime.ready('plain.counted');
    }
    await runtime.drain();
    for (const key of upTo(3)) {
      const ofKey = seen.flatMap(({ numbers }) => numbers).filter((number) => number % 3 === key);
      expect(ofKey).toEqual(upTo(3000).filter((number) => number >= 1000 && number % 3 === key));
    }
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.groups.find(({ name }) => name === 'plain')).toMatchObject({ delivered: 2000, dropped: {} });
  });
});

describe('A batch whose thread dies', () => {
  const restart = { maxRestarts: 1_000_000, withinMs: 60_000 };

  it('comes again one by one, in order, and only the culprit is set aside', { timeout: 120_000 }, async () => {
    const { runtime, seen, group } = await start({ shards: 1, restart });
    const numbers = [0, 1, 2, -2, 3, 4, 5, 6];
    expect(runtime.publishBatch(numbers.map((n) => ({ type: 'deadly.counted', data: one(n, 1) }))).accepted).toBe(true);
    await runtime.drain({ timeoutMs: 60_000 });
    expect(group('deadly')).toMatchObject({ delivered: 7, deadLettered: 1, inFlight: 0 });
    expect([...new Set(seen.flatMap((batch) => batch.numbers))]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    // What came again came alone.
    for (const batch of seen) if (batch.attempts.some((attempt) => attempt > 1)) expect(batch.numbers).toHaveLength(1);
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.restarts).toBe(3);
  });

  it('is delivered by the successor when the thread is ended from outside', { timeout: 120_000 }, async () => {
    const { runtime, seen } = await start({ shards: 1, restart });
    for (let round = 0; round < 5; round++) {
      const batch = upTo(40).map((n) => ({ type: 'deadly.counted', data: one(round * 40 + n, n % 4) }));
      expect(runtime.publishBatch(batch).accepted).toBe(true);
      await runtime.restartShard(0);
    }
    await runtime.drain({ timeoutMs: 60_000 });
    for (const key of upTo(4)) {
      const ofKey = [...new Set(seen.flatMap(({ numbers }) => numbers).filter((n) => n % 4 === key))];
      expect(ofKey).toEqual(upTo(200).filter((n) => n % 4 === key));
    }
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.groups.find(({ name }) => name === 'deadly')).toMatchObject({ delivered: 200, deadLettered: 0 });
  });
});

describe('subscriber()', () => {
  const handle = (): void => {};
  const handleBatch = (): void => {};
  it.each([
    {},
    { handle, handleBatch },
    { handle, batch: {} },
    { handleBatch: 'yes' },
    { handleBatch, batch: { size: 0 } },
    { handleBatch, batch: { size: 10_001 } },
    { handleBatch, batch: { timeoutMs: -1 } },
    { handleBatch, batch: { sizes: 1 } },
    { handleBatch, batch: 7 },
  ])('refuses %o', (handling) => {
    expect(() => subscriber({ pattern: 'a', ...handling } as never)).toThrow(/RINGMAIN_SUBSCRIBER_INVALID/);
  });
});
