/** A publisher whose rate limit queues: what is beyond it waits in the stage for its turn. One shard and its publisher on the test's own thread. */
import type { PublishOutcome } from '@ringmain/core';
import { manualClock } from '@ringmain/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { RuntimeConfigInput } from '../../dist/index.js';
import { defineEvents, subscriber } from '../../dist/index.js';
import { openShard } from '../deliver/open-shard.ts';
import { byStatus } from '../flow/valve.ts';

const BURST = 5;
const TURN_US = 100;
const limited = { perSecond: 500, burst: BURST, onLimit: 'queue' } as const;
const made = { schema: z.object({ key: z.int(), n: z.int() }), codec: 'struct' } as const;
const key = (data: { readonly key: number }): number => data.key;
const events = defineEvents({
  'plain.made': made,
  'urgent.made': { ...made, priority: 'critical' },
  'latest.made': { ...made, key, overflow: { policy: 'coalesce' } },
  'oldest.made': { ...made, overflow: { policy: 'drop-old' } },
  'low.made': { ...made, priority: 'low' },
  'keyed.made': { ...made, key },
});
type Type = 'keyed.made' | 'plain.made' | 'urgent.made' | 'latest.made' | 'oldest.made' | 'low.made';

function start(config: RuntimeConfigInput = {}) {
  // Stands still while events are published.
  const clock = manualClock();
  const seen: string[] = [];
  const seeing = subscriber({
    events,
    pattern: '*.made',
    group: 'seeing',
    handle: ({ type, data: { n }, mergedCount = 1 }) =>
      void seen.push(`${type.split('.')[0]} ${n}${mergedCount > 1 ? ` of ${mergedCount}` : ''}`),
  });
  const { main, stop } = openShard(events, [seeing], clock, { publishRate: limited, ...config });
  onTestFinished(stop);
  const publish = (type: Type, n: number, of = 0): PublishOutcome => main.publisher.publish(type, { key: of, n });
  const turn = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(TURN_US);
  };
  const until = async (count: number): Promise<void> => {
    while (seen.length < count) await turn();
  };
  /** Lets time pass until something has happened. */
  const during = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = (): void => void (isOver = true);
    work.then(over, over);
    while (!isOver) await turn();
    return work;
  };
  return { main, seen, publish, until, during, turn, pass: clock.advance };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('a rate limit that queues', () => {
  it('accepts at once what its burst allows, keeps the rest, and lets all of it go in order', async () => {
    const { main, seen, publish, until } = start();
    const outcomes = numbers(40).map((n) => publish('plain.made', n));
    expect(byStatus(outcomes)).toEqual({ accepted: BURST, staged: 40 - BURST });
    expect(main.publisher.overflow.staged).toBe(40 - BURST);
    await until(40);
    expect(seen).toEqual(numbers(40).map((n) => `plain ${n}`));
    expect(main.publisher.overflow.staged).toBe(0);
  });

  it('does not let time in the queue count as a wait for room', async () => {
    // Fifty events take a hundred times as long as room may be waited for.
    const { publish, until, main } = start({ stage: { maxWaitMs: 1 } });
    const dropped: string[] = [];
    main.publisher.overflow.onDrop = (type) => dropped.push(type);
    for (const n of numbers(25)) publish('oldest.made', n);
    for (const n of numbers(25)) publish('latest.made', n);
    await until(26);
    expect(dropped).toEqual([]);
  });

  it('serves the highest priority first', async () => {
    const { seen, publish, until } = start();
    for (const n of numbers(20)) publish('plain.made', n);
    // Nobody of its priority waits, but all tokens are gone.
    for (const n of numbers(3)) publish('urgent.made', n);
    await until(23);
    const urgent = seen.map((one, place) => (one.startsWith('urgent') ? place : -1)).filter((place) => place >= 0);
    expect(urgent).toHaveLength(3);
    expect(Math.max(...urgent)).toBeLessThan(BURST + 3);
  });

  it('keeps the newest event of a key where the type coalesces, in the place of the first', async () => {
    const { seen, publish, until } = start();
    for (const n of numbers(BURST + 1)) publish('plain.made', n);
    expect(byStatus(numbers(10).map((n) => publish('latest.made', n)))).toEqual({ staged: 1, coalesced: 9 });
    publish('plain.made', BURST + 1);
    await until(BURST + 3);
    expect(seen.slice(BURST)).toEqual([`plain ${BURST}`, 'latest 9 of 10', `plain ${BURST + 1}`]);
  });

  it('refuses what the stage has no room for, and says when to come again', async () => {
    const { main, seen, publish, until, during, pass } = start({ stage: { events: 10 } });
    const outcomes = numbers(20).map((n) => publish('plain.made', n));
    expect(byStatus(outcomes)).toEqual({ accepted: BURST, staged: 10, 'rejected: rate': 5 });
    // Whatever has come in since then is for those that wait.
    pass(10_000);
    expect(publish('plain.made', 15)).toMatchObject({ status: 'rejected', reason: 'rate' });
    for (let n = BURST + 10; n < 40;) {
      if (publish('plain.made', n).accepted) n++;
      else await during(main.room.ready());
    }
    await until(40);
    expect(seen).toEqual(numbers(40).map((n) => `plain ${n}`));
  });

  it('takes turns with a sender and with a batch, which do not queue', async () => {
    const { main, publish, until, during } = start({ stage: { events: 1000 } });
    for (const n of numbers(900)) publish('plain.made', n);
    // Of lower priority than everything that waits, and refused as long as nothing is kept for it.
    await during(main.sends.send('low.made', { key: 0, n: 0 }));
    expect(main.publisher.overflow.staged).toBeGreaterThan(0);
    const batch = numbers(BURST).map((n) => ({ type: 'low.made', data: { key: 0, n } }));
    while (!main.publisher.publishBatch(batch).accepted) await during(main.room.ready());
    expect(main.publisher.overflow.staged).toBeGreaterThan(0);
    await until(901 + BURST);
  });

  it('keeps the newest event of a key also behind many others, in its place and without an end to its wait', async () => {
    const { main, seen, publish, until } = start({ stage: { maxWaitMs: 1 } });
    const dropped: string[] = [];
    main.publisher.overflow.onDrop = (type) => dropped.push(type);
    for (const n of numbers(BURST)) publish('plain.made', n);
    publish('latest.made', 0);
    for (const n of numbers(50)) publish('keyed.made', n);
    // Another event of its key was published since then, so it goes to the end, behind all of them.
    expect(publish('latest.made', 1)).toMatchObject({ status: 'coalesced', merged: 2 });
    expect(publish('latest.made', 2, 1)).toMatchObject({ status: 'staged' });
    for (const n of numbers(50)) publish('plain.made', n);
    expect(publish('latest.made', 3, 1)).toMatchObject({ status: 'coalesced', merged: 2 });
    await until(BURST + 50 + 2 + 50);
    expect(dropped).toEqual([]);
    expect(seen.filter((one) => one.startsWith('latest'))).toEqual(['latest 1 of 2', 'latest 3 of 2']);
    expect(seen.indexOf('latest 1 of 2')).toBe(BURST + 50);
    expect(seen.indexOf('latest 3 of 2')).toBe(BURST + 51);
  });

  it('has a newer event of a key, or of a type that gives way, take a place in a full stage', async () => {
    const { seen, publish, until } = start({ stage: { events: 2 } });
    for (const n of numbers(BURST)) publish('plain.made', n);
    expect(byStatus([publish('latest.made', 0), publish('oldest.made', 0)])).toEqual({ staged: 2 });
    expect(byStatus([publish('latest.made', 1), publish('oldest.made', 1)])).toEqual({ coalesced: 1, staged: 1 });
    expect(publish('plain.made', 9)).toMatchObject({ status: 'rejected', reason: 'rate' });
    await until(BURST + 2);
    expect(seen.slice(BURST)).toEqual(['latest 1 of 2', 'oldest 1']);
  });

  it('queues no more on a way where somebody waits for what stands there to go', async () => {
    const { main, publish, during, turn, until } = start();
    for (const n of numbers(30)) publish('plain.made', n);
    let isSent = false;
    const sent = main.sends.send('plain.made', { key: 0, n: 30 }).then(() => void (isSent = true));
    let queued = 0;
    // A flood of events that never ends by itself.
    while (!isSent) {
      if (publish('plain.made', 31).accepted) queued++;
      await turn();
    }
    await during(sent);
    expect(queued).toBeLessThan(100);
    await until(31 + queued);
  });

  it('takes turns also with one who asks more often than the queue', async () => {
    const { main, publish, turn } = start({ stage: { events: 1000 } });
    for (const n of numbers(300)) publish('plain.made', n);
    const low = main.publisher.typeOf('low.made');
    let asked = 0;
    while (asked < 50) {
      if (main.publisher.emit(low, { key: 0, n: asked }, {}, 0, false).accepted) asked++;
      await turn();
    }
    expect(main.publisher.overflow.staged).toBeLessThan(300 - 40);
  });

  it('takes no token for a sender that stands behind what is staged', async () => {
    const { main, publish, until, during } = start();
    for (const n of numbers(100)) publish('plain.made', n);
    const sent = main.sends.send('plain.made', { key: 0, n: 100 });
    for (const n of numbers(50))
      expect(main.publisher.emit(main.publisher.typeOf('plain.made'), { key: 0, n }, {}, 0, false)).toMatchObject({
        reason: 'staged',
      });
    await during(sent);
    await until(101);
  });
});
