/** A queue and askers share one bucket: together they get all of it and no more, and neither keeps the other waiting. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateTurns, TokenBucket } from '@ringmain/policy';

const SECOND_US = 1_000_000;
const TICK_US = 1000;

/** Runs a queue that is never empty, and an asker that comes again when it was refused, at every tick of a timer. */
function run(ratePerSecond: number, burst: number, seconds: number, asks: (tick: number) => number) {
  const turns = new RateTurns(new TokenBucket({ ratePerSecond, burst }));
  const granted = { queue: 0, asker: 0 };
  const endUs = seconds * SECOND_US;
  let dueUs = 0;
  for (let nowUs = 0; nowUs < endUs; nowUs += TICK_US) {
    const count = asks(nowUs / TICK_US);
    if (count > 0 && turns.ask(count, nowUs, true)) granted.asker += count;
    if (nowUs < dueUs) continue;
    let waitUs = turns.next(nowUs);
    for (; waitUs === 0; waitUs = turns.next(nowUs)) granted.queue++;
    dueUs = nowUs + waitUs;
  }
  return granted;
}

describe('RateTurns', () => {
  it('lets a queue have the whole rate, within one percent over ten seconds, where a tick brings no more than the burst', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 100_000 }), fc.integer({ min: 0, max: 1000 }), (rate, more) => {
        const burst = Math.ceil(rate / 1000) + 1 + more;
        const { queue } = run(rate, burst, 10, () => 0);
        expect(queue).toBeLessThanOrEqual(burst + rate * 10);
        expect(queue).toBeGreaterThanOrEqual(rate * 10 * 0.99);
      }),
      { numRuns: 30 },
    );
  });

  it('gives an asker that comes with every tick half of a rate that is small, and the queue the other half', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 400 }), fc.integer({ min: 2, max: 20 }), (rate, burst) => {
        const { queue, asker } = run(rate, burst, 10, () => 1);
        const both = queue + asker;
        expect(both).toBeLessThanOrEqual(burst + rate * 10);
        expect(both).toBeGreaterThanOrEqual(rate * 10 * 0.95);
        expect(Math.abs(queue - asker)).toBeLessThanOrEqual(burst + 2);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps tokens for one who wants many at once, and not for one who has gone', () => {
    const WANTED = 10;
    const many = run(100, WANTED, 10, () => WANTED);
    expect(many.asker).toBeGreaterThanOrEqual(300);
    expect(many.queue).toBeGreaterThan(0);
    // It asks once and never again: a moment later the queue has everything.
    const gone = run(100, WANTED, 10, (tick) => (tick === 500 ? WANTED : 0));
    expect(gone.queue).toBeGreaterThanOrEqual(980);
  });

  it('asks nobody to take turns while no queue waits', () => {
    const turns = new RateTurns(new TokenBucket({ ratePerSecond: 1, burst: 3 }));
    expect([1, 1, 1, 1].map((count) => turns.ask(count, 0, false))).toEqual([true, true, true, false]);
    expect(turns.ask(1, SECOND_US, false)).toBe(true);
    // Nothing was kept for whoever was refused then.
    expect(turns.next(2 * SECOND_US)).toBe(0);
  });
});
