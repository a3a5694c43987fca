/** Schedules: their length, their order, their joints. */
import { describe, expect, test } from 'vitest';
import { constantLoad, loadAtOnce, steppedLoad } from '../../dist/bench/load-schedule.js';

const dues = (schedule: ReturnType<typeof constantLoad>): number[] =>
  Array.from({ length: schedule.events }, (_, index) => schedule.dueUs(index));

describe('constantLoad', () => {
  test('holds rate times seconds events at even distances', () => {
    expect(dues(constantLoad({ ratePerSecond: 4, seconds: 1 }))).toEqual([0, 250_000, 500_000, 750_000]);
  });

  test('gathers bursts at the distance that keeps the rate', () => {
    const schedule = constantLoad({ ratePerSecond: 10_000, seconds: 60, burst: 10 });
    expect(schedule.events).toBe(600_000);
    expect([0, 9, 10, 19, 20].map((index) => schedule.dueUs(index))).toEqual([0, 0, 1000, 1000, 2000]);
  });

  test.each([
    { ratePerSecond: 0, seconds: 1 },
    { ratePerSecond: 1, seconds: Number.NaN },
    { ratePerSecond: 1, seconds: 1, burst: -1 },
  ])('refuses %j', (rate) => {
    expect(() => constantLoad(rate)).toThrow('allowed: a number above 0');
  });
});

describe('steppedLoad', () => {
  test('begins each step where the one before ends', () => {
    const schedule = steppedLoad([
      { ratePerSecond: 2, seconds: 1 },
      { ratePerSecond: 4, seconds: 1 },
    ]);
    expect(schedule.lengthUs).toBe(2_000_000);
    expect(dues(schedule)).toEqual([0, 500_000, 1_000_000, 1_250_000, 1_500_000, 1_750_000]);
  });
});

describe('loadAtOnce', () => {
  test('is due at the start', () => {
    expect(dues(loadAtOnce(3))).toEqual([0, 0, 0]);
  });
});
