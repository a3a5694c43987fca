/**
 * The shipped consumer, dispatcher, bay, recovery and publisher of a shard that dies at every store to shared memory, and again at random
 * ones while its successors take over: nothing lost, everything counted once, keys in order, repeats only by deaths, poison set aside alone,
 * and one letter of each delivery that ended without success.
 */
import { seededRandom } from '@ringmain/core';
import { describe, expect, it } from 'vitest';
import { MortalShard } from './mortal-shard.ts';
import type { MortalOptions } from './mortal-shard.ts';

const never = (): boolean => false;
const always = (): boolean => true;
const atFirst = (_: number, attempt: number): boolean => attempt === 1;
const odd = (id: number): boolean => id % 2 === 1;

const scenarios: Record<string, MortalOptions> = {
  'synchronous groups': { events: 3, keys: 2, groups: [{ isAsync: never }, { isAsync: never }] },
  'groups that return promises': {
    events: 3,
    keys: 2,
    groups: [{ isAsync: always }, { isAsync: never }, { isAsync: always }],
    position: -9,
  },
  'handlers that publish': {
    events: 3,
    keys: 2,
    groups: [
      { isAsync: odd, extra: (id, ctx) => void ctx.publish('noted', { id }) },
      { pattern: 'noted', isAsync: never },
      { pattern: 'noted', isAsync: always },
    ],
  },
  'handlers that publish batches over several lanes': {
    events: 2,
    keys: 2,
    groups: [
      {
        isAsync: odd,
        extra: (id, ctx) =>
          void ctx.publishBatch([
            { type: 'noted', data: { id } },
            { type: 'noted', data: { id: id + 1 } },
            { type: 'noted', data: { id: id + 2 }, priority: 'high' },
          ]),
      },
      { pattern: 'noted', isAsync: never },
    ],
  },
  'senders that wait for the answer': { events: 3, keys: 2, answers: true, groups: [{ isAsync: odd }, { isAsync: never }] },
  'groups that take batches': {
    events: 5,
    keys: 2,
    groups: [
      { isAsync: always, batch: 2 },
      { isAsync: never, batch: 3 },
      { isAsync: odd, batch: 10 },
    ],
  },
  'batches that publish, beside handlers of single events': {
    events: 4,
    keys: 2,
    groups: [
      { isAsync: odd, batch: 3, extra: (id, ctx) => void ctx.publish('noted', { id }) },
      { isAsync: always },
      { pattern: 'noted', isAsync: always, batch: 2 },
    ],
  },
  'batches of senders that wait for the answer': {
    events: 3,
    keys: 2,
    answers: true,
    groups: [{ isAsync: odd, batch: 2 }, { isAsync: never }],
  },
  'a bay that is full of batches': {
    events: 6,
    keys: 3,
    slots: 4,
    bayBytes: 256,
    groups: [{ isAsync: always, batch: 10 }, { isAsync: odd }],
  },
  'handlers that fail': {
    events: 4,
    keys: 2,
    groups: [
      { isAsync: never, fails: atFirst },
      { isAsync: always, fails: atFirst },
      { isAsync: odd, fails: atFirst, continues: true },
    ],
  },
  'batches that fail': {
    events: 5,
    keys: 2,
    groups: [
      { isAsync: odd, batch: 3, fails: atFirst },
      { isAsync: never, batch: 2, fails: atFirst },
    ],
  },
  'senders that wait for handlers that fail': {
    events: 3,
    keys: 1,
    answers: true,
    groups: [{ isAsync: odd, fails: atFirst }],
  },
  'handlers that give up': {
    events: 3,
    keys: 2,
    groups: [
      { isAsync: never, givesUp: always },
      { isAsync: odd, givesUp: odd },
    ],
  },
  'senders that wait for handlers that give up, and batches': {
    events: 3,
    keys: 1,
    answers: true,
    groups: [
      { isAsync: odd, givesUp: odd },
      { isAsync: always, batch: 2, givesUp: always },
    ],
  },
  'groups that take what they get': {
    events: 3,
    keys: 2,
    groups: [
      { isAsync: never, delivery: 'best-effort', fails: odd },
      { isAsync: odd, delivery: 'best-effort', fails: (id) => id === 1 },
    ],
  },
  'groups that want the latest event': {
    events: 3,
    keys: 1,
    groups: [
      { isAsync: odd, delivery: 'latest-only' },
      { isAsync: never, delivery: 'latest-only', fails: atFirst },
    ],
  },
  'senders that wait for such groups': {
    events: 3,
    keys: 1,
    answers: true,
    groups: [
      { isAsync: odd, delivery: 'best-effort' },
      { isAsync: always, delivery: 'latest-only' },
    ],
  },
  'groups that drop repeats': { events: 2, keys: 1, repeats: true, groups: [{ isAsync: odd }, { isAsync: never }] },
  'a bay that is full': { events: 5, keys: 3, slots: 4, bayBytes: 256, groups: [{ isAsync: always }, { isAsync: odd }] },
};

/** Of the acts at which a first death is followed by another, one of three is enough for everyday; they begin at a random one. */
const STRIDE = process.env['RINGMAIN_EXPLORE'] === 'full' ? 1 : 3;

/** Kills the first generation at every act; `more` successors die at random ones. */
async function killEverywhere(options: MortalOptions, more: number, seed: number): Promise<number> {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const stride = more === 0 ? 1 : STRIDE;
  for (let first = below(stride); ; first += stride) {
    const shard = new MortalShard(options);
    const settleAt = below(3);
    const survived = shard.live(first, settleAt);
    let lived = survived;
    for (let death = 0; death < more && !lived; death++) lived = shard.live(below(below(2) === 0 ? 60 : 250), settleAt);
    if (!lived) shard.live(Number.POSITIVE_INFINITY, settleAt);
    try {
      shard.check();
    } catch (error) {
      throw new Error(`first death at act ${first}, seed ${seed}`, { cause: error });
    }
    if (options.answers === true) expect(await Promise.allSettled(shard.answers)).toHaveLength(options.events);
    shard.close();
    if (survived) return first;
  }
}

/** One group dies of some events later, and one of event 4 at once. */
function checkPoison(keys: number, poison: readonly number[], settleAt: number, handling: { readonly batch?: number }): void {
  const groups = [
    { isAsync: always, killsLater: (id: number) => poison.includes(id), ...handling },
    { isAsync: never, kills: (id: number) => id === 4, ...handling },
  ];
  const shard = new MortalShard({ events: 8, keys, groups });
  let lived = false;
  for (let generation = 0; generation < 40 && !lived; generation++) lived = shard.live(Number.POSITIVE_INFINITY, settleAt);
  shard.check();
  const what = { keys, poison, settleAt, ...handling };
  expect({ ...what, ...shard.counted(0) }).toMatchObject({ ...what, delivered: 8 - poison.length, deadLettered: poison.length });
  expect({ ...what, ...shard.counted(1) }).toMatchObject({ ...what, delivered: 7, deadLettered: 1 });
}

describe('A shard that dies', () => {
  for (const [name, options] of Object.entries(scenarios)) {
    it.each([
      ['once', 0],
      ['twice', 1],
    ])(`%s, at any store, loses nothing: ${name}`, { timeout: 120_000 }, async (_, more) => {
      expect(await killEverywhere(options, more, 20_240_611 + more)).toBeGreaterThan(50);
    });
  }

  it('three times of one event sets that event aside and no other, whether it kills at once or later', () => {
    for (const keys of [1, 3, 10]) {
      for (const poison of [[1], [1, 3], [1, 5]]) {
        for (const settleAt of [0, 1]) checkPoison(keys, poison, settleAt, {});
      }
    }
  });

  it('while a suspect runs alone is charged to it, and not to the record whose next step waits', { timeout: 120_000 }, () => {
    const poison = (id: number): boolean => id === 0;
    const groups = [{ isAsync: poison, killsLater: poison }, { isAsync: never }];
    const after = (acts: readonly number[]): MortalShard => {
      const shard = new MortalShard({ events: 3, keys: 3, groups });
      for (const act of acts) expect(shard.live(act)).toBe(false);
      return shard;
    };
    /** The first act at which a death, between two steps of a record, is charged to the delivery that runs in the bay. */
    const firstCharged = (acts: readonly number[], deaths: number): number => {
      let act = 0;
      while (after([...acts, act]).charges() < deaths) act++;
      return act;
    };
    const first = firstCharged([], 1);
    let found = 0;
    for (let act = firstCharged([first], 2); ; act++) {
      const shard = after([first, act]);
      if (shard.charges() < 2) continue;
      let more = 0;
      while (!shard.live()) more++;
      // Its own death is the third. If another were charged with that, it would kill once more.
      expect({ act, more }).toEqual({ act, more: 1 });
      shard.check();
      expect([shard.counted(0), shard.counted(1)]).toMatchObject([
        { delivered: 2, deadLettered: 1 },
        { delivered: 3, deadLettered: 0 },
      ]);
      found++;
      if (found > 40) break;
    }
  });

  it('three times of one event of a batch sets that event aside and no other', () => {
    for (const keys of [1, 3, 10]) {
      for (const poison of [[1], [1, 3], [1, 5]]) {
        for (const batch of [1, 3, 100]) checkPoison(keys, poison, 0, { batch });
      }
    }
  });
});
