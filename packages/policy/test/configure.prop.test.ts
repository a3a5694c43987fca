/** Options that change while a policy is at work: what it knows stays, and what it may do follows from the new ones at once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LaneScheduleOptions } from '@ringmain/policy';
import {
  DegradationLadder,
  LaneSchedule,
  NOTHING_WAITS,
  RestartIntensity,
  RetryBudget,
  SojournControl,
  TokenBucket,
} from '@ringmain/policy';

describe('TokenBucket.configure()', () => {
  it('grants nothing: at most what was there, and from then on the new rate and burst', () => {
    const options = fc.record({ ratePerSecond: fc.integer({ min: 1, max: 1000 }), burst: fc.integer({ min: 1, max: 500 }) });
    fc.assert(
      fc.property(options, options, fc.nat(500), fc.nat(3_000_000), (before, after, taken, pauseUs) => {
        const bucket = new TokenBucket(before);
        bucket.take(Math.min(taken, before.burst), 0);
        const there = bucket.available(pauseUs);
        bucket.configure(after, pauseUs);
        expect(bucket.available(pauseUs)).toBe(Math.min(there, after.burst));
        const laterUs = pauseUs + 1_000_000;
        expect(bucket.available(laterUs)).toBeLessThanOrEqual(Math.min(after.burst, there + 1 + after.ratePerSecond));
        expect(bucket.available(laterUs)).toBeGreaterThanOrEqual(Math.min(after.burst, there + after.ratePerSecond));
      }),
    );
  });
});

describe('RestartIntensity.configure()', () => {
  it('counts the restarts of before within the new period', () => {
    const intensity = new RestartIntensity(2, 1000);
    expect([intensity.request(0), intensity.request(100), intensity.request(200)]).toEqual([true, true, false]);
    intensity.configure(3, 1000);
    expect([intensity.request(300), intensity.request(400)]).toEqual([true, false]);
    intensity.configure(3, 250);
    expect(intensity.request(400)).toBe(true);
  });
});

describe('RetryBudget.configure()', () => {
  it('grants nothing: what was earned stays for its ten seconds, and the rest is earned by the new options', () => {
    const options = fc.record({ ratio: fc.integer({ min: 0, max: 8 }), perSecondMin: fc.nat(20) });
    fc.assert(
      fc.property(options, options, fc.nat(1000), fc.nat(1000), (before, after, delivered, later) => {
        const budget = new RetryBudget(before);
        budget.earn(delivered, 0);
        const there = budget.left();
        budget.configure(after);
        budget.earn(delivered, 0);
        expect(budget.left()).toBe(there);
        budget.earn(delivered + later, 0);
        expect(budget.left()).toBe(there + later * after.ratio);
        budget.earn(delivered + later, 10_000_000);
        expect(budget.left()).toBe(10 * after.perSecondMin);
      }),
    );
  });
});

describe('DegradationLadder.configure()', () => {
  it('keeps the rung and the time for which the pressure has been high', () => {
    const ladder = new DegradationLadder({ stepUpMs: 1000, stepDownMs: 1000 });
    ladder.update(1, 0);
    expect([ladder.update(1, 1_000_000), ladder.update(1, 1_400_000)]).toEqual([1, 1]);
    ladder.configure({ stepUpMs: 300, stepDownMs: 1000 });
    expect([ladder.rung, ladder.update(1, 1_400_000)]).toEqual([1, 2]);
  });
});

describe('SojournControl.configure()', () => {
  it('judges by the new target from the next look on', () => {
    const control = new SojournControl({ targetUs: 1000, intervalUs: 10_000 });
    control.observe(5000, 0);
    expect(control.observe(5000, 20_000)).toBe(true);
    control.configure({ targetUs: 6000, intervalUs: 10_000 });
    expect([control.observe(5000, 20_001), control.count]).toEqual([false, 0]);
  });
});

describe('LaneSchedule.configure()', () => {
  const before: LaneScheduleOptions = {
    weights: [1, 8, 4, 1],
    quantumUs: 5000,
    criticalShareMax: 0.5,
    criticalBurstUs: 50_000,
    maxWaitUs: [0, 1e9, 1e9, 1e9],
    agedIntervalUs: 10_000,
  };
  const after: LaneScheduleOptions = { ...before, weights: [1, 1, 1, 8], quantumUs: 50 };

  /** Serves what waits for some time; returns the time of each priority. */
  function serve(schedule: LaneSchedule, fromUs: number, forUs: number, serviceUs: number): number[] {
    const times = [0, 0, 0, 0];
    for (let nowUs = fromUs; nowUs < fromUs + forUs; nowUs += serviceUs) {
      const priority = schedule.next(0b1110, nowUs, () => 0);
      expect(priority).not.toBe(NOTHING_WAITS);
      schedule.charge(priority, serviceUs);
      times[priority] = (times[priority] as number) + serviceUs;
    }
    return times;
  }

  it('shares by the new weights at once, whatever was owed in larger quanta', () => {
    const schedule = new LaneSchedule(before);
    serve(schedule, 0, 90_000, 30_000);
    schedule.configure(after);
    expect(schedule.currentWeights).toEqual([1, 1, 1, 8]);
    const [, high, normal, low] = serve(schedule, 90_000, 100_000, 10) as [number, number, number, number];
    expect(low / (high + normal + low)).toBeCloseTo(0.8, 1);
    expect(high / normal).toBeCloseTo(1, 1);
  });

  it('keeps adapted weights within what is configured now', () => {
    const schedule = new LaneSchedule({ ...before, weightGrowthMax: 4 });
    schedule.setWeights([1, 32, 4, 1]);
    schedule.configure({ ...after, weightGrowthMax: 2 });
    schedule.setWeights([1, 32, 4, 1]);
    expect(schedule.currentWeights).toEqual([1, 2, 2, 8]);
  });

  it('leaves critical no more credit than its new burst', () => {
    const schedule = new LaneSchedule(before);
    expect([schedule.next(0b0011, 0, () => 0), schedule.budgetUs]).toEqual([0, 50_000]);
    schedule.configure({ ...before, criticalBurstUs: 100 });
    expect([schedule.next(0b0011, 0, () => 0), schedule.budgetUs]).toEqual([0, 100]);
  });
});
