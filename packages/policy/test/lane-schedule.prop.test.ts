/** The schedule under any load: nobody waits longer than the bound, weights decide under saturation, critical keeps to its share. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LaneScheduleOptions } from '@ringmain/policy';
import { LaneSchedule, NOTHING_WAITS } from '@ringmain/policy';

const usual: LaneScheduleOptions = {
  weights: [1, 8, 4, 1],
  quantumUs: 50,
  criticalShareMax: 0.5,
  criticalBurstUs: 50_000,
  maxWaitUs: [50_000, 200_000, 1_000_000, 5_000_000],
  agedIntervalUs: 10_000,
};
const young = (): number => 0;
/** Services of one run; enough for dozens of rounds whatever the weights. */
const SERVICES_MAX = 200_000;

/** Serves until `untilUs` what `waitingAt` says waits; returns the time each priority got. A service takes what `costUs` says. */
function serve(
  schedule: LaneSchedule,
  untilUs: number,
  waitingAt: (nowUs: number) => number,
  costUs: (budgetUs: number, priority: number) => number,
  ageUs: (priority: number) => number = young,
  served: (priority: number, nowUs: number, usedUs: number) => void = () => {},
  servicesMax = SERVICES_MAX,
): number[] {
  const got = [0, 0, 0, 0];
  let services = 0;
  for (let now = 0; now < untilUs && services < servicesMax;) {
    const priority = schedule.next(waitingAt(now), now, ageUs);
    if (priority === NOTHING_WAITS) {
      now += 10;
      continue;
    }
    services++;
    const used = costUs(schedule.budgetUs, priority);
    served(priority, now, used);
    schedule.charge(priority, used);
    got[priority] = (got[priority] as number) + used;
    now += used;
  }
  return got;
}

describe('LaneSchedule', () => {
  it('serves who waits, and nobody else', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(15), fc.integer({ min: 1, max: 5000 })), { maxLength: 300 }), (steps) => {
        const schedule = new LaneSchedule(usual);
        let now = 0;
        for (const [waiting, used] of steps) {
          const priority = schedule.next(waiting, now, young);
          if (waiting === 0) expect(priority).toBe(NOTHING_WAITS);
          else {
            expect(waiting & (1 << priority)).not.toBe(0);
            expect(schedule.budgetUs).toBeGreaterThan(0);
            schedule.charge(priority, used);
          }
          now += used;
        }
      }),
    );
  });

  it('lets nobody wait longer than the bound, whatever else waits, however long handlers take, however old heads are, whatever weights are set and whatever is charged outside of services', () => {
    fc.assert(
      fc.property(
        fc.record({
          weights: fc.tuple(
            fc.constant(1),
            fc.integer({ min: 1, max: 20 }),
            fc.integer({ min: 1, max: 20 }),
            fc.integer({ min: 1, max: 20 }),
          ),
          quantumUs: fc.integer({ min: 5, max: 2000 }),
          criticalShareMax: fc.constantFrom(0.1, 0.5, 0.9),
          criticalBurstUs: fc.integer({ min: 100, max: 50_000 }),
          maxWaitUs: fc.constant<[number, number, number, number]>([1, 1, 1, 1]),
          agedIntervalUs: fc.integer({ min: 1, max: 50_000 }),
          weightGrowthMax: fc.constantFrom(1, 4),
          owedMaxUs: fc.constantFrom(0, 2000),
        }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 30_000 }),
        fc.array(fc.tuple(fc.nat(15), fc.constantFrom(30, 100, 100), fc.nat(100)), { minLength: 1, maxLength: 40 }),
        (options, watched, handlerUs, script) => {
          const schedule = new LaneSchedule(options);
          const boundUs = schedule.waitBoundUs(watched, handlerUs, Infinity);
          let step = 0;
          const at = (): readonly [number, number, number] => script[step % script.length] as [number, number, number];
          let lastUs = 0;
          serve(
            schedule,
            20 * boundUs,
            () => at()[0] | (1 << watched),
            (budgetUs) => {
              const [, part, over] = at();
              step++;
              // Weights of any size, at any time; the schedule keeps them within what was configured.
              schedule.setWeights([1, over / 3, (step % 7) * 10, part]);
              // Whoever is charged, and however often, also between two services of the one that waits.
              schedule.owe(step % 4, over * part);
              schedule.owe(watched, over * 100);
              return Math.max(1, Math.round((budgetUs * part) / 100 + (part === 100 ? (handlerUs * over) / 100 : 0)));
            },
            (priority) => (at()[2] > 50 ? priority * 1e6 : 0),
            (priority, nowUs, usedUs) => {
              if (priority !== watched) return;
              expect(nowUs - lastUs).toBeLessThanOrEqual(boundUs);
              lastUs = nowUs + usedUs;
            },
            3000,
          );
        },
      ),
      { numRuns: 120 },
    );
  });

  it('divides a saturated thread by weights, also when one priority has handlers fifty times as long', () => {
    const got = serve(
      new LaneSchedule(usual),
      20_000_000,
      () => 0b1110,
      (_, priority) => (priority === 3 ? 5000 : 100),
    );
    const total = got.reduce((sum, part) => sum + part, 0);
    expect(got.map((part) => Number((part / total).toFixed(2)))).toEqual([0, 0.62, 0.31, 0.08]);
  });

  it('divides by the weights that were set last, as far as they may grow', () => {
    const shares = (weights: readonly number[]): number[] => {
      const schedule = new LaneSchedule({ ...usual, weightGrowthMax: 4 });
      schedule.setWeights(weights);
      const got = serve(
        schedule,
        20_000_000,
        () => 0b1110,
        () => 100,
      );
      const total = got.reduce((sum, part) => sum + part, 0);
      return got.map((part) => Number((part / total).toFixed(2)));
    };
    expect(shares([1, 8, 4, 4])).toEqual([0, 0.5, 0.25, 0.25]);
    expect(shares([1, 0, 4, 1000])).toEqual(shares([1, 8, 4, 4]));
  });

  it('divides by weights what is charged outside of services as well', () => {
    const schedule = new LaneSchedule({ ...usual, owedMaxUs: 100_000 });
    const got = [0, 0, 0, 0];
    serve(
      schedule,
      5_000_000,
      () => 0b1110,
      () => 10,
      young,
      (priority) => {
        // Low begins what takes a hundred times as long later on.
        const laterUs = priority === 3 ? 1000 : 0;
        schedule.owe(priority, laterUs);
        got[priority] = (got[priority] as number) + 10 + laterUs;
      },
    );
    const total = got.reduce((sum, part) => sum + part, 0);
    expect(got.map((part) => Number((part / total).toFixed(2)))).toEqual([0, 0.62, 0.31, 0.08]);
  });

  it('holds critical back for what it took outside of its services, for no longer than its burst lasts', () => {
    const schedule = new LaneSchedule(usual);
    schedule.owe(0, 3_600_000_000);
    expect(schedule.next(0b1001, 0, young)).toBe(3);
    schedule.charge(3, 100);
    expect(schedule.next(0b1001, 100_001, young)).toBe(0);
  });

  it('gives critical everything when it is alone, and its share when it is not', () => {
    const alone = serve(
      new LaneSchedule(usual),
      1_000_000,
      () => 1,
      () => 100,
    );
    expect(alone[0]).toBe(1_000_000);
    const schedule = new LaneSchedule(usual);
    const got = serve(
      schedule,
      10_000_000,
      () => 0b1001,
      () => 100,
    );
    expect((got[0] as number) / 10_000_000).toBeCloseTo(0.5, 1);
    expect(schedule.criticalCapped).toBeGreaterThan(0);
  });

  it('serves critical before everything while it has credit', () => {
    const schedule = new LaneSchedule(usual);
    const order: number[] = [];
    serve(
      schedule,
      5000,
      () => 0b1111,
      () => 100,
      young,
      (priority) => order.push(priority),
    );
    expect(new Set(order)).toEqual(new Set([0]));
    expect(schedule.criticalCapped).toBe(0);
  });

  it('serves an overdue head out of turn, not more often than once in the interval', () => {
    const schedule = new LaneSchedule({ ...usual, weights: [1, 1000, 1, 1] });
    const times: number[] = [];
    serve(
      schedule,
      200_000,
      () => 0b1010,
      () => 10,
      (priority) => (priority === 3 ? 6_000_000 : 0),
      (priority, nowUs) => {
        if (priority === 3) times.push(nowUs);
      },
    );
    expect(times[0]).toBe(0);
    expect(schedule.aged).toBeGreaterThan(10);
    expect(schedule.aged).toBeLessThanOrEqual(20);
  });

  it('saves nothing for a priority that had nothing to serve', () => {
    const schedule = new LaneSchedule(usual);
    serve(
      schedule,
      1_000_000,
      () => 0b0010,
      () => 100,
    );
    const got = serve(
      schedule,
      1_000_000,
      () => 0b1010,
      () => 50,
    );
    expect((got[1] as number) / (got[3] as number)).toBeCloseTo(8, 0);
  });
});
