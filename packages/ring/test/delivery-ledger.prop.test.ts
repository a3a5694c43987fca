/**
 * Deliveries over ledger, bay and ring in memory whose owner dies at any act, up to twice at every pair of acts and more often at random:
 * nothing lost, counted exactly once, in order of key, and delivered again only what was in flight.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeliveryScenario } from './delivery-scenario.ts';
import type { ScenarioOptions } from './delivery-scenario.ts';
import { Death } from './mortal-memory.ts';

type IsAsync = (id: number, attempt: number) => boolean;

const sync: IsAsync = () => false;
const async: IsAsync = () => true;
const odd: IsAsync = (id) => id % 2 === 1;
const firstOnly: IsAsync = (_, attempt) => attempt === 1;

/** Kills the first generation at every act, and its successor at every act of its own. */
function killTwiceEverywhere(options: ScenarioOptions): number {
  let runs = 0;
  for (let first = 0; ; first++) {
    const probe = new DeliveryScenario(options);
    if (probe.live(first) !== undefined) return runs;
    for (let second = 0; ; second++) {
      const scenario = new DeliveryScenario(options);
      scenario.live(first);
      const survived = scenario.live(second, 1) !== undefined;
      if (!survived) expect(scenario.live()).toBeDefined();
      scenario.check();
      runs++;
      if (survived) break;
    }
  }
}

const keyed = [
  { lane: 0, key: 7, bytes: 12 },
  { lane: 0, key: 7, bytes: 20 },
];

describe('DeliveryLedger and Bay', () => {
  it.each<[string, ScenarioOptions]>([
    ['a bay with room for one record only', { records: keyed, groups: [async, async], slots: 2, chunks: 1 }],
    ['handlers that return promises once', { records: keyed, groups: [firstOnly, firstOnly] }],
    ['events without a key', { records: keyed.map((one) => ({ ...one, key: 0 })), groups: [async, sync] }],
    [
      'two lanes and a wrap',
      { records: [0, 1, 0].map((lane) => ({ lane, key: 3, bytes: 24 })), groups: [odd], laneBytes: 128, position: -5 },
    ],
  ])('survive two deaths at every pair of acts: %s', { timeout: 120_000 }, (_, options) => {
    expect(killTwiceEverywhere(options)).toBeGreaterThan(500);
  });

  it('survive up to six deaths at random acts, with full bays, several lanes and groups', () => {
    const record = fc.record({ lane: fc.nat(2), key: fc.nat(3), bytes: fc.integer({ min: 8, max: 120 }) });
    const group = fc.constantFrom(sync, async, odd, firstOnly);
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 8 }),
        fc.array(group, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 4, max: 9 }),
        fc.constantFrom(2, 4, 8),
        fc.array(fc.tuple(fc.nat(150), fc.nat(3)), { maxLength: 6 }),
        fc.constantFrom(0, -7, 0x7fff_fff9),
        (records, groups, slots, chunks, kills, position) => {
          const scenario = new DeliveryScenario({ records, groups, slots, chunks, position, laneBytes: 2048 });
          for (const [acts, settleAt] of kills) if (scenario.live(acts, settleAt) !== undefined) break;
          scenario.live();
          scenario.check();
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['synchronous', sync],
    ['asynchronous', async],
  ])('set a %s event that kills its thread aside after three deaths, and nothing else', (_, poisoned) => {
    for (const others of [sync, async]) {
      const records = [1, 2, 3, 4, 5].map((key) => ({ lane: 0, key, bytes: 16 }));
      const scenario = new DeliveryScenario({
        records,
        groups: [(id, attempt) => (id === 2 ? poisoned(id, attempt) : others(id, attempt)), others],
        onHandle: (group, id, lifetime) => {
          if (group !== 0 || id !== 2) return;
          lifetime.act();
          throw new Death();
        },
      });
      let generations = 1;
      while (scenario.live() === undefined && generations < 20) generations++;
      expect(generations).toBe(4);
      expect(scenario.counted(0)).toEqual({ delivered: 4, deadLettered: 1 });
      expect(scenario.counted(1)).toEqual({ delivered: 5, deadLettered: 0 });
      scenario.check();
    }
  });
});
