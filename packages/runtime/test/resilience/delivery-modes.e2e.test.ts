/** Promise: a group gets its events as often, and as many of them, as its delivery mode says, and all others are counted. */
import type { RuntimeConfigInput } from 'ringmain';
import { subscriber } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { start } from '../promises/fixtures/start.ts';
import { events } from './fixtures/modes.ts';

/** Threads that start beside other tests take their time. */
const PATIENCE: RuntimeConfigInput = { warmSpare: false, startTimeoutMs: 60_000, handlers: { timeoutMs: 60_000 } };

async function startPrices(config: RuntimeConfigInput) {
  const runtime = await start(events, ['../../resilience/fixtures/modes.ts'], config);
  const seen: string[] = [];
  const waits: { readonly what: string; readonly resolve: () => void }[] = [];
  await runtime.subscribe('price.seen', ({ data: { group, id, attempt } }) => {
    seen.push(`${group} ${id}.${attempt}`);
    for (const { what, resolve } of waits) if (seen.includes(what)) resolve();
  }).ready;
  return {
    runtime,
    set: (id: number, how = '', key = 1) => expect(runtime.publish('price.set', { id, key, how }).accepted).toBe(true),
    go: () => expect(runtime.publish('price.go', {}, { priority: 'low' }).accepted).toBe(true),
    until: (what: string) =>
      new Promise<void>((resolve) => {
        if (seen.includes(what)) resolve();
        else waits.push({ what, resolve });
      }),
    handled: (group: string) => seen.filter((one) => one.startsWith(`${group} `)).map((one) => one.slice(group.length + 1)),
    counts(group: string) {
      const { published, delivered, deadLettered, filtered, retried, redelivered, dropped } =
        runtime.metrics().groups.find(({ name }) => name === group) ?? {};
      return { published, delivered, deadLettered, filtered, retried, redelivered, dropped };
    },
  };
}

describe('best-effort', () => {
  it('calls a handler once, and drops what fails without a letter', async () => {
    const { runtime, set, handled, counts, go, until } = await startPrices({ shards: 0 });
    set(1);
    set(2, 'fails');
    set(3, 'waits');
    set(4);
    await until('best 3.1');
    go();
    await runtime.drain();
    expect(handled('best')).toEqual(['1.1', '2.1', '3.1', '4.1']);
    const none = { filtered: 0, retried: 0, redelivered: 0, deadLettered: 0 };
    expect(counts('best')).toEqual({ published: 4, delivered: 3, dropped: { failed: 1 }, ...none });
    expect(runtime.deadLetters.list({ group: 'best' })).toEqual([]);
    const failing = runtime.send('price.set', { id: 5, key: 2, how: 'fails' }, { until: 'handled' });
    await expect(failing).rejects.toMatchObject({ code: 'RINGMAIN_DELIVERY_FAILED' });
    // Too late to begin is a failure too.
    runtime.publish('price.set', { id: 6, key: 3, how: '' }, { deadline: 1 });
    await runtime.drain();
    expect(counts('best')).toMatchObject({ published: 6, dropped: { failed: 3 } });
  });

  it('loses what its thread was at when it died, and counts it', async () => {
    const { runtime, set, handled, counts, until } = await startPrices({ shards: 1, ...PATIENCE });
    set(1, 'waits', 1);
    await until('best 1.1');
    set(2, 'dies', 2);
    set(3, '', 3);
    await until('best 3.1');
    expect(counts('best')).toMatchObject({ published: 3, delivered: 1, redelivered: 0, dropped: { lost: 2 } });
    expect(handled('best').toSorted()).toEqual(['1.1', '2.1', '3.1']);
    // The other group gets all of it again.
    await until('latest 1.2');
    await runtime.send('price.go', {});
    await runtime.drain();
    expect(counts('latest')).toMatchObject({ published: 3, delivered: 3, dropped: {} });
  });
});

describe('latest-only', () => {
  it('handles the newest event of each key, and drops older ones that wait', async () => {
    const { runtime, set, handled, counts, until, go } = await startPrices({ shards: 0, mainDrainBudgetUs: 1_000_000 });
    for (let id = 0; id < 10; id++) set(id, '', id % 2);
    await runtime.drain();
    expect(handled('latest').toSorted()).toEqual(['8.1', '9.1']);
    expect(counts('latest')).toMatchObject({ published: 10, delivered: 2, dropped: { superseded: 8 } });
    // While one is handled, the others wait, and the newest of them is left; what the group does not want takes nobody's place.
    set(10, 'waits');
    await until('latest 10.1');
    set(11);
    set(12);
    set(13, 'unwanted');
    set(14, '', 2);
    await until('latest 14.1');
    expect(handled('latest')).not.toContain('12.1');
    go();
    await runtime.drain();
    expect(handled('latest').slice(2)).toEqual(['10.1', '14.1', '12.1']);
    expect(counts('latest')).toMatchObject({ published: 15, delivered: 5, filtered: 1, dropped: { superseded: 9 } });
  });

  it('takes events without a key one by one, and tells whoever waits for an event that a newer one took its place', async () => {
    const { runtime, set, handled, counts } = await startPrices({ shards: 0, mainDrainBudgetUs: 1_000_000 });
    for (let id = 0; id < 3; id++) runtime.publish('price.loose', { id, key: 0, how: '' });
    const send = (id: number): Promise<unknown> => runtime.send('price.set', { id, key: 7, how: '' }, { until: 'handled' });
    const waits = [send(3), send(4)];
    set(5, '', 7);
    await Promise.all(waits);
    await runtime.drain();
    expect(handled('latest').toSorted()).toEqual(['0.1', '1.1', '2.1', '5.1']);
    expect(counts('latest')).toMatchObject({ delivered: 4, dropped: { superseded: 2 } });
  });
});

describe('subscriber()', () => {
  const batch = { handle: undefined, handleBatch: () => {} };
  it.each([
    [{ delivery: 'now' }, 'delivery is "now"'],
    [{ delivery: 'best-effort', retry: {} }, 'retry is given with delivery "best-effort"'],
    [{ delivery: 'latest-only', ...batch }, 'handleBatch is given with delivery "latest-only"'],
    [{ delivery: 'latest-only', perKeyConcurrency: 'unlimited' }, 'delivery "latest-only" is given with perKeyConcurrency'],
    [{ delivery: 'latest-only', retry: { ordering: 'continue' } }, 'retry.ordering is "continue" with delivery "latest-only"'],
  ])('refuses %o', (options, message) => {
    const definition = { pattern: 'price.set', handle: () => {}, ...options };
    expect(() => subscriber(definition as never)).toThrow(expect.objectContaining({ code: 'RINGMAIN_SUBSCRIBER_INVALID' }));
    expect(() => subscriber(definition as never)).toThrow(message);
  });
});
