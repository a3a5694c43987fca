/** A partition that moves, under every schedule: each event is handled once and in order, by one owner after the other; mistakes are caught. */
import { explore } from '@ringmain/testkit';
import * as ring from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import { IS_FULL, exploreAll, plansOf, sampleSome } from './scenarios/full-form.ts';
import type { MoveFault } from './scenarios/partition-scenarios.ts';
import {
  LARGE_PARTITION_PLANS,
  MORTAL_PARTITION_PLANS,
  PARTITION_PLANS,
  partitionScenario,
} from './scenarios/partition-scenarios.ts';

const faults: readonly MoveFault[] = [
  'acknowledged before the table is taken over',
  'taken over within a publish',
  'fenced before all have acknowledged',
  'finished before it is handed over',
  'bay not asked',
];

describe('PartitionMap, PartitionView and PartitionHandover', () => {
  it.each(plansOf(PARTITION_PLANS, LARGE_PARTITION_PLANS))('move a partition and lose nothing: %s', (_, plan) => {
    expect(exploreAll(partitionScenario(ring, plan)).executions).toBeGreaterThan(10);
  });

  it.each(MORTAL_PARTITION_PLANS.map((plan) => [plan.name, plan] as const))(
    'go on after a death (seed 20261121): %s',
    (_, plan) => {
      const scenario = partitionScenario(ring, plan);
      if (IS_FULL) exploreAll(scenario);
      expect(sampleSome(scenario, 20_261_121).executions).toBeGreaterThan(10);
    },
  );

  it.each(faults)('are used in a wrong order, which is caught: %s', (fault) => {
    const caught = PARTITION_PLANS.some((plan) => explore(partitionScenario(ring, { ...plan, fault })).failure !== undefined);
    expect(caught).toBe(true);
  });
});
