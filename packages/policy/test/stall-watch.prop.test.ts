/** The watch against the whole history of checks: time alone kills nobody, and nothing is reported twice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StallWatch } from '@ringmain/policy';

interface Check {
  readonly heartbeat: number;
  readonly busySinceUs: number;
  readonly nowUs: number;
}

/** What the thread did between two checks, and how long that took; some pauses are as long as a night with the lid closed. */
const doings = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant('nothing' as const) },
      { weight: 1, arbitrary: fc.constantFrom('beat' as const, 'start' as const, 'end' as const) },
    ),
    fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60_000 }), fc.constant(8 * 3_600_000_000)),
  ),
  { maxLength: 80 },
);

function checksOf(steps: readonly (readonly ['nothing' | 'beat' | 'start' | 'end', number])[]): Check[] {
  let now: Check = { heartbeat: 1, busySinceUs: 0, nowUs: 1000 };
  return steps.map(([doing, pauseUs]) => {
    // One microsecond more, so that no two handlers start at the same time.
    const nowUs = now.nowUs + pauseUs + 1;
    if (doing === 'beat') now = { ...now, heartbeat: now.heartbeat + 1, nowUs };
    else if (doing === 'start') now = { ...now, busySinceUs: nowUs, nowUs };
    else now = { ...now, busySinceUs: doing === 'end' ? 0 : now.busySinceUs, nowUs };
    return now;
  });
}

/** Checks at the end of the list at which nothing has moved since the check before, counted from the list alone. */
function staleAtEnd(past: readonly Check[]): number {
  const last = past.at(-1);
  if (last === undefined || last.busySinceUs === 0) return 0;
  const same = (check: Check): boolean => check.heartbeat === last.heartbeat && check.busySinceUs === last.busySinceUs;
  return past.length - 2 - past.findLastIndex((check) => !same(check));
}

describe('StallWatch.check()', () => {
  it('calls a thread dead exactly while enough checks in a row found it in the same handler at the same heartbeat', () => {
    fc.assert(
      fc.property(doings, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), (steps, warn, dead) => {
        const watch = new StallWatch({ staleChecksWarn: warn, staleChecksDead: dead });
        const past: Check[] = [];
        for (const check of checksOf(steps)) {
          past.push(check);
          const verdict = watch.check(check.heartbeat, check.busySinceUs, check.nowUs);
          expect(watch.staleChecks).toBe(staleAtEnd(past));
          expect(verdict === 'dead').toBe(staleAtEnd(past) >= dead);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('warns once for each start of a handler that runs too long, and once for each stall', () => {
    fc.assert(
      fc.property(doings, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 100_000 }), (steps, warn, slowUs) => {
        const watch = new StallWatch({ staleChecksWarn: warn, staleChecksDead: Infinity, slowUs });
        const reported = new Set<number>();
        const past: Check[] = [];
        for (const check of checksOf(steps)) {
          past.push(check);
          const { busySinceUs, nowUs } = check;
          const long = busySinceUs !== 0 && nowUs - busySinceUs >= slowUs && !reported.has(busySinceUs);
          if (long) reported.add(busySinceUs);
          const expected = long || staleAtEnd(past) === warn ? 'slow' : 'fine';
          expect(watch.check(check.heartbeat, busySinceUs, nowUs)).toBe(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does not call a thread dead because a night has passed in the middle of a handler', () => {
    const watch = new StallWatch({ staleChecksWarn: 3, staleChecksDead: 5 });
    const night = 8 * 3_600_000_000;
    expect([1000, 51_000, night, night + 50_000].map((now) => watch.check(7, 500, now))).toEqual([
      'fine',
      'fine',
      'slow',
      'slow',
    ]);
    expect(watch.check(8, 500, night + 100_000)).toBe('fine');
    expect(watch.staleChecks).toBe(0);
  });

  it('warns from the very microsecond on at which the handler has run for the slow threshold', () => {
    const watch = new StallWatch({ staleChecksWarn: 10, staleChecksDead: 20 });
    expect([100_999, 101_000, 101_001].map((now) => watch.check(now, 1000, now))).toEqual(['fine', 'slow', 'fine']);
  });

  it('leaves a parked thread alone, however long its heartbeat stands', () => {
    const watch = new StallWatch({ staleChecksWarn: 1, staleChecksDead: 2 });
    for (let tick = 0; tick < 100; tick++) expect(watch.check(7, 0, tick * 1e9)).toBe('fine');
  });

  it('takes the start of another handler for progress', () => {
    const watch = new StallWatch({ staleChecksWarn: 1, staleChecksDead: 2, slowUs: 1e9 });
    for (let tick = 1; tick < 100; tick++) expect(watch.check(7, tick * 50, tick * 50)).toBe('fine');
  });

  it('says dead at every check from then on, until the thread moves', () => {
    const watch = new StallWatch({ staleChecksWarn: 1, staleChecksDead: 3, slowUs: 1e9 });
    const verdicts = [1, 1, 1, 1, 1, 2, 2].map((heartbeat, tick) => watch.check(heartbeat, 5, tick));
    expect(verdicts).toEqual(['fine', 'slow', 'fine', 'dead', 'dead', 'fine', 'slow']);
  });
});
