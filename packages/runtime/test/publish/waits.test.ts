/** Whoever waits is woken by the end of what refused it, tries then and only then, and is never forgotten. Every try is a refusal, which is counted. */
import type { PublishOutcome } from '@ringmain/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineEvents } from '../../dist/index.js';
import { keyOf, startStill, turns } from './still-consumers.ts';

const HOUR_MS = 3_600_000;
const TURNS = 500;
const schema = z.object({ key: z.int() });
const key = (data: { readonly key: number }): number => data.key;
const keyed = { schema, codec: 'struct' as const, key };
const events = defineEvents({
  'both.patient': { ...keyed, overflow: { policy: 'block', deadlineMs: HOUR_MS } },
  'both.hasty': { ...keyed, overflow: { policy: 'block', deadlineMs: 1000 } },
  'both.oldest': { ...keyed, overflow: { policy: 'drop-old' } },
  'both.latest': { ...keyed, overflow: { policy: 'coalesce' } },
  'one.plain': keyed,
  'one.hasty': { ...keyed, overflow: { policy: 'block', deadlineMs: 1000 } },
  'one.patient': { ...keyed, overflow: { policy: 'block', deadlineMs: HOUR_MS } },
});
const groups = { slow: ['both.*'], fast: ['both.*', 'one.*'] };
const KEY = keyOf(0);
const OTHER = keyOf(1);
type Still = ReturnType<typeof startStill>;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Lets time pass, and the event loop turn. */
async function pass({ clock }: Still, ms: number): Promise<void> {
  clock.advance(ms * 1000);
  vi.advanceTimersByTime(ms);
  await turns(3);
}

/** One of each that waits for room for an event; resolves with what became of them. */
function waiters(still: Still): Promise<unknown>[] {
  const { publisher, publishing, ready, writable } = still;
  const data = { key: KEY };
  const again = async (publish: () => PublishOutcome, wait: () => Promise<void>): Promise<string> => {
    for (;;) {
      const outcome = publish();
      if (outcome.status !== 'rejected') return outcome.status;
      if (still.rejected() > TURNS) throw new Error('tries in every turn');
      await wait();
    }
  };
  const batch = (): PublishOutcome => publisher.publishBatch([{ type: 'one.plain', data }]);
  const emit = (): PublishOutcome => publisher.emit(publisher.typeOf('one.plain'), data, {}, 0, false);
  return [
    publishing.sends.send('one.plain', data, { timeoutMs: 2 * HOUR_MS }).then(({ status }) => status),
    writable('one.plain')
      .getWriter()
      .write(data)
      .then(() => 'accepted'),
    again(batch, () => ready('one.plain')),
    again(batch, () => ready()),
    again(emit, () => ready('one.plain')),
  ];
}

/** Nobody tries while nothing happens, however long that lasts. */
async function expectNoTries(still: Still): Promise<void> {
  await turns(5);
  const before = still.rejected();
  await turns(TURNS);
  // What anybody else has to wait for is no reason to try either.
  await pass(still, 100);
  await turns(TURNS);
  expect(still.rejected()).toBe(before);
}

const ACCEPTED = Array.from({ length: 5 }, () => 'accepted');

describe('who waits for', () => {
  it('a partition that moves, while the stage is full, tries again when it has arrived', async () => {
    const still = startStill(events, groups, { stage: { events: 1 } });
    still.move(KEY);
    expect(still.publisher.publish('one.plain', { key: KEY }).status).toBe('staged');
    const waiting = waiters(still);
    expect(still.publisher.publish('one.plain', { key: KEY })).toMatchObject({ status: 'rejected', reason: 'moving' });
    await expectNoTries(still);
    // Other keys, and types that were not refused, do not wait.
    expect(still.publisher.publish('one.plain', { key: OTHER }).status).toBe('accepted');
    await still.ready('one.patient');
    still.arrive(KEY, 1);
    expect(await Promise.all(waiting)).toEqual(ACCEPTED);
    expect(still.publisher.overflow.staged).toBe(0);
  });

  it('earlier events in the stage, which wait for the credit of a group of theirs, tries again when they have gone', async () => {
    const still = startStill(events, groups);
    still.grant(0, 'slow', 0);
    expect(still.publisher.publish('both.patient', { key: KEY }).status).toBe('staged');
    const waiting = waiters(still);
    expect(still.publisher.publish('one.plain', { key: KEY })).toMatchObject({ status: 'rejected', reason: 'staged' });
    await expectNoTries(still);
    still.grant(0, 'slow', 100);
    still.ring();
    expect(await Promise.all(waiting)).toEqual(ACCEPTED);
  });

  it('earlier events in the stage tries again when these are dropped there, or expire', async () => {
    const still = startStill(events, groups, { stage: { events: 1 } });
    still.grant(0, 'slow', 0);
    expect(still.publisher.publish('both.hasty', { key: KEY }).status).toBe('staged');
    const waiting = waiters(still);
    await expectNoTries(still);
    await pass(still, 1000);
    expect(await Promise.all(waiting)).toEqual(ACCEPTED);
    expect(still.publisher.publish('both.oldest', { key: KEY }).status).toBe('staged');
    const next = waiters(still);
    await turns(5);
    // Takes the place of the first one; its own partition is another one.
    still.grant(1, 'slow', 0);
    expect(still.publisher.publish('both.oldest', { key: OTHER }).status).toBe('staged');
    expect(await Promise.all(next)).toEqual(ACCEPTED);
  });

  it('earlier events in the stage, or for a move, is let go when the publisher closes', async () => {
    const still = startStill(events, groups, { stage: { events: 1 } });
    still.grant(0, 'slow', 0);
    expect(still.publisher.publish('both.patient', { key: KEY }).status).toBe('staged');
    still.move(OTHER);
    for (const to of [KEY, OTHER]) expect(still.publisher.publish('one.plain', { key: to }).status).toBe('rejected');
    const waiting = [still.ready(), still.ready('one.plain')];
    still.arrive(OTHER, 0);
    still.publisher.close();
    await Promise.all(waiting);
  });

  it('a lane tries again when it has room', async () => {
    const still = startStill(events, groups);
    while (still.publisher.publish('one.plain', { key: KEY }).accepted);
    const waiting = waiters(still);
    await expectNoTries(still);
    still.drain(0);
    expect(await Promise.all(waiting)).toEqual(ACCEPTED);
  });

  it('more credit than half of what there is tries at times, and not in every turn', async () => {
    const still = startStill(events, groups);
    still.grant(0, 'fast', 20);
    const batch = Array.from({ length: 25 }, () => ({ type: 'one.plain', data: { key: KEY } }));
    let tries = 0;
    const publish = async (): Promise<string> => {
      for (;;) {
        const outcome = still.publisher.publishBatch(batch);
        if (outcome.status !== 'rejected') return outcome.status;
        if (++tries > TURNS) throw new Error('tries in every turn');
        await still.ready();
      }
    };
    const published = publish();
    await turns(TURNS);
    expect(tries).toBe(1);
    await pass(still, 10);
    await turns(TURNS);
    expect(tries).toBe(2);
    still.grant(0, 'fast', 1000);
    await pass(still, 10);
    expect(await published).toBe('accepted');
  });
});

describe('ready()', () => {
  it('of another type than was refused leaves the thread to others', async () => {
    const still = startStill(events, groups);
    still.grant(0, 'slow', 0);
    let turned = false;
    setImmediate(() => (turned = true));
    for (let tries = 0; !turned && tries < 1000; tries++) {
      expect(still.publisher.emit(still.publisher.typeOf('both.patient'), { key: KEY }, {}, 0, false).status).toBe('rejected');
      await still.ready('one.plain');
    }
    expect(turned).toBe(true);
  });
});

describe('what stands in the stage', () => {
  it('for want of credit goes on when the credit came before its wish was seen: nobody rings for that', async () => {
    const still = startStill(events, groups);
    still.grant(0, 'slow', 0);
    expect(still.publisher.publish('both.patient', { key: KEY }).status).toBe('staged');
    still.grant(0, 'slow', 100);
    await turns(3);
    expect(still.publisher.overflow.staged).toBe(0);
  });

  it('for want of credit is rung for by whoever grants half of the window: it has said from where it waits', async () => {
    const still = startStill(events, groups);
    still.grant(0, 'slow', 20);
    // Of the highest priority, to which nothing of the window is denied.
    const publish = (): string => still.publisher.publish('both.patient', { key: KEY }, { priority: 'critical' }).status;
    while (publish() === 'accepted');
    expect(still.publisher.overflow.staged).toBe(1);
    await turns(3);
    expect(still.settle(0, 'slow', 10)).toBe(true);
    still.ring();
    expect(still.publisher.overflow.staged).toBe(0);
  });

  it.each([
    ['expires', 'both.hasty', 1000],
    ['is dropped for a newer one', 'both.oldest', 0],
    ['is replaced by a newer one', 'both.latest', 0],
  ] as const)('behind an event that %s goes on at once', async (_, type, waitMs) => {
    const still = startStill(events, groups, { stage: { events: 2, maxWaitMs: HOUR_MS } });
    still.grant(0, 'slow', 0);
    expect(still.publisher.publish(type, { key: KEY }).status).toBe('staged');
    expect(still.publisher.publish('one.patient', { key: KEY }).status).toBe('staged');
    await turns(5);
    expect(still.publisher.overflow.staged).toBe(2);
    if (waitMs === 0) expect(still.publisher.publish(type, { key: KEY }).accepted).toBe(true);
    await pass(still, waitMs);
    // The newer one waits for credit itself.
    expect(still.publisher.overflow.staged).toBe(waitMs === 0 ? 1 : 0);
  });

  it('while its partition moves is not dropped for that', async () => {
    const still = startStill(events, groups, { stage: { maxWaitMs: 1000 } });
    still.move(KEY);
    for (const type of ['one.plain', 'one.hasty'] as const)
      expect(still.publisher.publish(type, { key: KEY }).status).toBe('staged');
    expect(still.publisher.publish('one.plain', { key: KEY }).status).toBe('staged');
    // A delivery waits for the last one.
    const settled = vi.fn<() => void>();
    void still.publisher.overflow.lastSettled().then(settled);
    await pass(still, HOUR_MS);
    expect(still.publisher.overflow.staged).toBe(3);
    still.grant(1, 'fast', 0);
    still.arrive(KEY, 1);
    // Where it has arrived there is no room: the policy that stages goes by its deadline, and whoever holds a delivery open waits for no longer.
    await pass(still, 999);
    expect(still.publisher.overflow.staged).toBe(3);
    await pass(still, 2);
    expect([still.publisher.overflow.staged, settled.mock.calls.length]).toEqual([1, 1]);
    await pass(still, HOUR_MS);
    expect(still.publisher.overflow.staged).toBe(1);
    still.grant(1, 'fast', 100);
    still.ring();
    expect(still.publisher.overflow.staged).toBe(0);
  });

  it('for the rate limit begins to wait for room when it is paid, or what it stood behind, and not before', async () => {
    const limited = { perSecond: 1, burst: 2, onLimit: 'queue' } as const;
    const still = startStill(events, groups, { publishRate: limited, stage: { maxWaitMs: 3000 } });
    const dropped: string[] = [];
    still.publisher.overflow.onDrop = (type) => dropped.push(type);
    still.grant(0, 'slow', 0);
    const publish = (type: 'both.latest' | 'both.oldest' | 'one.plain', to: number): string =>
      still.publisher.publish(type, { key: to }).status;
    expect([publish('one.plain', KEY), publish('one.plain', KEY)]).toEqual(['accepted', 'accepted']);
    expect([publish('both.latest', KEY), publish('both.latest', KEY)]).toEqual(['staged', 'coalesced']);
    expect(publish('both.oldest', KEY)).toBe('staged');
    expect(Array.from({ length: 3 }, () => publish('one.plain', OTHER))).toEqual(['staged', 'staged', 'staged']);
    // One is paid each second. Room is not what they waited for until then; the first may have come to stand behind others.
    for (let second = 1; second <= 5; second++) {
      await pass(still, 1000);
      expect([dropped, still.visible(1) > 0]).toEqual([second < 5 ? [] : ['both.oldest'], second > 2]);
    }
    await pass(still, 2999);
    expect([dropped, still.publisher.overflow.staged]).toEqual([['both.oldest'], 1]);
    await pass(still, 1);
    expect([dropped, still.publisher.overflow.staged]).toEqual([['both.oldest', 'both.latest'], 0]);
  });

  it('for what it stands behind begins to wait for room when that is dropped', async () => {
    const limited = { perSecond: 1, burst: 2, onLimit: 'queue' } as const;
    const still = startStill(events, groups, { publishRate: limited, stage: { events: 2, maxWaitMs: 3000 } });
    const dropped: string[] = [];
    still.publisher.overflow.onDrop = (type, reason) => dropped.push(`${type} ${reason}`);
    still.grant(0, 'slow', 0);
    const publish = (type: 'both.latest' | 'both.oldest' | 'one.plain', priority: 'critical' | 'normal' = 'normal'): string =>
      still.publisher.publish(type, { key: KEY }, { priority }).status;
    expect([publish('one.plain'), publish('one.plain'), publish('both.latest')]).toEqual(['accepted', 'accepted', 'staged']);
    await pass(still, 1000);
    // Its ticket is paid; but its newer version goes to the end, behind one that is not.
    expect([publish('both.oldest'), publish('both.latest')]).toEqual(['staged', 'coalesced']);
    // The token of a second in which nobody has looked yet goes to the most urgent, for which the oldest of its type gives way.
    still.clock.advance(1_000_000);
    expect([publish('both.oldest', 'critical'), dropped]).toEqual(['staged', ['both.oldest drop-old']]);
    await pass(still, 3000);
    expect([dropped.slice(1).toSorted(), still.publisher.overflow.staged]).toEqual([
      ['both.latest expired', 'both.oldest expired'],
      0,
    ]);
  });
});
