/** Pressure: bounds, the worst part decides, and the exact points at which each part begins and ends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PressureInput } from '@ringmain/policy';
import { pressureOf } from '@ringmain/policy';

const nothing: PressureInput = {
  standingLanes: 0,
  memoryUsed: 0,
  memoryLimit: 1000,
  loopDelayMs: 0,
  loopDelayLimitMs: 100,
  creditUsed: 0,
};
const part = fc.nat(200).map((percent) => percent / 100);
const input: fc.Arbitrary<PressureInput> = fc.record({
  standingLanes: part,
  memoryUsed: fc.nat(2000),
  memoryLimit: fc.constantFrom(1, 500, 1000, Infinity),
  loopDelayMs: fc.nat(200),
  loopDelayLimitMs: fc.constantFrom(1, 100, Infinity),
  creditUsed: part,
});
const risen = fc.constantFrom('standingLanes', 'memoryUsed', 'loopDelayMs', 'creditUsed');

describe('pressureOf()', () => {
  it('is the worst of its parts, each as if the others were nothing, from 0 to 1', () => {
    fc.assert(
      fc.property(input, (all) => {
        const { memoryLimit, loopDelayLimitMs } = all;
        const parts = [
          pressureOf({ ...nothing, standingLanes: all.standingLanes }),
          pressureOf({ ...nothing, memoryUsed: all.memoryUsed, memoryLimit }),
          pressureOf({ ...nothing, loopDelayMs: all.loopDelayMs, loopDelayLimitMs }),
          pressureOf({ ...nothing, creditUsed: all.creditUsed }),
        ];
        const pressure = pressureOf(all);
        expect(pressure).toBe(Math.max(...parts));
        expect(pressure).toBeGreaterThanOrEqual(0);
        expect(pressure).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('never falls when a part rises', () => {
    fc.assert(
      fc.property(
        input,
        risen,
        fc.oneof(
          fc.nat(1000),
          fc.nat(100).map((percent) => percent / 100),
        ),
        (before, name, by) => {
          expect(pressureOf({ ...before, [name]: before[name] + by })).toBeGreaterThanOrEqual(pressureOf(before));
        },
      ),
    );
  });

  it('counts memory from 70 % and loop delay from half of the limit on, in straight lines', () => {
    const memory = [0, 700, 775, 850, 1000, 2000].map((memoryUsed) => pressureOf({ ...nothing, memoryUsed }));
    for (const [index, expected] of [0, 0, 0.25, 0.5, 1, 1].entries()) expect(memory[index]).toBeCloseTo(expected, 12);
    const delay = [0, 50, 75, 90, 100, 500].map((loopDelayMs) => pressureOf({ ...nothing, loopDelayMs }));
    for (const [index, expected] of [0, 0, 0.5, 0.8, 1, 1].entries()) expect(delay[index]).toBeCloseTo(expected, 12);
  });

  it('takes lanes and credit as they are', () => {
    expect([0.25, 1, 3].map((standingLanes) => pressureOf({ ...nothing, standingLanes }))).toEqual([0.25, 1, 1]);
    expect([0.25, 1, 3].map((creditUsed) => pressureOf({ ...nothing, creditUsed }))).toEqual([0.25, 1, 1]);
  });

  it('leaves out what has no limit or was not measured', () => {
    const unknown = { ...nothing, memoryUsed: 1e12, memoryLimit: Infinity, loopDelayMs: NaN, standingLanes: NaN };
    expect(pressureOf({ ...unknown, creditUsed: 0.3 })).toBe(0.3);
  });
});
