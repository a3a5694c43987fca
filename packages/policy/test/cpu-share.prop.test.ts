/** The share of the processor against all stretches of time: never more than is due, and what is due. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CpuShare } from '@ringmain/policy';

const WINDOW_US = 100_000;
const share = fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100);

describe('CpuShare', () => {
  it('never lets more be charged in a stretch than its share, that of a window, and one segment', () => {
    const script = fc.array(fc.tuple(fc.nat(50_000), fc.integer({ min: 1, max: 30_000 })), { maxLength: 60 });
    fc.assert(
      fc.property(share, script, (part, steps) => {
        const cpu = new CpuShare({ share: part, windowUs: WINDOW_US });
        const charged: { readonly fromUs: number; readonly toUs: number }[] = [];
        let nowUs = 0;
        for (const [pauseUs, segmentUs] of steps) {
          nowUs += pauseUs;
          if (cpu.isSpent(nowUs)) continue;
          const fromUs = nowUs;
          nowUs += segmentUs;
          cpu.charge(segmentUs, nowUs);
          charged.push({ fromUs, toUs: nowUs });
        }
        for (let first = 0; first < charged.length; first++) {
          let sum = 0;
          let longest = 0;
          for (const { fromUs, toUs } of charged.slice(first)) {
            sum += toUs - fromUs;
            longest = Math.max(longest, toUs - fromUs);
            const stretchUs = toUs - (charged[first]?.fromUs ?? 0);
            expect(sum).toBeLessThanOrEqual(part * (stretchUs + WINDOW_US) + longest + 1);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('gives handlers that always have something to do their share, whatever their length', () => {
    fc.assert(
      fc.property(share, fc.integer({ min: 1000, max: 20_000 }), (part, segmentUs) => {
        const cpu = new CpuShare({ share: part, windowUs: WINDOW_US });
        let nowUs = 0;
        let busyUs = 0;
        let tooEarly = 0;
        while (nowUs < 20_000_000) {
          nowUs += cpu.waitUs(nowUs);
          if (cpu.isSpent(nowUs)) tooEarly++;
          nowUs += segmentUs;
          busyUs += segmentUs;
          cpu.charge(segmentUs, nowUs);
        }
        expect(tooEarly).toBe(0);
        expect(busyUs / nowUs).toBeGreaterThan(part - 0.01);
        expect(busyUs / nowUs).toBeLessThan(part + 0.02);
      }),
      // The example: shares of microseconds, added up, once left a rest that was not yet nothing.
      { numRuns: 30, examples: [[0.02, 2465]] },
    );
  });

  it('keeps what is owed when the share changes, and stands still while the clock steps back', () => {
    const cpu = new CpuShare({ share: 0.5, windowUs: WINDOW_US });
    cpu.charge(150_000, 0);
    expect(cpu.waitUs(0)).toBe(200_001);
    cpu.configure({ share: 1, windowUs: WINDOW_US }, 0);
    expect(cpu.waitUs(0)).toBe(100_001);
    expect(cpu.waitUs(-5_000_000)).toBe(100_001);
    expect(cpu.isSpent(100_001)).toBe(false);
  });
});
