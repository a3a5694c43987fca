/** A half-open breaker, under every schedule: no more probes begin in a round than it has, over all consumers and their deaths; mistakes are caught. */
import { explore } from '@ringmain/testkit';
import * as ring from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import type { BreakerFault } from './scenarios/breaker-scenarios.ts';
import { BREAKER_PLANS, LARGE_BREAKER_PLANS, SAMPLED_BREAKER_PLANS, breakerScenario } from './scenarios/breaker-scenarios.ts';
import { exploreAll, plansOf, sampleSome } from './scenarios/full-form.ts';

const faults: readonly BreakerFault[] = [
  'leases given anew within a round',
  'call begun though the gate had changed',
  'call begun before the probe is taken',
];

describe('BreakerBoard and BreakerCell', () => {
  it.each(plansOf(BREAKER_PLANS, LARGE_BREAKER_PLANS))('let no more probes begin than there are: %s', (_, plan) => {
    expect(exploreAll(breakerScenario(ring, plan)).executions).toBeGreaterThan(5);
  });

  it.each(SAMPLED_BREAKER_PLANS.map((plan) => [plan.name, plan] as const))(
    'do so on random schedules (seed 20261121): %s',
    (_, plan) => {
      expect(sampleSome(breakerScenario(ring, plan), 20_261_121).executions).toBeGreaterThan(5);
    },
  );

  it.each(faults)('are used in a wrong order, which is caught: %s', (fault) => {
    const plans = [...BREAKER_PLANS, ...LARGE_BREAKER_PLANS];
    const caught = plans.some((plan) => explore(breakerScenario(ring, { ...plan, fault })).failure !== undefined);
    expect(caught).toBe(true);
  });

  it('reach the number of probes when enough is wanted', () => {
    const words = new Int32Array(new SharedArrayBuffer(ring.BREAKER_THREAD_BYTES * 8));
    const bases = Array.from({ length: 8 }, (_, thread) => (thread * ring.BREAKER_THREAD_BYTES) / 4);
    const cells = bases.map((base) => new ring.BreakerCell(ring.systemAtomics, words, base));
    const board = new ring.BreakerBoard(ring.systemAtomics, words, bases);
    const wrong: number[] = [];
    // More rounds than a word counts.
    for (let round = 1; round <= 70_000; round++) {
      board.set(ring.GateMode.probing, 0, true);
      const wanting = cells.filter((_, thread) => (round + thread) % 3 !== 0);
      for (const cell of wanting) cell.want(ring.roundOf(cell.gate()), 9);
      board.lease(5, () => true);
      let taken = 0;
      for (const cell of cells) while (cell.takeProbe(cell.gate())) taken++;
      if (taken !== 5) wrong.push(taken);
    }
    expect(wrong).toEqual([]);
  });
});
