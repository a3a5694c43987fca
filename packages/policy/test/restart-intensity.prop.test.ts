/** Restart intensity against a list of all granted restarts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RestartIntensity } from '@ringmain/policy';

describe('RestartIntensity.request()', () => {
  it('grants exactly while fewer than allowed were granted within the period before now', () => {
    fc.assert(
      fc.property(
        fc.nat(6),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.oneof(fc.nat(10), fc.nat(150), fc.double({ min: 0, max: 50, noNaN: true })), { maxLength: 80 }),
        (restartsMax, periodMs, pauses) => {
          const intensity = new RestartIntensity(restartsMax, periodMs);
          const granted: number[] = [];
          let nowMs = 1000;
          for (const pause of pauses) {
            nowMs += pause;
            const recent = granted.filter((time) => nowMs - time < periodMs).length;
            const answer = intensity.request(nowMs);
            expect(answer).toBe(recent < restartsMax);
            if (answer) granted.push(nowMs);
            expect(intensity.count).toBe(recent + (answer ? 1 : 0));
            expect(intensity.count).toBeLessThanOrEqual(restartsMax);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never grants with a limit of 0', () => {
    const intensity = new RestartIntensity(0, 1000);
    expect([intensity.request(0), intensity.request(1e9), intensity.count]).toEqual([false, false, 0]);
  });

  it('grants again exactly one period after the oldest restart, and refused requests delay nothing', () => {
    const intensity = new RestartIntensity(2, 100);
    expect([0, 50, 60, 99, 100, 101, 149, 150].map((now) => intensity.request(now))).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
  });
});
