/** Promise: a group with `dedupe: true` handles an event once within its window, however often its publisher repeats it. */
import type { RuntimeConfigInput } from 'ringmain';
import { subscriber } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { start } from '../promises/fixtures/start.ts';
import { events } from './fixtures/repeats.ts';

async function startNotes(config: RuntimeConfigInput) {
  const runtime = await start(events, ['../../resilience/fixtures/repeats.ts'], config);
  const seen: string[] = [];
  await runtime.subscribe('note.seen', ({ data }) => void seen.push(`${data.group} ${data.id}.${data.attempt}`)).ready;
  return {
    runtime,
    keyed: (id: number, dedupeKey: string, { key = 1, fails = 0, source = 'here' } = {}) =>
      expect(runtime.publish('note.keyed', { id, key, fails }, { dedupeKey, source }).accepted).toBe(true),
    loose: (id: number, dedupeKey: string | undefined) =>
      expect(runtime.publish('note.loose', { id, fails: 0 }, dedupeKey === undefined ? {} : { dedupeKey }).accepted).toBe(true),
    /** What a group handled, in order. */
    async handled(group: string) {
      await runtime.drain();
      return seen.filter((one) => one.startsWith(`${group} `)).map((one) => one.slice(group.length + 1));
    },
    async counts(group: string) {
      await runtime.drain();
      const { delivered, dropped, deadLettered } = runtime.metrics().groups.find(({ name }) => name === group) ?? {};
      return { delivered, deadLettered, duplicates: dropped?.['duplicate'] ?? 0 };
    },
  };
}

describe('on one thread', () => {
  it('the repeat of an event is dropped and counted, by those groups only that ask for it', async () => {
    const { keyed, loose, handled, counts, runtime } = await startNotes({ shards: 0 });
    keyed(1, 'a');
    keyed(2, 'a');
    keyed(3, 'b');
    keyed(4, 'a', { source: 'there' });
    loose(5, 'a');
    loose(6, 'a');
    loose(7, undefined);
    loose(8, undefined);
    keyed(9, 'b');
    // Without a key there is no order.
    for (const group of ['sync', 'async'])
      expect((await handled(group)).toSorted()).toEqual(['1.1', '3.1', '4.1', '5.1', '7.1', '8.1']);
    expect((await handled('all')).toSorted()).toEqual(['1.1', '2.1', '3.1', '4.1', '5.1', '6.1', '7.1', '8.1', '9.1']);
    expect(await counts('sync')).toEqual({ delivered: 6, deadLettered: 0, duplicates: 3 });
    expect(await counts('all')).toEqual({ delivered: 9, deadLettered: 0, duplicates: 0 });
    // Whoever waits for a repeat is told that it was handled, since it was.
    await runtime.send('note.keyed', { id: 10, key: 1, fails: 0 }, { dedupeKey: 'b', source: 'here', until: 'handled' });
    expect(await counts('async')).toEqual({ delivered: 6, deadLettered: 0, duplicates: 4 });
  });

  it('an attempt that follows a failure is no repeat, and a repeat waits for it', async () => {
    const { keyed, handled, counts } = await startNotes({ shards: 0 });
    keyed(1, 'a', { fails: 2 });
    keyed(2, 'a');
    for (const group of ['sync', 'async']) {
      expect(await handled(group)).toEqual(['1.1', '1.2', '1.3']);
      expect(await counts(group)).toEqual({ delivered: 1, deadLettered: 0, duplicates: 1 });
    }
  });

  it('what was dead-lettered was not handled: a repeat is delivered, and then the redriven event is the repeat', async () => {
    const { keyed, handled, counts, runtime } = await startNotes({ shards: 0 });
    keyed(1, 'a', { fails: -1 });
    expect(await counts('sync')).toEqual({ delivered: 0, deadLettered: 1, duplicates: 0 });
    keyed(2, 'a');
    expect(await handled('sync')).toEqual(['1.1', '2.1']);
    await runtime.deadLetters.redrive({ group: 'sync' });
    expect(await counts('sync')).toEqual({ delivered: 1, deadLettered: 1, duplicates: 1 });
    runtime.deadLetters.purge({});
  });
});

describe('the window of a shard', () => {
  it('outlives its thread, and moves with the keys', async () => {
    const { keyed, counts, runtime } = await startNotes({
      shards: 1,
      shardsMax: 2,
      startTimeoutMs: 60_000,
      resizeTimeoutMs: 60_000,
    });
    const KEYS = 20;
    const repeat = (): void => {
      for (let key = 0; key < KEYS; key++) keyed(key, `note ${key}`, { key });
    };
    repeat();
    await runtime.drain();
    await runtime.restartShard(0);
    repeat();
    expect(await counts('sync')).toEqual({ delivered: KEYS, deadLettered: 0, duplicates: KEYS });
    await runtime.resize(2);
    repeat();
    expect(await counts('sync')).toEqual({ delivered: KEYS, deadLettered: 0, duplicates: 2 * KEYS });
    await runtime.resize(1);
    repeat();
    expect(await counts('async')).toEqual({ delivered: KEYS, deadLettered: 0, duplicates: 3 * KEYS });
  });
});

describe('subscriber()', () => {
  it.each([
    [{ dedupe: 'yes' }, 'dedupe is "yes"'],
    [{ dedupe: true, perKeyConcurrency: 2 }, 'dedupe is given with perKeyConcurrency 2'],
    [{ dedupe: true, handle: undefined, handleBatch: () => {} }, 'dedupe is given with handleBatch'],
  ])('refuses %o', (options, message) => {
    const definition = { pattern: 'note.keyed', handle: () => {}, ...options };
    expect(() => subscriber(definition as never)).toThrow(expect.objectContaining({ code: 'RINGMAIN_SUBSCRIBER_INVALID' }));
    expect(() => subscriber(definition as never)).toThrow(message);
  });
});
