/** Sojourn-time control: when a queue stands, and that rare looks find what frequent ones find. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SOJOURN_COUNT_MAX, SojournControl } from '@ringmain/policy';

const TARGET = 5000;
const INTERVAL = 100_000;
/** Ages on both sides of the target, and pauses from frequent looks to a lazy sampler. */
const looks = fc.array(
  fc.tuple(
    fc.oneof(fc.nat(2000), fc.integer({ min: 80_000, max: 120_000 }), fc.nat(400_000)),
    fc.oneof({ weight: 1, arbitrary: fc.nat(TARGET - 1) }, { weight: 5, arbitrary: fc.integer({ min: TARGET, max: 250_000 }) }),
  ),
  { maxLength: 80 },
);

/** CoDel's count for a queue that has stood for a time, added up from the law itself. */
function countAfter(standingUs: number): number {
  let count = 1;
  for (let dropUs = INTERVAL; dropUs <= standingUs; dropUs += INTERVAL / Math.sqrt(count)) count++;
  return Math.min(count, SOJOURN_COUNT_MAX);
}

describe('SojournControl.observe()', () => {
  it('is true never within an interval of a look below the target, and always once a look above it is an interval old', () => {
    fc.assert(
      fc.property(looks, (steps) => {
        const control = new SojournControl();
        let nowUs = 0;
        let belowUs = -Infinity;
        let aboveUs: number | undefined;
        for (const [pauseUs, ageUs] of steps) {
          nowUs += pauseUs;
          if (ageUs < TARGET) {
            belowUs = nowUs;
            aboveUs = undefined;
          } else aboveUs ??= nowUs;
          const stands = control.observe(ageUs, nowUs);
          if (stands) expect(nowUs - belowUs).toBeGreaterThanOrEqual(INTERVAL);
          if (aboveUs !== undefined && nowUs - aboveUs >= INTERVAL) expect(stands).toBe(true);
          expect(control.count > 0).toBe(stands);
          expect(control.sinceUs === undefined).toBe(aboveUs === undefined);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('finds in a queue that nothing leaves what CoDel finds at every microsecond, whenever it looks', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.array(fc.oneof(fc.nat(1000), fc.nat(120_000), fc.nat(4_000_000)), { minLength: 1, maxLength: 40 }),
        (bornUs, pauses) => {
          const control = new SojournControl();
          let nowUs = bornUs;
          for (const pauseUs of pauses) {
            nowUs += pauseUs;
            const aboveUs = nowUs - bornUs - TARGET;
            const standingUs = aboveUs - INTERVAL;
            expect(control.observe(nowUs - bornUs, nowUs)).toBe(standingUs >= 0);
            expect(control.sinceUs).toBe(aboveUs >= 0 ? bornUs + TARGET : undefined);
            expect(control.count).toBe(standingUs >= 0 ? countAfter(standingUs) : 0);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('counts the same with more looks in between', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: TARGET, max: 300_000 }),
        fc.integer({ min: 1, max: 3_000_000 }),
        fc.array(fc.nat(1000), { maxLength: 50 }),
        (ageUs, endUs, between) => {
          const rare = new SojournControl();
          const frequent = new SojournControl();
          rare.observe(ageUs, 0);
          frequent.observe(ageUs, 0);
          for (const part of between.sort((a, b) => a - b)) frequent.observe(ageUs, (part / 1000) * endUs);
          expect(frequent.observe(ageUs, endUs)).toBe(rare.observe(ageUs, endUs));
          expect(frequent.count).toBe(rare.count);
          expect(frequent.sinceUs).toBe(rare.sinceUs);
        },
      ),
    );
  });

  it('with a tick as long as the interval is true at the second look, also when the tick comes early', () => {
    const control = new SojournControl();
    expect([0, 99_900, 200_000].map((now) => control.observe(30_000, now))).toEqual([false, true, true]);
    expect(control.sinceUs).toBe(-25_000);
  });

  it('is false for a burst that drains between two looks', () => {
    const control = new SojournControl();
    expect([80_000, 0, 90_000, 0].map((age, tick) => control.observe(age, tick * INTERVAL))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('treats a clock that steps back as standing still', () => {
    const control = new SojournControl();
    control.observe(30_000, 0);
    control.observe(30_000, 100_000);
    expect(control.observe(30_000, 50_000)).toBe(true);
    expect(control.observe(0, 50_000)).toBe(false);
    // Below as of 100 ms, the furthest time that the clock has shown.
    expect(control.observe(150_000, 199_999)).toBe(false);
    expect(control.observe(150_000, 200_000)).toBe(true);
  });
});

describe('SojournControl.count', () => {
  it('resumes at its last value less 2 within 16 intervals, and at 1 after that', () => {
    const stoodFor = (pauseUs: number): number => {
      const control = new SojournControl();
      // Stands from 100 ms on and counts 5 at 379 ms.
      control.observe(TARGET, 0);
      control.observe(TARGET, 400_000);
      expect(control.count).toBe(5);
      control.observe(0, 410_000);
      expect(control.count).toBe(0);
      control.observe(TARGET, 410_000 + pauseUs);
      control.observe(TARGET, 510_000 + pauseUs);
      return control.count;
    };
    expect([0, 1_499_999, 1_500_000].map(stoodFor)).toEqual([3, 3, 1]);
  });

  it('stays within its limit after an hour without a look', () => {
    const control = new SojournControl();
    control.observe(TARGET, 0);
    control.observe(TARGET, 3_600_000_000);
    expect(control.count).toBe(SOJOURN_COUNT_MAX);
  });
});

describe('SojournControl.pressure()', () => {
  it('is 0 unless the queue stands, else the count by the full count, rising with time up to 1', () => {
    fc.assert(
      fc.property(
        looks,
        fc.integer({ min: 1, max: 64 }),
        fc.array(fc.nat(500_000), { maxLength: 5 }),
        (steps, fullCount, later) => {
          const control = new SojournControl({ fullCount });
          let nowUs = 0;
          for (const [pauseUs, ageUs] of steps) {
            nowUs += pauseUs;
            const stands = control.observe(ageUs, nowUs);
            const { count } = control;
            let last = control.pressure(nowUs);
            expect(last).toBe(stands ? Math.min(1, count / fullCount) : 0);
            for (const afterUs of later.sort((a, b) => a - b)) {
              const pressure = control.pressure(nowUs + afterUs);
              expect(pressure).toBeGreaterThanOrEqual(last);
              expect(pressure).toBeLessThanOrEqual(stands ? 1 : 0);
              last = pressure;
            }
            // Asking changes nothing.
            expect(control.count).toBe(count);
          }
        },
      ),
    );
  });

  it('passes the usual high watermark of the ladder after about 0.6 s of standing', () => {
    const control = new SojournControl();
    control.observe(TARGET, 0);
    const pressures = [100_000, 200_000, 400_000, 662_000, 760_000].map((now) => {
      control.observe(TARGET, now);
      return control.pressure(now);
    });
    expect(pressures).toEqual([1 / 16, 2 / 16, 5 / 16, 13 / 16, 1]);
  });
});
