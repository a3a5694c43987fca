/** The ladder against the whole history of readings, and its table of admissions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Admission, Rung } from '@ringmain/policy';
import { DegradationLadder, RUNG_NAMES, admits } from '@ringmain/policy';

const HIGH = 0.8;
const LOW = 0.5;
const RUNGS: readonly Rung[] = [0, 1, 2, 3, 4, 5];
const PRIORITIES = [0, 1, 2, 3] as const;
/** Runs of readings at one pressure, so that dwell times are reached; a pause may be a step back of the clock. */
const history = fc
  .array(
    fc.tuple(
      fc.constantFrom(0, 0.3, LOW, 0.500_001, 0.65, 0.799_999, HIGH, 1),
      fc.integer({ min: 1, max: 12 }),
      fc.oneof(fc.integer({ min: 50, max: 150 }), fc.nat(3000), fc.integer({ min: -300, max: 0 })),
    ),
    { maxLength: 25 },
  )
  .map((runs) => runs.flatMap(([pressure, times, pauseMs]) => Array.from({ length: times }, () => [pressure, pauseMs] as const)));

describe('DegradationLadder.update()', () => {
  it('steps exactly when the pressure has stayed on one side for the dwell time, since the last step', () => {
    fc.assert(
      fc.property(history, fc.nat(500), fc.nat(5000), (readings, stepUpMs, stepDownMs) => {
        const ladder = new DegradationLadder({ stepUpMs, stepDownMs });
        const past: { readonly pressure: number; readonly atMs: number }[] = [];
        let clockMs = 0;
        let atMs = -Infinity;
        let rung = 0;
        let steppedMs = -Infinity;
        for (const [pressure, pauseMs] of readings) {
          clockMs += pauseMs;
          atMs = Math.max(atMs, clockMs);
          past.push({ pressure, atMs });
          const stayedMs = (on: (pressure: number) => boolean): number => {
            const off = past.findLastIndex((reading) => !on(reading.pressure));
            const first = past[off + 1];
            return first === undefined ? -1 : atMs - Math.max(first.atMs, steppedMs);
          };
          const before = rung;
          if (rung < 5 && stayedMs((each) => each >= HIGH) >= stepUpMs) rung++;
          else if (rung > 0 && stayedMs((each) => each <= LOW) >= stepDownMs) rung--;
          if (rung !== before) steppedMs = atMs;
          expect(ladder.update(pressure, clockMs * 1000)).toBe(rung);
          expect(ladder.rung).toBe(rung);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never skips a rung, never leaves the ladder, and never steps sooner than the dwell time after the step before', () => {
    fc.assert(
      fc.property(history, (readings) => {
        const ladder = new DegradationLadder();
        let clockMs = 0;
        let atMs = -Infinity;
        let before = 0;
        let steppedMs = -Infinity;
        for (const [pressure, pauseMs] of readings) {
          clockMs += pauseMs;
          atMs = Math.max(atMs, clockMs);
          const rung = ladder.update(pressure, clockMs * 1000);
          expect(RUNGS).toContain(rung);
          expect(Math.abs(rung - before)).toBeLessThanOrEqual(1);
          if (rung !== before) {
            expect(atMs - steppedMs).toBeGreaterThanOrEqual(rung > before ? 200 : 2000);
            steppedMs = atMs;
          }
          before = rung;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('reaches every rung, up and down again', () => {
    const ladder = new DegradationLadder();
    const seen: number[] = [];
    for (let atMs = 0; atMs <= 1400; atMs += 100) seen.push(ladder.update(0.9, atMs * 1000));
    expect(seen).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 5, 5]);
    const down: number[] = [];
    for (let atMs = 1500; atMs <= 13_500; atMs += 1000) down.push(ladder.update(0.1, atMs * 1000));
    expect(down).toEqual([5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0, 0]);
  });

  it('stays where it is between the watermarks, and begins anew after one reading there', () => {
    const ladder = new DegradationLadder();
    const rungs = [0.9, 0.9, 0.6, 0.9, 0.9, 0.9, 0.6, 0.6].map((pressure, tick) => ladder.update(pressure, tick * 100_000));
    expect(rungs).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
    expect(ladder.update(0.6, 1e12)).toBe(1);
  });

  it('stays where it is while the pressure is not known', () => {
    const ladder = new DegradationLadder();
    ladder.update(1, 0);
    ladder.update(1, 200_000);
    expect([ladder.update(NaN, 300_000), ladder.update(NaN, 1e12)]).toEqual([1, 1]);
  });
});

describe('admits()', () => {
  it('admits critical on every rung, and is never milder on a higher rung or to a lower priority', () => {
    const severity: readonly Admission[] = ['admit', 'throttle', 'sample', 'shed'];
    for (const rung of RUNGS) {
      expect(admits(rung, 0)).toBe('admit');
      for (const priority of PRIORITIES) {
        const here = severity.indexOf(admits(rung, priority));
        for (const above of RUNGS.slice(rung)) expect(severity.indexOf(admits(above, priority))).toBeGreaterThanOrEqual(here);
        for (const lower of PRIORITIES.slice(priority))
          expect(severity.indexOf(admits(rung, lower))).toBeGreaterThanOrEqual(here);
      }
    }
  });

  it('does on each rung what the rung is called', () => {
    const table = RUNGS.map((rung) => [RUNG_NAMES[rung], ...PRIORITIES.slice(1).map((priority) => admits(rung, priority))]);
    expect(table).toEqual([
      ['normal', 'admit', 'admit', 'admit'],
      ['throttle', 'admit', 'admit', 'throttle'],
      ['coalesce', 'admit', 'admit', 'sample'],
      ['shed-low', 'admit', 'admit', 'shed'],
      ['shed-normal', 'admit', 'shed', 'shed'],
      ['critical-only', 'shed', 'shed', 'shed'],
    ]);
  });
});
