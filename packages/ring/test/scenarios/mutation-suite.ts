/** The small scenarios that every seeded fault is put before, cheapest first. */
import { explore } from '@ringmain/testkit';
import type { Scenario } from '@ringmain/testkit';
import type { RingModule } from '../mirror-consumer.ts';
import { BREAKER_PLANS, LARGE_BREAKER_PLANS, breakerScenario } from './breaker-scenarios.ts';
import { CREDIT_PLANS, creditScenario } from './credit-scenarios.ts';
import { deliveryScenario } from './delivery-scenarios.ts';
import type { DeliveryPlan } from './delivery-scenarios.ts';
import { doorbellScenario } from './doorbell-scenarios.ts';
import type { DoorbellPlan } from './doorbell-scenarios.ts';
import { PARTITION_PLANS, partitionScenario } from './partition-scenarios.ts';
import { publicationScenario } from './publication-scenarios.ts';
import type { PublicationPlan } from './publication-scenarios.ts';
import { RING_PLANS, ringScenario } from './ring-scenarios.ts';

const sync = (): boolean => false;
const async = (): boolean => true;
const bells = { producers: 1, eventsEach: 4, batch: 2, position: -2, wait: 'async', quietData: true } as const;

/** Parking and ringing, small. */
export const SMALL_DOORBELL_PLANS: readonly DoorbellPlan[] = [
  { ...bells, name: 'both sides sleep', capacityBytes: 32 },
  { ...bells, name: 'two producers', producers: 2, eventsEach: 1, batch: 1, capacityBytes: 64 },
  { ...bells, name: 'a producer dies', capacityBytes: 128, kills: { max: 1, victims: ['producer 0'] } },
  { ...bells, name: 'a consumer dies while its producer sleeps', capacityBytes: 32, kills: { max: 1, victims: ['consumer'] } },
  { ...bells, name: 'a producer dies that sleeps', capacityBytes: 32, kills: { max: 1, victims: ['producer 0'] } },
];

const dies = { kills: { max: 1, victims: ['consumer'] } };
const diesTwice = { kills: { max: 2, victims: ['consumer'] } };

/** Deliveries of records that stand in the ring already, small. */
export const SMALL_DELIVERY_PLANS: readonly DeliveryPlan[] = [
  {
    name: 'settled in any order, no death',
    keys: [1, 1, 1],
    groups: [async, async],
    published: 3,
    settle: 'any',
    kills: { max: 0, victims: [] },
  },
  { name: 'a synchronous group', keys: [1, 1, 2, 1], groups: [sync], published: 4, ...dies },
  { name: 'two groups', keys: [1, 1, 2, 1], groups: [sync, async], published: 4, ...dies },
  { name: 'two groups, settled in between', keys: [1, 1, 1], groups: [async, sync], published: 3, settle: 'either', ...dies },
  { name: 'a bay for one record', keys: [1, 1], groups: [async, async], published: 2, slots: 2, chunks: 1, ...diesTwice },
  { name: 'two groups, two deaths', keys: [1, 1], groups: [async, sync], published: 2, ...diesTwice },
  { name: 'keys in the bay, two deaths', keys: [1, 2, 1, 2], groups: [async], published: 4, settle: 'first', ...diesTwice },
];

/** Publications of a producer that dies. */
export const PUBLICATION_PLANS: readonly PublicationPlan[] = [
  {
    name: 'four events in one lane, below a carry',
    events: [{ lane: 0 }, { lane: 0 }, { lane: 0 }, { lane: 0 }],
    counter: 0xffff_fffe,
    position: -3,
    kills: { max: 2, victims: ['producer'] },
  },
  {
    name: 'four events in two lanes, at a carry',
    events: [{ lane: 0 }, { lane: 1 }, { lane: 1 }, { lane: 0 }],
    counter: 0xffff_ffff,
    position: 0x7fff_ffff,
    kills: { max: 2, victims: ['producer'] },
  },
  {
    name: 'unrouted events between others',
    events: [{ lane: 0 }, { lane: 1, unrouted: true }, { lane: 1, unrouted: true }, { lane: 0 }],
    counter: 5,
    position: 0,
    kills: { max: 2, victims: ['producer'] },
  },
];

type Suite = (ring: RingModule) => string | undefined;

const ringSuite: Suite = (ring) => firstFailure(RING_PLANS.map((plan) => ringScenario(ring, plan)));
const publicationSuite: Suite = (ring) => firstFailure(PUBLICATION_PLANS.map((plan) => publicationScenario(ring, plan)));
const doorbellSuite: Suite = (ring) => firstFailure(SMALL_DOORBELL_PLANS.map((plan) => doorbellScenario(ring, plan)));
const deliverySuite: Suite = (ring) => firstFailure(SMALL_DELIVERY_PLANS.map((plan) => deliveryScenario(ring, plan)));
const creditSuite: Suite = (ring) => firstFailure(CREDIT_PLANS.map((plan) => creditScenario(ring, plan)));
const partitionSuite: Suite = (ring) => firstFailure(PARTITION_PLANS.map((plan) => partitionScenario(ring, plan)));
const breakerSuite: Suite = (ring) =>
  firstFailure([...BREAKER_PLANS, ...LARGE_BREAKER_PLANS].map((plan) => breakerScenario(ring, plan)));
const SUITES: readonly Suite[] = [ringSuite, creditSuite, publicationSuite, doorbellSuite, deliverySuite];

/** Where to look first, by file; the other suites follow. */
const LIKELY: Readonly<Record<string, readonly Suite[]>> = {
  'partition-map.js': [partitionSuite],
  'partition-view.js': [partitionSuite],
  'partition-handover.js': [partitionSuite],
  'breaker-cell.js': [breakerSuite],
  'breaker-board.js': [breakerSuite],
  'ring-producer.js': [ringSuite],
  'ring-consumer.js': [ringSuite, deliverySuite],
  'doorbell.js': [doorbellSuite],
  'delivery-ledger.js': [deliverySuite],
  'bay.js': [deliverySuite],
  'publication-ledger.js': [publicationSuite],
  'credit-account.js': [creditSuite],
  'credit-window.js': [creditSuite],
};

/** What caught a faulty module: name of the scenario and kind of the failure; undefined when it passed all. */
export function catcherOf(ring: RingModule, file = ''): string | undefined {
  const likely = LIKELY[file] ?? [];
  const suites = [...likely, ...SUITES.filter((suite) => !likely.includes(suite))];
  for (const suite of suites) {
    const caughtBy = suite(ring);
    if (caughtBy !== undefined) return caughtBy;
  }
  return undefined;
}

/** The first scenario that fails, and how. */
export function firstFailure<Shared>(scenarios: readonly Scenario<Shared>[]): string | undefined {
  for (const scenario of scenarios) {
    const { failure } = explore(scenario);
    // Not to see the end is no verdict.
    if (failure?.kind === 'bound') throw new Error(failure.message);
    if (failure !== undefined) return `${scenario.name} (${failure.kind})`;
  }
  return undefined;
}
