/** Credit under every schedule: no wake-up is lost, what is promised never exceeds the share, and everything comes back. */
import * as ring from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import { CREDIT_PLANS, creditScenario } from './scenarios/credit-scenarios.ts';
import { exploreAll, plansOf } from './scenarios/full-form.ts';

describe('CreditAccount and CreditWindow', () => {
  it.each(plansOf(CREDIT_PLANS, []))('wake whoever waits, and return all: %s', (_, plan) => {
    expect(exploreAll(creditScenario(ring, plan)).executions).toBeGreaterThan(10);
  });
});
