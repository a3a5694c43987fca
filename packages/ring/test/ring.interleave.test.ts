/**
 * Every schedule of a producer and a consumer of the shipped ring: records whole, in order, each once, whatever the wrap, the batch
 * and the room; and no plain access that the atomic ones do not order. Four events each; forms: see `scenarios/full-form.ts`.
 */
import * as ring from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import { exploreAll, plansOf } from './scenarios/full-form.ts';
import { RING_PLANS, ringScenario } from './scenarios/ring-scenarios.ts';

describe('RingProducer and RingConsumer', () => {
  it.each(plansOf(RING_PLANS, []))('carry four events under every schedule: %s', (_, plan) => {
    expect(exploreAll(ringScenario(ring, plan)).executions).toBeGreaterThan(10);
  });
});
