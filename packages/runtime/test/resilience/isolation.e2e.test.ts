/** Promise: what a handler in a thread of its own does to its thread fails its own attempt and nothing else. */
import type { RuntimeConfigInput } from 'ringmain';
import { subscriber } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { runChild } from '../promises/fixtures/run-child.ts';
import { start } from '../promises/fixtures/start.ts';
import { events } from './fixtures/isolated.mjs';

type Group = 'solo' | 'pair' | 'patient' | 'batched' | 'beside';

/** @param groups - isolated groups that the test wants */
async function startIsolated(groups: string, config: RuntimeConfigInput, options: { readonly abandons?: string } = {}) {
  const runtime = await start(
    events,
    [`../../resilience/fixtures/isolated.mjs?groups=${groups}`],
    { warmSpare: false, ...config },
    options,
  );
  const begun: { readonly id: number; readonly attempt: number; readonly thread: number }[] = [];
  const told: { readonly id: number; readonly what: unknown }[] = [];
  const waits: { readonly count: number; readonly resolve: () => void }[] = [];
  await runtime.subscribe('deed.begun', ({ data }) => {
    const { id: ofEvent, attempt, thread } = data;
    begun.push({ id: ofEvent, attempt, thread });
    for (const { count, resolve } of waits) if (begun.length >= count) resolve();
  }).ready;
  await runtime.subscribe('deed.told', ({ data }) => void told.push({ id: data.id, what: JSON.parse(data.what) })).ready;
  let id = 0;
  const deed = (how: string, key = id) => ({ id: id++, key, how });
  return {
    runtime,
    begun,
    told,
    publish(group: Group, hows: readonly string[], key?: number) {
      for (const how of hows) expect(runtime.publish(`deed.${group}`, deed(how, key)).accepted).toBe(true);
    },
    /** Has an event handled in the shard. */
    beside: () => runtime.send('deed.beside', deed('ok'), { until: 'handled' }),
    untilBegun: (count: number) =>
      new Promise<void>((resolve) => {
        if (begun.length >= count) resolve();
        else waits.push({ count, resolve });
      }),
    group: (name: Group) => runtime.metrics().groups.find((one) => one.name === name),
    /** Attempts in the order in which they began. */
    order: () => begun.map((one) => `${one.id}.${one.attempt}`),
    threads: () => new Set(begun.map(({ thread }) => thread)).size,
    toldOf: (ofEvent: number) => told.filter((one) => one.id === ofEvent).map(({ what }) => what),
  };
}

describe.each([0, 2])('with %i shards', (shards) => {
  it('a thread that loops, exits, or dies of an error fails the attempt that it was at, and nothing else', async () => {
    const { runtime, publish, beside, group, threads, toldOf } = await startIsolated('solo', { shards });
    publish('solo', ['loop once', 'exit once', 'timer once', 'rejection once', 'exit', 'ok']);
    for (let count = 0; count < 20; count++) await beside();
    await runtime.drain();
    expect(group('solo')).toMatchObject({ published: 6, delivered: 5, deadLettered: 1, retried: 5, inFlight: 0 });
    expect(group('solo')).toMatchObject({ isolation: 'thread', threadsLost: 6 });
    expect(threads()).toBeGreaterThanOrEqual(6);
    expect(group('beside')).toMatchObject({ delivered: 20, isolation: 'inline', threads: 0, threadsLost: 0 });
    expect(runtime.metrics()).toMatchObject({ restarts: 0, conservation: { holds: true } });
    publish('solo', ['afterwards']);
    while (group('solo')?.threadsLost === 6) await new Promise(setImmediate);
    publish('solo', ['ok']);
    await runtime.drain();
    expect(group('solo')).toMatchObject({ delivered: 7, retried: 5, threadsLost: 7 });
    // Each shard knows its own.
    if (shards === 2) return;
    await runtime.send('deed.report', {}, { until: 'handled' });
    await runtime.drain();
    // First attempts, as the shard was told of them.
    const [died, late] = ['RINGMAIN_HANDLER_DIED', 'RINGMAIN_HANDLER_TIMEOUT'];
    const facts = toldOf(1) as readonly (readonly unknown[])[];
    const codes = facts.map((one) => String(one[2]));
    // The limit counts from where the handler begins, and is the group's.
    expect(facts.find((one) => one[2] === late)?.[3]).toContain('within 300 ms');
    expect(codes.toSorted((a, b) => a.localeCompare(b))).toEqual([died, died, died, died, late]);
  });
});

describe.each([0, 1])('with %i shards', (shards) => {
  it('a thread that takes too much memory dies of its own limit; one that loops without a time limit holds up nobody, and ends with the runtime', async () => {
    const { runtime, publish, untilBegun, beside, group } = await startIsolated(
      'patient',
      { shards, isolation: { resourceLimits: { maxOldGenerationSizeMb: 32 } } },
      { abandons: 'closed while a handler loops for ever' },
    );
    publish('patient', ['hog once', 'ok']);
    await runtime.drain();
    expect(group('patient')).toMatchObject({ delivered: 2, retried: 1, threadsLost: 1 });
    publish('patient', ['loop']);
    await untilBegun(4);
    for (let count = 0; count < 100; count++) await beside();
    expect(group('beside')).toMatchObject({ delivered: 100 });
    expect(group('patient')).toMatchObject({ published: 3, inFlight: 1, threads: Math.max(1, shards), threadsLost: 1 });
    const { metrics } = await runtime.close({ timeoutMs: 100 });
    expect(metrics.restarts).toBe(0);
  });

  it('other deliveries of the group go on while threads end, and events of a key keep their order', async () => {
    const { runtime, publish, group, order } = await startIsolated('pair', { shards });
    publish('pair', ['loop once', 'ok', 'exit once', 'ok']);
    publish('pair', ['exit once', 'ok', 'throw once', 'loop', 'ok'], 77);
    await runtime.drain();
    expect(group('pair')).toMatchObject({ published: 9, delivered: 8, deadLettered: 1, retried: 5, inFlight: 0, threadsLost: 5 });
    const ofKey = order().filter((one) => Number(one[0]) >= 4);
    expect(ofKey).toEqual(['4.1', '4.2', '5.1', '6.1', '6.2', '7.1', '7.2', '8.1']);
    expect(
      order()
        .filter((one) => Number(one[0]) < 4)
        .toSorted(),
    ).toEqual(['0.1', '0.2', '1.1', '2.1', '2.2', '3.1']);
  });

  it('what a handler says, throws and gets means what it means in the shard', async () => {
    const { runtime, publish, group, order, toldOf } = await startIsolated('solo', { shards });
    publish('solo', [
      'ack',
      'nack once',
      'dead',
      'ack-exit',
      'ack-loop',
      'never',
      'skip',
      'after once',
      'throw once',
      'text once',
    ]);
    publish('solo', ['echo', 'send', 'aborted', 'refused', 'late', 'cloud', 'keep', 'released', 'fields']);
    await runtime.drain();
    // By hand, once; the choice holds when the handler ends, or its thread does.
    expect([0, 1, 2].map((id) => toldOf(id)[0])).toEqual([
      [true, false, false, false],
      [true, false],
      [true, false],
    ]);
    expect(group('solo')).toMatchObject({ published: 19, delivered: 16, deadLettered: 2, filtered: 1, retried: 4 });
    expect(group('solo')).toMatchObject({ threadsLost: 2, inFlight: 0 });
    expect(order().filter((one) => one.endsWith('.2'))).toHaveLength(4);
    // Published and sent through the shard; what publish refuses is refused.
    const invalid = 'RINGMAIN_OPTION_INVALID';
    const echo = (id: number, how: string) => ({ id, key: id, how });
    expect(toldOf(10)).toHaveLength(3);
    expect(toldOf(10)).toEqual(expect.arrayContaining([['accepted', 'accepted'], echo(10, 'echo')]));
    expect(toldOf(11)).toEqual(expect.arrayContaining([echo(11, 'send'), { status: 'accepted', accepted: true, targets: 1 }]));
    expect(toldOf(12)).toContain('RINGMAIN_ABORTED');
    expect(toldOf(13)).toEqual([['RINGMAIN_PAYLOAD_INVALID', 'RINGMAIN_TOPIC_UNKNOWN', invalid, invalid, invalid, invalid]]);
    // The event is the same, until its delivery has settled.
    expect(toldOf(15)).toEqual([[echo(15, 'cloud'), echo(15, 'cloud'), 'deed.solo']]);
    expect(toldOf(17)).toEqual(['RINGMAIN_EVENT_RELEASED']);
    expect(toldOf(18)).toEqual([
      [
        ['deed.solo', '18', true, 'bigint', 'fields', false],
        [shards - 1, 'solo', 1, false, true, 1],
      ],
    ]);
    // Errors arrived as they were thrown, with their causes.
    await runtime.send('deed.report', {}, { until: 'handled' });
    await runtime.drain();
    const facts = toldOf(1).slice(1);
    expect(facts).toContainEqual([true, 'OddError', 'E_ODD', 'as asked', 'RINGMAIN_CLOSED', true]);
    expect(facts).toContainEqual([true, 'RetryAfterError', null, 'retry after 1 ms', null, false]);
    expect(facts).toContainEqual('no error at all');
  });

  it('a batch goes to a thread as one call; what fails of it, or all of one whose thread ends, comes again alone', async () => {
    const { runtime, publish, group, told, order } = await startIsolated('batched', { shards });
    publish('batched', ['ok', 'fail', 'ok', 'ok']);
    await runtime.drain();
    expect(told.map(({ id }) => id)).toEqual([4, 1]);
    expect(order()).toEqual(['0.1', '2.1', '3.1']);
    publish('batched', ['ok', 'exit', 'ok', 'ok', 'ok', 'loop once', 'ok', 'ok']);
    await runtime.drain();
    expect(group('batched')).toMatchObject({ published: 12, delivered: 11, deadLettered: 1, inFlight: 0 });
  });
});

it('threads come with events, and go when they have nothing to do', async () => {
  const { runtime, publish, group, order } = await startIsolated('patient', {
    shards: 1,
    isolation: { min: 0, idleTimeoutMs: 1 },
  });
  expect(group('patient')).toMatchObject({ threads: 0 });
  publish('patient', ['ok']);
  await runtime.drain();
  while (group('patient')?.threads !== 0) await new Promise(setImmediate);
  publish('patient', ['ok']);
  await runtime.drain();
  expect(order()).toEqual(['0.1', '1.1']);
  expect(group('patient')).toMatchObject({ delivered: 2, retried: 0, threadsLost: 0 });
});

it('a set-up that fails in a thread fails the start', async () => {
  await expect(startIsolated('failing', { shards: 1 })).rejects.toMatchObject({
    code: 'RINGMAIN_SUBSCRIBER_INVALID',
    message: expect.stringContaining('no set-up') as string,
  });
});

it('a shard that dies takes its threads with it, and its successor handles everything', async () => {
  const { runtime, publish, untilBegun, group, order } = await startIsolated('patient', { shards: 1 });
  publish('patient', ['loop once', 'ok', 'ok']);
  await untilBegun(1);
  await runtime.restartShard(0);
  await runtime.drain();
  expect(order()).toEqual(['0.1', '0.2', '1.1', '2.1']);
  expect(group('patient')).toMatchObject({ published: 3, delivered: 3, redelivered: 1, inFlight: 0, threads: 1 });
});

it('no thread is left when the runtime has closed', async () => {
  const lines = await runChild('../../resilience/fixtures/leaves-no-thread.mjs');
  expect(lines).toEqual(['0 shards: none left', '1 shards: none left', 'end']);
});

it.each([
  [{ isolation: 'process' }],
  [{ isolation: { thread: {} } }],
  [{ isolation: { threads: 2 } }],
  [{ isolation: { threads: { max: 0 } } }],
  [{ isolation: { threads: { max: 65 } } }],
  [{ isolation: { threads: { min: 2, max: 1 } } }],
  [{ isolation: { threads: { idle: 1 } } }],
  [{ isolation: { threads: { resourceLimits: { maxOldGenerationSizeMb: 7 } } } }],
  [{ isolation: { threads: { resourceLimits: { heap: 64 } } } }],
  [{ isolation: 'thread', bulkhead: 'shared' }],
])('%o is refused', (options) => {
  expect(() => subscriber({ pattern: 'a', handle: () => {}, ...(options as object) })).toThrowError(
    expect.objectContaining({ code: 'RINGMAIN_SUBSCRIBER_INVALID' }) as Error,
  );
});
