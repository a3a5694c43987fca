/** Promise: a group with a thread of its own keeps it between events; what its handlers do to that thread hurts no other group, and nobody of its own but the culprit. */
import { setEnvironmentData } from 'node:worker_threads';
import type { RuntimeConfigInput } from 'ringmain';
import { subscriber } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { start } from '../promises/fixtures/start.ts';
import { DOORS, events } from './fixtures/own-thread.mjs';

interface Told {
  readonly id: number;
  readonly attempt: number;
  readonly thread: number;
  readonly what: string;
}

async function startOwn(config: RuntimeConfigInput, query = '', options: { readonly abandons?: string } = {}) {
  const doors = new Int32Array(new SharedArrayBuffer(8));
  setEnvironmentData(DOORS, doors.buffer);
  const module = `../../resilience/fixtures/own-thread.mjs?${query}`;
  const runtime = await start(
    events,
    [module],
    { warmSpare: false, startTimeoutMs: 60_000, shutdownMs: 120_000, ...config },
    options,
  );
  const begun: Told[] = [];
  const told: Told[] = [];
  const looks = new Set<() => void>();
  const note = (list: Told[], data: Told): void => {
    const { id: ofEvent, attempt, thread, what } = data;
    list.push({ id: ofEvent, attempt, thread, what });
    for (const look of looks) look();
  };
  await runtime.subscribe('job.began', ({ data }) => note(begun, data)).ready;
  await runtime.subscribe('job.told', ({ data }) => note(told, data)).ready;
  let id = 0;
  return {
    runtime,
    begun,
    told,
    publish(type: 'own' | 'batch', hows: readonly string[], key?: number) {
      for (const how of hows) {
        expect(runtime.publish(`job.${type}`, { id, key: key ?? id, how }).accepted).toBe(true);
        id++;
      }
    },
    /** Opens a shared door: 0 for `side`, 1 for `block`. */
    open(door: 0 | 1) {
      Atomics.store(doors, door, 1);
      Atomics.notify(doors, door);
    },
    beside: () => runtime.send('job.beside', { id: 0, key: 0, how: '' }, { until: 'handled' }),
    until: (isEnough: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!isEnough()) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
    group: (name: string) => runtime.metrics().groups.find((one) => one.name === name),
    order: () => begun.map((one) => `${one.id}.${one.attempt}`),
  };
}

describe.each([0, 2])('with %i shards', (shards) => {
  const expected = Math.max(1, shards);

  it('loops, exits and errors end the thread of the group, fail what they were at, and hold up nobody; the thread keeps what it keeps', async () => {
    const { runtime, publish, beside, told, until, group } = await startOwn({ shards, isolation: { graceMs: 50 } });
    publish('own', ['loop once', 'ok', 'exit once', 'throw once', 'spin once', 'rejection once', 'ok'], 1);
    for (let count = 0; count < 20; count++) await beside();
    await runtime.drain();
    expect(group('own')).toMatchObject({ published: 7, delivered: 7, deadLettered: 0, retried: 5, inFlight: 0 });
    expect(group('own')).toMatchObject({ isolation: 'shard', threadsLost: 4, redelivered: 0 });
    expect(group('beside')).toMatchObject({ delivered: 20, isolation: 'inline', threads: 0, threadsLost: 0 });
    expect(runtime.metrics()).toMatchObject({ restarts: 0, conservation: { holds: true } });
    while (group('own')?.threads !== expected) await new Promise(setImmediate);
    // One after another, so that each finds what the one before it left.
    publish(
      'own',
      Array.from({ length: 5 }, () => 'state'),
      1,
    );
    await until(() => told.length === 5);
    expect(told.map(({ what }) => what)).toEqual([1, 2, 3, 4, 5].map((calls) => `{"setups":1,"calls":${calls}}`));
    expect(new Set(told.map(({ thread }) => thread)).size).toBe(1);
    expect(runtime.health()).toMatchObject({ live: true, ready: true });
  });
});

describe.each([0, 1])('with %i shards', (shards) => {
  it('who ends the thread is charged; who waited in it is handled again, who had not begun begins in the next one, no more at a time than the group says', async () => {
    const config = { shards, isolation: { concurrency: 3, graceMs: 60_000 } };
    const { runtime, publish, open, beside, until, begun, told, group, order } = await startOwn(config, 'timeoutMs=0');
    publish('own', ['wait door', 'wait gate'], 3);
    await until(() => begun.length === 1);
    publish('own', ['exit once'], 5);
    await until(() => begun.length === 4);
    expect(order().toSorted()).toEqual(['0.1', '0.2', '2.1', '2.2']);
    publish('own', ['open door'], 5);
    await until(() => told.length === 1);
    expect(told[0]).toMatchObject({ id: 0, attempt: 2, what: 'opened' });
    await until(() => begun.length === 6);
    publish('own', ['open gate'], 5);
    await runtime.drain();
    expect(group('own')).toMatchObject({ published: 5, delivered: 5, retried: 1, redelivered: 1, threadsLost: 1, inFlight: 0 });
    // No more are under way than the group says, and as many.
    const sides = Array.from({ length: 12 }, () => 'side');
    publish('own', sides);
    await until(() => begun.filter(({ what }) => what === 'side').length === 3);
    // Behind all of them in its lane: none of them is still to be handed over when the first ones end.
    await beside();
    open(0);
    await runtime.drain();
    publish('own', ['most']);
    await runtime.drain();
    expect(told.at(-1)?.what).toBe('3');
    // Handed over behind one that blocks: its deadline passes before it can begin.
    publish('own', ['block']);
    await until(() => begun.at(-1)?.what === 'block');
    const deadline = Date.now() + 20;
    expect(runtime.publish('job.own', { id: 99, key: 99, how: 'late' }, { deadline }).accepted).toBe(true);
    await beside();
    // By the clock of the runtime too, which may be behind that of the wall. The thread is not ended meanwhile: its grace is a minute.
    while (Date.now() <= deadline + 100) await new Promise(setImmediate);
    open(1);
    await runtime.drain();
    publish('own', ['entered']);
    await runtime.drain();
    expect(told.at(-1)?.what).toBe('most,block,entered');
    expect(runtime.deadLetters.list({ reason: 'expired' })).toHaveLength(1);
  });
});

it('a best-effort event that waited in a thread that another ended is not handled again', async () => {
  const { runtime, publish, until, group, order } = await startOwn({ shards: 0 }, 'groups=once');
  publish('own', ['wait door']);
  await until(() => order().length === 1);
  publish('own', ['exit']);
  await runtime.drain();
  publish('own', ['ok']);
  await runtime.drain();
  expect(order()).toEqual(['0.1', '1.1', '2.1']);
  expect(group('once')).toMatchObject({ published: 3, delivered: 1, retried: 0, redelivered: 0, dropped: { failed: 2 } });
});

it('a handler whose time is up is told by its signal, and its thread goes on; what it chose holds', async () => {
  const { runtime, publish, told, group } = await startOwn({ shards: 1 });
  publish('own', ['aborts', 'ack']);
  await runtime.drain();
  expect(group('own')).toMatchObject({ delivered: 1, deadLettered: 1, retried: 1, threads: 1, threadsLost: 0 });
  publish('own', ['aborted', 'echo'], 1);
  await runtime.drain();
  const said = told.map(({ what }) => what);
  expect(said).toEqual(['RINGMAIN_HANDLER_TIMEOUT,RINGMAIN_HANDLER_TIMEOUT', 'echo', 'accepted']);
});

it('a batch goes over as one call, and comes again one by one when its thread ends', async () => {
  const { runtime, told, group } = await startOwn({ shards: 1 }, 'groups=batch');
  // Committed together, so that the shard finds all of them.
  const hows = ['ok', 'exit once', 'ok', 'ok'];
  const entries = hows.map((how, id) => ({ type: 'job.batch', data: { id, key: id, how } }) as const);
  expect(runtime.publishBatch(entries).accepted).toBe(true);
  await runtime.drain();
  const sizes = told.filter(({ what }) => what === 'batch').map(({ id }) => id);
  expect([sizes[0], sizes.slice(1).every((size) => size === 1)]).toEqual([4, true]);
  expect(group('batch')).toMatchObject({ published: 4, delivered: 4, threadsLost: 1, inFlight: 0 });
});

it('a set-up that fails there fails the start', async () => {
  await expect(startOwn({ shards: 1 }, 'setup=fails')).rejects.toMatchObject({
    code: 'RINGMAIN_SUBSCRIBER_INVALID',
    message: expect.stringContaining('no set-up') as string,
  });
});

it.each([
  [{ isolation: { shard: 2 } }],
  [{ isolation: { shard: { concurrency: 0 } } }],
  [{ isolation: { shard: { concurrency: 1025 } } }],
  [{ isolation: { shard: { max: 2 } } }],
  [{ isolation: { shard: {}, threads: {} } }],
  [{ isolation: { shard: { resourceLimits: { maxOldGenerationSizeMb: 7 } } } }],
  [{ isolation: 'shard', bulkhead: 'shared' }],
])('%o is refused', (options) => {
  expect(() => subscriber({ pattern: 'a', handle: () => {}, ...(options as object) })).toThrowError(
    expect.objectContaining({ code: 'RINGMAIN_SUBSCRIBER_INVALID' }) as Error,
  );
});
