/** Promise: the event of a dead letter is published again for its group alone, in order, and its letter leaves the store when it was accepted. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { start } from '../promises/fixtures/start.ts';
import { events } from './fixtures/letters.ts';

const MODULES = ['../../resilience/fixtures/letters.ts'];
const KEYS = 3;

interface Seen {
  readonly group: string;
  readonly id: number;
  readonly redrives: number;
}

/** Has events fail in one of two groups; `times` redrives help. */
async function failing(shards: number, count: number, times = 1) {
  const runtime = await start(events, MODULES, { shards });
  const seen: Seen[] = [];
  let onSeen = (): void => {};
  await runtime.subscribe('work.seen', ({ data: { group, id, redrives } }) => {
    seen.push({ group, id, redrives });
    onSeen();
  }).ready;
  for (let id = 0; id < count; id++) {
    const published = runtime.publish('work.open', { id, key: id % KEYS, times }, { priority: 'high', correlationId: `c-${id}` });
    expect(published.accepted).toBe(true);
  }
  await runtime.drain();
  expect(runtime.deadLetters.count({ group: 'fussy' })).toBe(count);
  const nextSeen = (): Promise<void> => new Promise((resolve) => (onSeen = resolve));
  return { runtime, seen, nextSeen };
}

describe.each([0, 1])('with %i shards', (shards) => {
  it('only the group that could not handle it gets an event again, keys in order, and the account adds up', async () => {
    const { runtime, seen } = await failing(shards, 30);
    const [first] = runtime.deadLetters.list({ limit: 1 });
    seen.length = 0;
    const dry = await runtime.deadLetters.redrive({ dryRun: true });
    expect(dry).toMatchObject({ matched: 30, redriven: 0, gone: 0, groups: { fussy: 30 }, dryRun: true });
    await runtime.drain();
    expect(seen).toEqual([]);
    expect(runtime.deadLetters.count()).toBe(30);
    const report = await runtime.deadLetters.redrive({ group: 'fussy', type: 'work.*' });
    expect(report).toMatchObject({ matched: 30, redriven: 30, gone: 0, groups: { fussy: 30 }, dryRun: false });
    await runtime.drain();
    for (let key = 0; key < KEYS; key++) {
      const ids = seen.filter(({ id }) => id % KEYS === key).map(({ id }) => id);
      expect(ids).toEqual(Array.from({ length: 30 / KEYS }, (_, index) => key + index * KEYS));
    }
    expect(new Set(seen.map(({ group, redrives }) => `${group} ${redrives}`))).toEqual(new Set(['fussy 1']));
    expect(runtime.metrics().deadLetters).toMatchObject({ count: 0, redriven: 30, purged: 0 });
    const { metrics } = await closeAndCheck(runtime);
    const of = (group: string) => metrics.groups.find(({ name }) => name === group);
    expect(of('fussy')).toMatchObject({ published: 60, delivered: 30, deadLettered: 30, filtered: 0, dropped: {} });
    expect(of('easy')).toMatchObject({ published: 60, delivered: 30, deadLettered: 0, filtered: 30, dropped: {} });
    expect(first?.event).toMatchObject({ partitionkey: '0', priority: 1, correlationid: 'c-0' });
  });

  it('what fails again is a letter again, and says how often it was redriven and of which event it is', async () => {
    const { runtime } = await failing(shards, 2, 9);
    const [first] = runtime.deadLetters.list();
    for (const redrives of [1, 2]) {
      await runtime.deadLetters.redrive({ limit: 2 });
      await runtime.drain();
      const letters = runtime.deadLetters.list();
      expect(letters).toMatchObject([{ redrives }, { redrives }]);
      expect(letters[0]?.event).toMatchObject({ redrives, correlationid: 'c-0', partitionkey: '0', priority: 1 });
      if (redrives === 1) expect(letters[0]?.event.redriveof).toBe(first?.event.id);
    }
    expect(runtime.metrics().deadLetters).toMatchObject({ count: 2, redriven: 4 });
    await closeAndCheck(runtime);
  });

  it('a rate and a limit hold, some are chosen by id, and an abort says how far it came', async () => {
    const { runtime, nextSeen } = await failing(shards, 10);
    const ids = runtime.deadLetters.list().map(({ id }) => id);
    expect(await runtime.deadLetters.redrive({ ids: [ids[4] as string, 'unknown'] })).toMatchObject({ matched: 1, redriven: 1 });
    expect(runtime.deadLetters.peek(ids[4] as string)).toBeUndefined();
    const slow = await runtime.deadLetters.redrive({ limit: 3, ratePerSec: 100 });
    expect(slow).toMatchObject({ matched: 3, redriven: 3 });
    expect(slow.tookMs).toBeGreaterThanOrEqual(20);
    await runtime.drain();
    const stop = new AbortController();
    const handled = nextSeen();
    const endless = runtime.deadLetters.redrive({ ratePerSec: 0.001, signal: stop.signal });
    const ended = endless.catch((error: unknown) => error);
    await handled;
    stop.abort(new Error('enough'));
    expect(await ended).toMatchObject({ code: 'RINGMAIN_ABORTED', details: { redriven: 1, matched: 6 } });
    expect(runtime.deadLetters.count()).toBe(5);
    await closeAndCheck(runtime);
  });

  it('one that pauses for its rate ends at a close, and its timer with it', async () => {
    const { runtime, nextSeen } = await failing(shards, 3);
    const handled = nextSeen();
    const ended = runtime.deadLetters.redrive({ ratePerSec: 0.001 }).catch((error: unknown) => error);
    await handled;
    await closeAndCheck(runtime);
    expect(await ended).toMatchObject({ code: 'RINGMAIN_CLOSED', details: { redriven: 1, matched: 3 } });
    expect(runtime.deadLetters.count()).toBe(2);
  });

  it('a subscription of the main thread gets its own back, and when it is gone the redrive fails and nothing is lost', async () => {
    const runtime = await start(events, MODULES, { shards, retry: { maxAttempts: 1 } });
    const calls: (number | undefined)[] = [];
    const own = runtime.subscribe(
      'work.open',
      ({ redrives }) => {
        calls.push(redrives);
        if (redrives !== 1) throw new Error('not yet');
      },
      { group: 'own' },
    );
    await own.ready;
    for (let id = 0; id < 4; id++) runtime.publish('work.open', { id, key: id, times: 0 });
    await runtime.drain();
    expect(runtime.deadLetters.list()).toMatchObject(Array.from({ length: 4 }, () => ({ group: 'own', shard: null })));
    expect(await runtime.deadLetters.redrive({ limit: 2 })).toMatchObject({ redriven: 2 });
    await runtime.drain();
    expect(calls).toEqual([undefined, undefined, undefined, undefined, 1, 1]);
    own.unsubscribe();
    await expect(runtime.deadLetters.redrive()).rejects.toMatchObject({
      code: 'RINGMAIN_GROUP_UNKNOWN',
      details: { group: 'own', type: 'work.open' },
    });
    await expect(runtime.deadLetters.redrive({ dryRun: true })).rejects.toThrowError(/RINGMAIN_GROUP_UNKNOWN/);
    expect(runtime.deadLetters.count()).toBe(2);
    const { metrics } = await closeAndCheck(runtime);
    for (const name of ['fussy', 'easy']) {
      expect(metrics.groups.find((group) => group.name === name)).toMatchObject({ delivered: 4, deadLettered: 0, dropped: {} });
    }
  });

  it('letters that were taken out can be restored in another runtime of the same events, and redriven there', async () => {
    const { runtime } = await failing(shards, 3);
    const lines = runtime.deadLetters.take().map((line) => JSON.stringify(line));
    expect(runtime.deadLetters.count()).toBe(0);
    await closeAndCheck(runtime);
    const { parseLetterLine } = await import('ringmain');
    const other = await start(events, MODULES, { shards });
    for (const line of lines) expect(other.deadLetters.restore(parseLetterLine(line))).toBe(true);
    expect(other.deadLetters.restore(parseLetterLine(lines[0] as string))).toBe(false);
    expect(other.deadLetters.take({ limit: 1 }).map((line) => JSON.stringify(line))).toEqual([lines[0]]);
    expect(await other.deadLetters.redrive()).toMatchObject({ matched: 2, redriven: 2 });
    await other.drain();
    expect(other.deadLetters.count()).toBe(0);
    const foreign = { ...parseLetterLine(lines[0] as string), eventsHash: 1 };
    expect(() => other.deadLetters.restore(foreign)).toThrowError(/RINGMAIN_EVENTS_MISMATCH/);
    expect(() => other.deadLetters.restore({ ...foreign, record: 'AAAA' })).toThrowError(/RINGMAIN_INPUT_INVALID.*record/);
    const { metrics } = await closeAndCheck(other);
    expect(metrics.groups.find(({ name }) => name === 'fussy')).toMatchObject({ published: 2, delivered: 2 });
  });
});
