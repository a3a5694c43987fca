/** The rung `coalesce` of the ladder: what publishers are told, and what handlers are. One shard and its publisher on the test's own thread. */
import type { PublishOutcome } from '@ringmain/core';
import { systemClock } from '@ringmain/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { RuntimeConfigInput } from '../../dist/index.js';
import { defineEvents, subscriber } from '../../dist/index.js';
import { openShard } from '../deliver/open-shard.ts';
import { byStatus } from '../flow/valve.ts';

const EVENTS = 100;
const COALESCE = 2;
const made = {
  schema: z.object({ key: z.int(), n: z.int() }),
  codec: 'struct',
  key: (data: { readonly key: number }): number => data.key,
  priority: 'low',
} as const;
const events = defineEvents({
  'plain.made': made,
  'other.made': made,
  'sampled.made': { ...made, overflow: { policy: 'sample', oneOf: 3 } },
  'latest.made': { ...made, overflow: { policy: 'coalesce' } },
});
type Type = 'plain.made' | 'other.made' | 'sampled.made' | 'latest.made';

/** A shard whose publisher stands on the rung, and what its handler saw. */
function start(config: RuntimeConfigInput = {}) {
  const seen: { readonly type: string; readonly n: number; readonly sampled: number; readonly merged: number }[] = [];
  const seeing = subscriber({
    events,
    pattern: '*.made',
    group: 'seeing',
    handle: ({ type, data: { n }, sampledRate = 1, mergedCount = 1 }) =>
      void seen.push({ type, n, sampled: sampledRate, merged: mergedCount }),
  });
  const { main, setRung, whileMoving, stop } = openShard(events, [seeing], systemClock, config);
  onTestFinished(stop);
  setRung(COALESCE);
  const publish = (type: Type, n: number): PublishOutcome => main.publisher.publish(type, { key: n % 2, n });
  const until = async (count: number): Promise<void> => {
    while (seen.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  // A publisher looks at the ladder when it reads the clock, with its first event at the latest.
  publish('sampled.made', -1);
  return { main, seen, publish, until, setRung, whileMoving };
}

describe('on the rung coalesce', () => {
  it('of each type one of several is kept and says for how many it stands; the others are sampled', async () => {
    const { seen, publish, until } = start();
    // Two types in turns: a sample is one of a type, so both get theirs.
    const outcomes = Array.from({ length: EVENTS }, (_, n) => [publish('plain.made', n), publish('other.made', n)]);
    for (const type of [0, 1]) {
      expect(byStatus(outcomes.map((both) => both[type] as PublishOutcome))).toEqual({
        accepted: EVENTS / 10,
        sampled: EVENTS * 0.9,
      });
    }
    await until(1 + (2 * EVENTS) / 10);
    expect(new Set(seen.slice(1).map(({ sampled, merged }) => `${sampled} ${merged}`))).toEqual(new Set(['10 1']));
  });

  it('of a type that coalesces the newest event of each key is kept, and says for how many it stands', async () => {
    const { main, seen, publish, until } = start();
    expect(byStatus(Array.from({ length: EVENTS }, (_, n) => publish('latest.made', n)))).toEqual({
      staged: 2,
      coalesced: EVENTS - 2,
    });
    // Other events of these lanes are not kept waiting; what they must not pass goes before them.
    expect(byStatus(Array.from({ length: 10 }, (_, n) => publish('plain.made', n)))).toEqual({ accepted: 1, sampled: 9 });
    expect(main.publisher.overflow.staged).toBe(0);
    await until(4);
    expect(seen.slice(1)).toEqual([
      { type: 'latest.made', n: EVENTS - 2, sampled: 1, merged: EVENTS / 2 },
      { type: 'latest.made', n: EVENTS - 1, sampled: 1, merged: EVENTS / 2 },
      { type: 'plain.made', n: 9, sampled: 10, merged: 1 },
    ]);
  });

  it('what waits for a newer one goes on by itself after a while', async () => {
    const { main, publish, until } = start();
    for (let n = 0; n < EVENTS; n++) publish('latest.made', n);
    await until(3);
    expect(main.publisher.overflow.staged).toBe(0);
  });

  it('an event whose turn it is and that is refused for its rate keeps the turn', () => {
    const { publish } = start({ publishRate: { perSecond: 1, burst: 1 } });
    expect(byStatus(Array.from({ length: 10 }, (_, n) => publish('plain.made', n)))).toEqual({ accepted: 1, sampled: 9 });
    const outcomes = Array.from({ length: 20 }, (_, n) => publish('plain.made', n).status);
    expect(outcomes.slice(0, 9)).toEqual(Array<string>(9).fill('sampled'));
    expect(outcomes).toContain('rejected');
    for (const [n, status] of outcomes.entries()) if (status === 'rejected') expect(outcomes[n + 1]).not.toBe('sampled');
  });

  it('what somebody waits for is delayed and never left out, and a batch stays whole', async () => {
    const { main, seen, publish, until } = start({ admission: { throttlePerSecond: 1000 } });
    for (let n = 0; n < 20; n++) await main.sends.send('other.made', { key: n, n });
    const batch = Array.from({ length: 20 }, (_, n) => ({ type: 'other.made', data: { key: n, n } }));
    expect(main.publisher.publishBatch(batch).status).toBe('accepted');
    await until(41);
    expect(seen.filter(({ type, sampled }) => type === 'other.made' && sampled === 1)).toHaveLength(40);
    // Neither took the turn of those that are sampled.
    expect(byStatus(Array.from({ length: 10 }, (_, n) => publish('other.made', n)))).toEqual({ accepted: 1, sampled: 9 });
  });

  it('what one event stands for by the ladder and by its own policy are multiplied, and so all are reckoned with', async () => {
    const { main, seen, publish, until } = start({ admission: { throttlePerSecond: 1_000_000 } });
    // Batches are not thinned out. The shard does not get to run meanwhile, so that the credit is used up in the end.
    let full = 0;
    for (const size of [100, 1]) {
      const batch = Array.from({ length: size }, () => ({ type: 'sampled.made', data: { key: 0, n: 0 } }));
      while (main.publisher.publishBatch(batch).accepted) full += size;
    }
    const statuses = Array.from({ length: 90 }, () => publish('sampled.made', 0).status);
    expect(statuses.flatMap((status, n) => (status === 'staged' ? [n + 1] : []))).toEqual([30, 60, 90]);
    expect(new Set(statuses)).toEqual(new Set(['sampled', 'staged']));
    await until(1 + full + 3);
    expect(seen.slice(1 + full).map(({ sampled }) => sampled)).toEqual([30, 30, 30]);
  });

  it('an event that waits because its partition moves stands for no more than it does anyway', async () => {
    const { main, seen, publish, until, setRung, whileMoving } = start();
    const statuses: string[] = [];
    whileMoving(0, () => {
      for (let n = 0; n < 20; n++) statuses.push(publish('sampled.made', 2 * n).status);
      setRung(0);
      for (let n = 0; n < 5; n++) statuses.push(publish('sampled.made', 2 * n).status);
    });
    expect(statuses.filter((status) => status === 'staged')).toHaveLength(7);
    expect(main.publisher.overflow.staged).toBe(0);
    await until(1 + 7);
    expect(seen.slice(1).map(({ sampled }) => sampled)).toEqual([10, 10, 1, 1, 1, 1, 1]);
  });
});
