/**
 * Promise: a delivery that ends without success leaves a letter, with the event, the reason and the error; letters are bounded, and no letter is lost on its
 * way, whatever the main thread does meanwhile.
 */
import type { Letter, LetterLine } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { start } from '../promises/fixtures/start.ts';
import { THROWN, events } from './fixtures/letters.ts';

const MODULES = ['../../resilience/fixtures/letters.ts'];
const POOR = { retry: { budget: { ratio: 0, perSecondMin: 0 } } };
const HOUR_MS = 3_600_000;
const REASONS = {
  attempts: 'attempts',
  never: 'non-retryable',
  choosy: 'retry-if',
  stale: 'too-old',
  late: 'expired',
  poor: 'retry-budget',
  where: 'where',
} as const;

const startLetters = (shards: number, config = {}) => start(events, MODULES, { shards, ...POOR, ...config });
type LetterRuntime = Awaited<ReturnType<typeof startLetters>>;

function fail(runtime: LetterRuntime, type: keyof typeof REASONS, id: number, how = 'plain'): void {
  const options = type === 'late' ? { deadline: Date.now() + HOUR_MS } : { correlationId: `c-${id}` };
  expect(runtime.publish(`end.${type}`, { id, how }, options).accepted).toBe(true);
}

const idsOf = (letters: readonly { readonly event: { readonly data?: unknown } }[]): number[] =>
  letters.map(({ event }) => (event.data as { readonly id: number }).id);

describe.each([0, 1])('with %i shards', (shards) => {
  it('every reason ends as a letter with the event, the attempts and the error', async () => {
    const runtime = await startLetters(shards);
    const notices: { readonly group: string; readonly reason: string; readonly count: number }[] = [];
    let told = (): void => {};
    const allTold = new Promise<void>((resolve) => (told = resolve));
    await runtime.subscribe('system.deadletter', ({ data }) => {
      notices.push({ group: data.group, reason: data.reason, count: data.count });
      if (notices.length === Object.keys(REASONS).length) told();
    }).ready;
    const before = Date.now();
    for (const [id, type] of Object.keys(REASONS).entries()) fail(runtime, type as keyof typeof REASONS, id);
    await runtime.drain();
    for (const [id, [group, reason]] of Object.entries(REASONS).entries()) {
      const [letter, ...more] = runtime.deadLetters.list({ group }) as [Letter];
      expect(more).toEqual([]);
      expect(letter).toMatchObject({ group, reason, crashes: 0, redrives: 0, unreadable: undefined });
      expect(letter.event).toMatchObject({ type: `end.${group}`, specversion: '1.0', data: { id, how: 'plain' } });
      expect(letter.id).toBe(`${letter.event.id}/${group}`);
      expect(letter.attempts).toBe(group === 'where' ? 0 : 1);
      expect(letter.shard).toBe(shards === 0 ? null : 0);
      expect(letter.deadAt).toBeGreaterThanOrEqual(before - 1);
      expect(letter.firstFailedAt).toBe(letter.deadAt);
      expect(letter.error?.message).toBe(group === 'attempts' || group === 'never' ? 'plain' : group);
      expect(runtime.deadLetters.peek(letter.id)).toEqual(letter);
      expect(runtime.deadLetters.count({ reason, type: `end.${group}` })).toBe(1);
    }
    expect(runtime.deadLetters.list({ group: 'attempts' })[0]).toMatchObject({
      event: { partitionkey: '0', correlationid: 'c-0' },
      error: {
        name: 'Error',
        code: 'E_PLAIN',
        causes: [
          { name: 'TypeError', message: 'the cause' },
          { name: 'string', message: 'the root' },
        ],
      },
    });
    await allTold;
    expect(notices).toHaveLength(Object.keys(REASONS).length);
    expect(notices).toContainEqual({ group: 'stale', reason: 'too-old', count: 1 });
    const report = await closeAndCheck(runtime);
    expect(report.deadLetters).toBe(Object.keys(REASONS).length);
    expect(runtime.deadLetters.list()).toHaveLength(report.deadLetters);
  });

  it('says when the first attempt failed, beside the end; a line of a file that does not know takes the end for it', async () => {
    const runtime = await startLetters(shards, { retry: { budget: { perSecondMin: 1000 } } });
    fail(runtime, 'poor', 1);
    await runtime.drain();
    const [letter] = runtime.deadLetters.list() as [Letter];
    expect(letter).toMatchObject({ reason: 'attempts', attempts: 3 });
    // Two delays of 5 ms, each counted in whole milliseconds.
    expect(letter.deadAt - letter.firstFailedAt).toBeGreaterThanOrEqual(8);
    const [line] = runtime.deadLetters.take() as [LetterLine];
    expect(line.firstFailedAt).toBe(new Date(letter.firstFailedAt).toISOString());
    const { firstFailedAt: _, ...before } = line;
    expect(runtime.deadLetters.restore(before)).toBe(true);
    expect(runtime.deadLetters.take()).toMatchObject([{ firstFailedAt: line.deadAt, deadAt: line.deadAt }]);
    expect(() => runtime.deadLetters.restore({ ...line, firstFailedAt: 'soon' })).toThrowError(
      /RINGMAIN_INPUT_INVALID.*firstFailedAt/,
    );
    await closeAndCheck(runtime);
  });

  it('whatever is thrown, the letter says it in bounds', async () => {
    const runtime = await startLetters(shards);
    for (const [id, how] of THROWN.entries()) fail(runtime, 'attempts', id, how);
    await runtime.drain();
    const letters = runtime.deadLetters.list();
    expect(letters.map(({ event }) => (event.data as { how: string }).how).sort()).toEqual([...THROWN].sort());
    for (const { error } of letters) {
      expect(error).toMatchObject({ name: expect.any(String), message: expect.any(String) });
      expect(Buffer.byteLength(JSON.stringify(error))).toBeLessThanOrEqual(4096);
      expect(error?.causes.length).toBeLessThanOrEqual(5);
    }
    const said = (how: string) => letters.find(({ event }) => (event.data as { how: string }).how === how)?.error;
    expect(said('text')).toMatchObject({ name: 'string', message: 'only text' });
    expect(said('chain')).toMatchObject({ message: '99', causes: { length: 5 } });
    expect(said('cycle')).toMatchObject({ message: 'cycle', causes: [] });
    await closeAndCheck(runtime);
  });

  it('the store is bounded: the oldest letters make room, are handed over, expire, and are purged', async () => {
    const runtime = await startLetters(shards, { deadLetters: { max: 5 } });
    const spilled: LetterLine[] = [];
    runtime.deadLetters.onEvict((letter) => spilled.push(letter));
    for (let id = 0; id < 20; id++) fail(runtime, 'choosy', id);
    await runtime.drain();
    expect(idsOf(runtime.deadLetters.list())).toEqual([15, 16, 17, 18, 19]);
    expect(idsOf(runtime.deadLetters.list({ limit: 2, offset: 1 }))).toEqual([16, 17]);
    expect(idsOf(spilled)).toEqual(Array.from({ length: 15 }, (_, id) => id));
    expect(runtime.metrics().deadLetters).toMatchObject({ count: 5, evicted: 15, expired: 0, purged: 0, redriven: 0 });
    expect(runtime.metrics().deadLetters.oldestMs).toBeGreaterThan(0);
    await runtime.reload({ ...runtime.config, deadLetters: { max: 3 } });
    expect(runtime.metrics().deadLetters).toMatchObject({ count: 3, evicted: 17 });
    const [oldest] = runtime.deadLetters.list({ limit: 1 }) as [Letter];
    expect(runtime.deadLetters.purge({ since: oldest.deadAt, until: oldest.deadAt + 0.01 })).toBeGreaterThanOrEqual(1);
    expect(runtime.deadLetters.peek(oldest.id)).toBeUndefined();
    await runtime.reload({ ...runtime.config, deadLetters: { ttlMs: 1 } });
    while (runtime.deadLetters.count() > 0) continue;
    expect(runtime.metrics().deadLetters).toMatchObject({ count: 0, bytes: 0, oldestMs: null });
    expect(runtime.metrics().deadLetters.expired + runtime.metrics().deadLetters.purged).toBe(3);
    await closeAndCheck(runtime);
  });
});

it('letters wait in the shard while the main thread is blocked, and none is lost', async () => {
  const lane = { capacityBytes: 65_536 };
  const lanes = { critical: lane, high: lane, normal: lane, low: lane };
  const runtime = await startLetters(1, { recordBytesMax: 1024, lanes, deadLetters: { max: 10_000 } });
  const dead = (): number => runtime.metrics().groups.find(({ name }) => name === 'choosy')?.deadLettered ?? 0;
  let published = 0;
  while (runtime.publish('end.choosy', { id: published, how: '' }).accepted) published++;
  // Nothing takes letters now; the lane for them holds some dozens.
  while (dead() < 10) continue;
  const until = performance.now() + 50;
  while (performance.now() < until) expect(dead()).toBeLessThan(100);
  expect(published).toBeGreaterThan(200);
  await runtime.drain();
  // Without a key, a small letter may find room before a large one.
  const ids = idsOf(runtime.deadLetters.list({ limit: 10_000 })).toSorted((a, b) => a - b);
  expect(ids).toEqual(Array.from({ length: published }, (_, id) => id));
  await closeAndCheck(runtime);
});

it('an event that kills its thread too often is a letter too', async () => {
  const runtime = await startLetters(1);
  expect(runtime.publish('end.crash', { id: 1, how: '' }).accepted).toBe(true);
  fail(runtime, 'never', 2);
  await runtime.drain();
  expect(runtime.deadLetters.list({ reason: 'crashes' })).toMatchObject([
    { group: 'crash', attempts: 3, crashes: 3, error: null, event: { data: { id: 1 } } },
  ]);
  expect(runtime.deadLetters.count()).toBe(2);
  await closeAndCheck(runtime);
});

it('options that cannot be meant are refused', async () => {
  const runtime = await startLetters(0);
  const { deadLetters } = runtime;
  expect(() => deadLetters.count({ grup: 'x' } as never)).toThrowError(/RINGMAIN_OPTION_INVALID.*nearest known one is group/);
  expect(() => deadLetters.list({ limit: 0 })).toThrowError(/limit is 0/);
  expect(() => deadLetters.list({ reason: 'bad luck' as never })).toThrowError(/reason is .*bad luck.*non-retryable/);
  expect(() => deadLetters.purge(undefined as never)).toThrowError(/RINGMAIN_OPTION_INVALID/);
  expect(() => deadLetters.count({ since: Number.NaN })).toThrowError(/since is NaN/);
  expect(() => deadLetters.count({ type: 'a..b' })).toThrowError(/RINGMAIN_PATTERN_INVALID/);
  await expect(deadLetters.redrive({ ratePerSec: 0 })).rejects.toThrowError(/ratePerSec is 0/);
  await expect(deadLetters.redrive({ ids: 'x' as never })).rejects.toThrowError(/ids is/);
  await expect(deadLetters.redrive({ dryRun: 1 as never })).rejects.toThrowError(/dryRun is 1/);
  await runtime.close();
  await expect(deadLetters.redrive()).rejects.toThrowError(/RINGMAIN_CLOSED/);
});
