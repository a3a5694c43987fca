/** A queue and askers share one bucket: together they get all of it and no more, and neither keeps the other waiting. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateTurns, TokenBucket } from '@ringmain/policy';

const SECOND_US = 1_000_000;
const TICK_US = 1000;
const [CRITICAL, NORMAL, LOW] = [0, 2, 3] as const;

/** Runs a queue that is never empty, and an asker that comes again when it was refused, at every tick of a timer. */
function run(ratePerSecond: number, burst: number, seconds: number, asks: (tick: number) => number, asker: number = NORMAL) {
  const turns = new RateTurns(new TokenBucket({ ratePerSecond, burst }));
  const granted = { queue: 0, asker: 0 };
  const endUs = seconds * SECOND_US;
  let dueUs = 0;
  for (let nowUs = 0; nowUs < endUs; nowUs += TICK_US) {
    const count = asks(nowUs / TICK_US);
    const isBehind = asker >= NORMAL;
    if (count > 0 && turns.ask({ count, priority: asker, isBehind, isBeside: true }, nowUs)) granted.asker += count;
    if (nowUs < dueUs) continue;
    let waitUs = turns.next(NORMAL, nowUs);
    for (; waitUs === 0; waitUs = turns.next(NORMAL, nowUs)) granted.queue++;
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

  it('keeps tokens for one who is more urgent than the queue too', () => {
    const urgent = run(100, 10, 10, () => 5, CRITICAL);
    expect(urgent.asker).toBeGreaterThanOrEqual(450);
  });

  it('has nothing that is more urgent wait for tokens that are kept, and nothing else for longer than a second', () => {
    const turns = new RateTurns(new TokenBucket({ ratePerSecond: 100, burst: 1000 }));
    expect(turns.ask({ count: 1000, priority: LOW, isBehind: false, isBeside: true }, 0)).toBe(true);
    expect(turns.next(NORMAL, 10_000)).toBe(0);
    expect(turns.ask({ count: 1000, priority: LOW, isBehind: true, isBeside: true }, 20_000)).toBe(false);
    expect(turns.next(LOW, 500_000)).toBeGreaterThan(0);
    expect(turns.next(CRITICAL, 500_000)).toBe(0);
    expect(turns.next(LOW, 20_000 + 1_010_000)).toBe(0);
  });

  it('asks nobody to take turns while no queue waits', () => {
    const turns = new RateTurns(new TokenBucket({ ratePerSecond: 1, burst: 3 }));
    const alone = { count: 1, priority: NORMAL, isBehind: false, isBeside: false };
    expect([0, 0, 0, 0].map((nowUs) => turns.ask(alone, nowUs))).toEqual([true, true, true, false]);
    expect(turns.ask(alone, SECOND_US)).toBe(true);
    // Nothing was kept for whoever was refused then.
    expect(turns.next(NORMAL, 2 * SECOND_US)).toBe(0);
  });
});
