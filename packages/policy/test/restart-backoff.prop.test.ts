/** Delays between restarts: none after a single death, doubling while threads die young, none that a restart limit allows for ever. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RestartBackoff, RestartIntensity } from '@ringmain/policy';

const OPTIONS = { initialMs: 100, maxMs: 1000, calmMs: 12_000 };

describe('RestartBackoff', () => {
  it('waits longer and longer while threads die young, and starts anew after one that lived', () => {
    const backoff = new RestartBackoff(OPTIONS);
    backoff.started(0);
    const delays = [1, 2, 3, 4, 5, 6, 7].map((nowMs) => {
      const delayMs = backoff.died(nowMs);
      backoff.started(nowMs);
      return delayMs;
    });
    expect(delays).toEqual([0, 100, 200, 400, 800, 1000, 1000]);
    expect(backoff.died(7 + 12_000)).toBe(0);
    backoff.configure({ ...OPTIONS, initialMs: 7 });
    expect(backoff.died(7 + 12_001)).toBe(7);
  });

  it('counts one that never came up', () => {
    const backoff = new RestartBackoff(OPTIONS);
    expect([0, 100_000, 200_000].map((nowMs) => backoff.died(nowMs))).toEqual([0, 0, 0]);
    expect([200_001, 200_002].map((nowMs) => backoff.died(nowMs))).toEqual([100, 200]);
  });

  it('never delays deaths as rare as the restart limit allows for ever', () => {
    const limit = fc.record({ restarts: fc.integer({ min: 1, max: 100 }), withinMs: fc.integer({ min: 100, max: 1_000_000 }) });
    fc.assert(
      fc.property(limit, fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 200 }), ({ restarts, withinMs }, extras) => {
        const calmMs = withinMs / restarts;
        const backoff = new RestartBackoff({ ...OPTIONS, calmMs });
        const intensity = new RestartIntensity(restarts, withinMs);
        let nowMs = 0;
        for (const extra of extras) {
          backoff.started(nowMs);
          // Half a millisecond more, since sums of fractions are a little off.
          nowMs += calmMs + extra + 0.5;
          expect([backoff.died(nowMs), intensity.request(nowMs)]).toEqual([0, true]);
        }
      }),
    );
  });
});
