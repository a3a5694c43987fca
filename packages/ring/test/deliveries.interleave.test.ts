/**
 * Deliveries over the shipped ring, ledgers, bay and counters, killed at every act and succeeded: nothing lost, nothing torn, in order of
 * key, counted exactly once, and delivered again only after a death.
 *
 * Exhaustive for four events, two groups (one synchronous, one that parks in the bay and settles later) and two deaths of the consumer,
 * with the records in the ring already: a death inside of a delivery does not depend on when the next record came. Four publishes and two
 * deaths of the producer are exhaustive in the same way. Both at once, with bells, are exhaustive for fewer events and sampled for more.
 * Forms: see `scenarios/full-form.ts`.
 */
import * as ring from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import type { DeliveryPlan } from './scenarios/delivery-scenarios.ts';
import { deliveryScenario } from './scenarios/delivery-scenarios.ts';
import { exploreAll, plansOf, sampleSome } from './scenarios/full-form.ts';
import { PUBLICATION_PLANS, SMALL_DELIVERY_PLANS } from './scenarios/mutation-suite.ts';
import { publicationScenario } from './scenarios/publication-scenarios.ts';

type IsAsync = (id: number, attempt: number) => boolean;

const sync: IsAsync = () => false;
const async: IsAsync = () => true;
const odd: IsAsync = (id) => id % 2 === 1;
const once: IsAsync = (_, attempt) => attempt === 1;

const four = { keys: [1, 1, 2, 1], published: 4, kills: { max: 2, victims: ['consumer'] } };
const live = { keys: [1, 1], groups: [sync, async], published: 0 };

const short: readonly DeliveryPlan[] = [
  ...SMALL_DELIVERY_PLANS,
  { ...four, name: 'four events, two groups, two deaths', groups: [sync, async] },
  { ...four, name: 'four events, the other order of groups', groups: [async, sync] },
  { ...four, name: 'four events, a full bay', groups: [odd, once], slots: 2, chunks: 1 },
  { ...four, name: 'four events without keys, settled at once', keys: [0, 0, 0, 0], groups: [sync, async], settle: 'first' },
  {
    ...live,
    name: 'one live event, one group, either side dies',
    keys: [1],
    groups: [async],
    kills: { max: 1, victims: ['producer', 'consumer'] },
  },
];

const full: readonly DeliveryPlan[] = [
  { ...live, name: 'credit for one event at a time', groups: [async], share: 1, kills: { max: 0, victims: [] } },
  { ...live, name: 'one live event, either side dies', keys: [1], kills: { max: 1, victims: ['producer', 'consumer'] } },
  {
    ...live,
    name: 'credit for one event, the consumer dies',
    share: 1,
    groups: [async],
    kills: { max: 1, victims: ['consumer'] },
  },
  {
    ...live,
    name: 'credit for one event, the producer dies',
    share: 1,
    groups: [async],
    kills: { max: 1, victims: ['producer'] },
  },
  { ...live, name: 'two live events, the consumer dies', kills: { max: 1, victims: ['consumer'] } },
  { ...four, name: 'four events, settled at any time in any order', groups: [sync, async], settle: 'any' },
  { ...four, name: 'four events, two groups that both park', groups: [async, async] },
  { ...live, name: 'a record more while the consumer dies twice', published: 1, kills: { max: 2, victims: ['consumer'] } },
  { ...live, name: 'two live events, either side dies', kills: { max: 1, victims: ['producer', 'consumer'] } },
  { ...live, name: 'one live event, both sides die', keys: [1], kills: { max: 2, victims: ['producer', 'consumer'] } },
];

const anyone = ['producer', 'consumer'];
const ten = [1, 2, 1, 3, 0, 2, 1, 1, 2, 3];
const sampled: readonly DeliveryPlan[] = [
  {
    name: 'ten events through a small ring and a small bay over 2^32',
    keys: ten,
    groups: [sync, async, odd],
    published: 0,
    capacityBytes: 64,
    position: -5,
    slots: 4,
    chunks: 2,
    settle: 'any',
    kills: { max: 2, victims: anyone },
  },
  {
    name: 'ten events, four deaths, over 2^31, with credit for two',
    keys: ten,
    share: 2,
    groups: [once, async],
    published: 0,
    position: 0x7fff_fffb,
    settle: 'either',
    kills: { max: 4, victims: anyone },
  },
];

describe('DeliveryLedger, Bay and RingConsumer', () => {
  it.each(plansOf(short, full))('lose nothing and count once under every schedule and death: %s', (_, plan) => {
    expect(exploreAll(deliveryScenario(ring, plan)).executions).toBeGreaterThan(10);
  });

  it.each(plansOf(sampled, []))('lose nothing and count once in random schedules: %s', (_, plan) => {
    expect(sampleSome(deliveryScenario(ring, plan), 1).killPoints).toBeGreaterThan(1000);
  });
});

describe('PublicationLedger', () => {
  it.each(plansOf(PUBLICATION_PLANS, []))('counts every publish once, whenever its thread dies: %s', (_, plan) => {
    expect(exploreAll(publicationScenario(ring, plan)).executions).toBeGreaterThan(10);
  });
});
