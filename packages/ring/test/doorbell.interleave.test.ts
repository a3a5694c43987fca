/**
 * Every schedule of parking and ringing in both directions over the shipped doorbell and ring: nobody sleeps for ever, whoever dies.
 * The consumer sleeps until there are records, the producer until there is room; after a death the successor wakes both sides.
 *
 * Exhaustive for four events and two deaths: `both sides sleep, both die twice` is all of it in one scenario, with records that are alike,
 * for what is in them does not decide who sleeps; `ring.interleave.test.ts` and `deliveries.interleave.test.ts` look at the contents.
 * Forms: see `scenarios/full-form.ts`.
 */
import * as ring from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import type { DoorbellPlan } from './scenarios/doorbell-scenarios.ts';
import { doorbellScenario } from './scenarios/doorbell-scenarios.ts';
import { exploreAll, plansOf } from './scenarios/full-form.ts';
import { SMALL_DOORBELL_PLANS } from './scenarios/mutation-suite.ts';

const alike = { producers: 1, eventsEach: 4, batch: 2, position: -2, wait: 'async', quietData: true } as const;
const whole = { producers: 1, eventsEach: 4, position: -3, capacityBytes: 64, wait: 'async' } as const;
const anyone = ['producer 0', 'consumer'];

const short: readonly DoorbellPlan[] = [
  ...SMALL_DOORBELL_PLANS,
  { ...whole, name: 'whole records over the wrap, both sides sleep', batch: 2 },
  { ...whole, name: 'whole records, blocking waits', batch: 4, wait: 'blocking' },
  { ...alike, name: 'room for all, both die twice', capacityBytes: 128, kills: { max: 2, victims: anyone } },
];

const full: readonly DoorbellPlan[] = [
  { ...whole, name: 'whole records, a commit each' },
  { ...whole, name: 'whole records, a commit each, blocking waits', wait: 'blocking' },
  { ...whole, name: 'whole records, a consumer dies', batch: 2, kills: { max: 1, victims: ['consumer'] } },
  { ...whole, name: 'whole records, a producer dies', batch: 2, kills: { max: 1, victims: ['producer 0'] } },
  { ...alike, name: 'a commit each', capacityBytes: 32, batch: 1 },
  { ...alike, name: 'two producers, two events each', producers: 2, eventsEach: 2, batch: 1, capacityBytes: 64 },
  { ...alike, name: 'both sides sleep, a producer dies twice', capacityBytes: 32, kills: { max: 2, victims: ['producer 0'] } },
  { ...alike, name: 'both sides sleep, a consumer dies twice', capacityBytes: 32, kills: { max: 2, victims: ['consumer'] } },
  { ...alike, name: 'both sides sleep, both die twice', capacityBytes: 32, kills: { max: 2, victims: anyone } },
];

describe('Doorbell', () => {
  it.each(plansOf(short, full))('wakes whoever has something to do under every schedule: %s', (_, plan) => {
    expect(exploreAll(doorbellScenario(ring, plan)).executions).toBeGreaterThan(10);
  });
});
