/**
 * Faults seeded into the shipped, compiled code, and wrong orders of operations in the code around it: every one is caught by a scenario
 * (which the shipped code passes: the other `.interleave.test.ts` files run the same ones).
 * The table of who caught what is printed, so that a scenario that never catches anything is seen.
 */
import { judgeMutants } from '@ringmain/testkit';
import * as ring from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import type { MirrorFault, RingModule } from './mirror-consumer.ts';
import { deliveryScenario } from './scenarios/delivery-scenarios.ts';
import type { OrderFault } from './scenarios/doorbell-scenarios.ts';
import { doorbellScenario } from './scenarios/doorbell-scenarios.ts';
import { IS_FULL } from './scenarios/full-form.ts';
import { SMALL_DELIVERY_PLANS, SMALL_DOORBELL_PLANS, catcherOf, firstFailure } from './scenarios/mutation-suite.ts';
import { SEEDED_MUTATIONS } from './scenarios/seeded-mutations.ts';
import { fileURLToPath } from 'node:url';

const orderFaults: readonly OrderFault[] = [
  'look before arming',
  'no look after arming',
  'ring before commit',
  'wish after look',
  'no wish',
  'ring by wish before release',
  'successor rouses nobody',
  'successor rings',
];
const mirrorFaults: readonly MirrorFault[] = [
  'progress before delivery',
  'step before slot',
  'no look into the bay',
  'chains forgotten',
  'charge forgotten',
];

/** Faults that only scenarios catch which take long; the full form judges them too. */
const SLOW: ReadonlySet<string> = new Set([
  'a narrower window rings nobody',
  'a ring only by what was granted, wherever the producer waits',
  'successor promises all again',
  'the source holds what it needs itself',
  'handed over before all have acknowledged',
  'handed over before the bay is empty',
  'successor starts at the head',
]);
const judged = IS_FULL ? SEEDED_MUTATIONS : SEEDED_MUTATIONS.filter(({ name }) => !SLOW.has(name));

describe('Seeded mutants', () => {
  it('each fault seeded into the compiled files is caught', { timeout: 600_000 }, async () => {
    const folder = fileURLToPath(new URL('..', import.meta.url));
    const verdicts = await judgeMutants(folder, judged, (module, { file }) => catcherOf(module as RingModule, file));
    console.log(verdicts.map(({ name, caughtBy }) => `${name.padEnd(45)} -> ${caughtBy ?? 'SURVIVED'}`).join('\n'));
    expect(verdicts.filter(({ caughtBy }) => caughtBy === undefined)).toEqual([]);
    expect(verdicts.length).toBeGreaterThanOrEqual(16);
  });

  it.each(orderFaults)('sleeping and waking in a wrong order is caught: %s', (fault) => {
    expect(firstFailure(SMALL_DOORBELL_PLANS.map((plan) => doorbellScenario(ring, plan, fault)))).toMatch(/lost-wake-up|endless/);
  });

  it.each(mirrorFaults)('delivering and recovering in a wrong order is caught: %s', (fault) => {
    expect(firstFailure(SMALL_DELIVERY_PLANS.map((plan) => deliveryScenario(ring, plan, fault)))).toBeDefined();
  });
});
