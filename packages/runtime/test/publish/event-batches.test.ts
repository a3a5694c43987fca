/** Batches under a rate limit: what they take of it, and how often they run the user's code. The consumers stand still. */
import type { PublishOutcome } from '@ringmain/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvents } from '../../dist/index.js';
import { RouteTable } from '../../dist/publish/route-table.js';
import { keyOf, startStill } from './still-consumers.ts';

const BURST = 6;
const HOUR_MS = 3_600_000;
let keysTaken = 0;
const keyed = {
  schema: z.object({ key: z.int() }),
  codec: 'struct' as const,
  key: (data: { readonly key: number }): number => {
    keysTaken++;
    return data.key;
  },
};
const events = defineEvents({
  'slow.patient': { ...keyed, overflow: { policy: 'block', deadlineMs: HOUR_MS } },
  'both.plain': keyed,
});
const groups = { slow: ['slow.*', 'both.*'], fast: ['both.*'] };
const KEY = keyOf(0);
const OTHER = keyOf(1);
type Still = ReturnType<typeof startStill>;

beforeEach(() => void (keysTaken = 0));

function start(onLimit: 'reject' | 'queue' = 'reject') {
  const still = startStill(events, groups, { publishRate: { perSecond: 1, burst: BURST, onLimit } });
  const publish = (type: 'slow.patient' | 'both.plain', key: number): PublishOutcome => still.publisher.publish(type, { key });
  const batch = (...keys: readonly number[]): PublishOutcome =>
    still.publisher.publishBatch(keys.map((key) => ({ type: 'both.plain', data: { key } })));
  return { still, publish, batch };
}

/** An event of the key waits for room of the slow group, and was let through by the rate limit. */
function stageOne({ still, publish }: ReturnType<typeof start>): void {
  still.grant(0, 'slow', 0);
  expect(publish('slow.patient', KEY).status).toBe('staged');
}

describe('a batch takes no token', () => {
  it.each([
    ['staged', 'stands behind what waits for room', 1, stageOne],
    ['moving', 'is for a partition that moves', 0, ({ still }: { readonly still: Still }): void => still.move(KEY)],
  ] as const)('(%s) while it %s', (reason, _, taken, obstruct) => {
    const started = start();
    const { publish, batch } = started;
    obstruct(started);
    for (let count = 0; count < 20; count++) expect(batch(OTHER, KEY)).toMatchObject({ status: 'rejected', reason });
    for (let count = taken; count < BURST; count++) expect(publish('both.plain', OTHER).status).toBe('accepted');
    expect(publish('both.plain', OTHER)).toMatchObject({ status: 'rejected', reason: 'rate' });
  });
});

describe('the key of an event in a batch is computed once', () => {
  it.each(['reject', 'queue'] as const)('under a rate limit that would %s', (onLimit) => {
    const { batch } = start(onLimit);
    expect([batch(KEY, OTHER, KEY).status, keysTaken]).toEqual(['accepted', 3]);
  });

  it('where an event is queued', () => {
    const { still, publish, batch } = start('queue');
    for (let count = 0; count < BURST; count++) publish('both.plain', KEY);
    expect(publish('both.plain', KEY).status).toBe('staged');
    still.clock.advance(BURST * 1_000_000);
    keysTaken = 0;
    expect([batch(OTHER, OTHER), keysTaken]).toMatchObject([{ status: 'accepted' }, 2]);
    expect([batch(OTHER, KEY), keysTaken]).toMatchObject([{ status: 'rejected', reason: 'staged' }, 4]);
  });

  it('where one waits for room', () => {
    const started = start();
    stageOne(started);
    keysTaken = 0;
    expect([started.batch(OTHER, OTHER).status, keysTaken]).toEqual(['accepted', 2]);
  });
});

it('the key function of a batch publishes nothing', () => {
  const still = startStill(
    defineEvents({
      'both.plain': {
        ...keyed,
        key: (data: { readonly key: number }): number => {
          if (data.key === KEY) still.publisher.publish('both.plain', { key: OTHER });
          return data.key;
        },
      },
    }),
    groups,
    { publishRate: { perSecond: 1, burst: BURST } },
  );
  const entries = [OTHER, KEY].map((key) => ({ type: 'both.plain', data: { key } }));
  expect(() => still.publisher.publishBatch(entries)).toThrow('RINGMAIN_CLAIM_OPEN');
  expect(still.visible(1)).toBe(0);
});

it('a batch looks at the table of subscriptions for no event: each type has its route until the table is another one', () => {
  const { still, batch } = start();
  const looked: string[] = [];
  const table = (main: readonly string[]): void => {
    const { routeOf } = new RouteTable([], main);
    still.publishing.types.route((name) => {
      looked.push(name);
      return routeOf(name);
    });
  };
  table(['both.*']);
  const types = looked.splice(0);
  expect(types).toEqual(['both.plain', 'slow.patient']);
  expect(batch(KEY, OTHER, KEY)).toMatchObject({ status: 'accepted', targets: 1 });
  expect(looked).toEqual([]);
  table([]);
  expect(looked).toEqual(types);
  expect(batch(KEY, OTHER, KEY)).toMatchObject({ status: 'accepted', targets: 0 });
  expect(looked).toEqual(types);
});
