/** Sharing of clock readings: bounds that always hold, and the age of stamps in steady streams. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StampInterval } from '@ringmain/policy';

/** Runs a stream with the given gaps between events; returns for each reading how many events shared it and when it was made. */
function readings(stamps: StampInterval, gapsUs: Iterable<number>): { readonly share: number; readonly atUs: number }[] {
  const found: { share: number; atUs: number }[] = [];
  let nowUs = 0;
  let left = 0;
  for (const gapUs of gapsUs) {
    nowUs += gapUs;
    if (left === 0) {
      left = stamps.read(nowUs);
      found.push({ share: left, atUs: nowUs });
    }
    left--;
  }
  return found;
}

describe('StampInterval.read()', () => {
  it('shares a reading with at least one event, at most the limit, and at most about twice as many as the reading before', () => {
    const gap = fc.oneof(
      fc.constant(0),
      fc.double({ min: 0, max: 3, noNaN: true }),
      fc.double({ min: 0, max: 5000, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.array(gap, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 100 }),
        (gaps, toleranceUs, shareMax) => {
          let before = 0;
          for (const { share } of readings(new StampInterval(toleranceUs, shareMax), gaps)) {
            expect(Number.isInteger(share)).toBe(true);
            expect(share).toBeGreaterThanOrEqual(1);
            expect(share).toBeLessThanOrEqual(Math.min(shareMax, before * 2 + 1));
            before = share;
          }
        },
      ),
    );
  });

  it('keeps stamps of a steady stream no older than the tolerance', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.integer({ min: 1, max: 100 }), (gapUs, toleranceUs) => {
        const found = readings(new StampInterval(toleranceUs, 64), Array<number>(2000).fill(gapUs));
        // The last event of a reading is `share - 1` gaps behind it; rounding of sums of gaps is not the policy's matter.
        for (const { share } of found) expect((share - 1) * gapUs).toBeLessThanOrEqual(toleranceUs * 1.000_001);
        const steady = Math.max(1, Math.min(64, Math.floor((toleranceUs / gapUs) * 1.000_001)));
        if (found.length > 10) expect(found.at(-1)?.share).toBeGreaterThanOrEqual(steady - 1);
      }),
    );
  });

  it('gives each event a reading of its own when events are further apart than the tolerance', () => {
    expect(readings(new StampInterval(20), Array<number>(50).fill(1000)).map(({ share }) => share)).toEqual(Array(50).fill(1));
  });

  it('falls back to one event per reading at the first reading after a burst has ended', () => {
    const stamps = new StampInterval(20, 64);
    let nowUs = 0;
    for (let share = 1; share < 64; share = stamps.read(nowUs)) nowUs += share * 0.1;
    expect(stamps.read((nowUs += 64 * 1000))).toBe(1);
  });

  it('shares with the most events when the clock stands still or steps back', () => {
    const stamps = new StampInterval(20, 64);
    expect([0, 0, 0, 0, 0, 0, 0, 0].map((now) => stamps.read(now))).toEqual([1, 3, 7, 15, 31, 63, 64, 64]);
    expect(stamps.read(-1000)).toBe(64);
  });
});
