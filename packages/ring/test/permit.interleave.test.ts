/** Permits of a bulkhead over several threads, under every schedule: never more run than there are, also over deaths, and nobody sleeps for ever. */
import { explore } from '@ringmain/testkit';
import * as ring from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import { exploreAll, plansOf, sampleSome } from './scenarios/full-form.ts';
import type { PermitFault } from './scenarios/permit-scenarios.ts';
import { LARGE_PERMIT_PLANS, PERMIT_PLANS, SAMPLED_PERMIT_PLANS, permitScenario } from './scenarios/permit-scenarios.ts';

const SEED = 20_261_122;
const faults: readonly PermitFault[] = [
  'delivery begun before its permit is told',
  'use read before quotas are lowered',
  'no ring for what the coordinator waits for',
  'no look after the bell is armed',
];

describe('PermitBoard and PermitCell', () => {
  it.each(plansOf(PERMIT_PLANS, LARGE_PERMIT_PLANS))('keep to the number of permits, and wake whoever waits: %s', (_, plan) => {
    expect(exploreAll(permitScenario(ring, plan)).executions).toBeGreaterThan(0);
  });

  it.each(SAMPLED_PERMIT_PLANS.map((plan) => [plan.name, plan] as const))(
    `do so on random schedules (seed ${SEED}): %s`,
    (_, plan) => {
      expect(sampleSome(permitScenario(ring, plan), SEED).executions).toBeGreaterThan(5);
    },
  );

  it.each(faults)('are used in a wrong order, which is caught: %s', (fault) => {
    const caught = PERMIT_PLANS.some((plan) => explore(permitScenario(ring, { ...plan, fault })).failure !== undefined);
    expect(caught).toBe(true);
  });
});
