import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryBudget } from '@ringmain/policy';

const SECOND_US = 1_000_000;
const step = fc.record({ waitUs: fc.integer({ min: 0, max: 4 * SECOND_US }), deliveries: fc.nat(200), asks: fc.nat(60) });

describe('RetryBudget', () => {
  it('never allows more than its deliveries and its floor earn', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        fc.array(step, { maxLength: 60 }),
        (ratio, perSecondMin, steps) => {
          const budget = new RetryBudget({ ratio, perSecondMin });
          let nowUs = 0;
          let deliveries = 0;
          const log: { nowUs: number; deliveries: number; taken: number }[] = [];
          for (const { waitUs, deliveries: more, asks } of steps) {
            nowUs += waitUs;
            deliveries += more;
            let taken = 0;
            for (let ask = 0; ask < asks; ask++) if (budget.take(deliveries, nowUs)) taken++;
            log.push({ nowUs, deliveries, taken });
          }
          for (const [first, from] of log.entries()) {
            const before = log.findLast((entry) => entry.nowUs < from.nowUs - 11 * SECOND_US)?.deliveries ?? 0;
            let taken = 0;
            for (const to of log.slice(first)) {
              taken += to.taken;
              const seconds = (to.nowUs - from.nowUs) / SECOND_US;
              expect(taken).toBeLessThanOrEqual(ratio * (to.deliveries - before) + perSecondMin * (seconds + 11) + 1e-6);
            }
          }
        },
      ),
    );
  });

  it('has ten seconds of its floor at the start, and what a share of the deliveries earns', () => {
    const budget = new RetryBudget({ ratio: 0.2, perSecondMin: 1 });
    const take = (deliveries: number, nowUs: number): number => {
      let taken = 0;
      while (budget.take(deliveries, nowUs)) taken++;
      return taken;
    };
    expect(take(0, 0)).toBe(10);
    expect(take(100, 0)).toBe(20);
    expect(take(100, SECOND_US)).toBe(1);
    expect(take(100, 3 * SECOND_US)).toBe(2);
  });

  it('keeps what was earned for ten seconds and no longer', () => {
    const budget = new RetryBudget({ ratio: 1, perSecondMin: 0 });
    expect(budget.take(5, 0)).toBe(true);
    expect(budget.take(5, 9 * SECOND_US)).toBe(true);
    expect(budget.left()).toBe(3);
    expect(budget.take(5, 10 * SECOND_US)).toBe(false);
    expect(budget.left()).toBe(0);
  });

  it('takes a clock that steps back as one that stands still', () => {
    const budget = new RetryBudget({ ratio: 0, perSecondMin: 1 });
    expect(budget.take(0, 5 * SECOND_US)).toBe(true);
    expect(budget.take(0, 0)).toBe(true);
    expect(budget.left()).toBe(8);
  });

  it('earns nothing for what was delivered before it was made', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1000), fc.double({ min: 0, max: 2, noNaN: true }), (before, after, ratio) => {
        const budget = new RetryBudget({ ratio, perSecondMin: 0 }, before);
        budget.earn(before, 0);
        expect(budget.left()).toBe(0);
        budget.earn(before + after, 1);
        expect(budget.left()).toBe(after * ratio);
      }),
    );
  });

  it('allows nothing that is not earned', () => {
    expect(new RetryBudget({ ratio: 0, perSecondMin: 0 }).take(1e9, 0)).toBe(false);
  });
});
