/** The bucket against exact arithmetic: no stretch of time gets too much, nothing that is due is refused, and nothing drifts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '@ringmain/policy';

const options = fc.record({ ratePerSecond: fc.integer({ min: 1, max: 5_000_000 }), burst: fc.integer({ min: 1, max: 500 }) });
/** Pauses, some of which are steps back of the clock, and the tokens wanted after them. */
const script = fc.array(
  fc.tuple(
    fc.oneof(fc.nat(3), fc.nat(2000), fc.nat(3_000_000), fc.integer({ min: -2000, max: 0 })),
    fc.oneof(fc.nat(5), fc.nat(600)),
  ),
  { maxLength: 60 },
);

describe('TokenBucket', () => {
  it('never lets more than the burst and the rate through, whichever stretch of time one looks at', () => {
    fc.assert(
      fc.property(options, script, ({ ratePerSecond, burst }, steps) => {
        const bucket = new TokenBucket({ ratePerSecond, burst });
        const granted: { readonly atUs: number; readonly count: number }[] = [];
        let nowUs = 0;
        let furthestUs = -Infinity;
        for (const [pauseUs, count] of steps) {
          nowUs += pauseUs;
          furthestUs = Math.max(furthestUs, nowUs);
          if (bucket.take(count, nowUs)) granted.push({ atUs: furthestUs, count });
        }
        for (let first = 0; first < granted.length; first++) {
          let sum = 0;
          for (const { atUs, count } of granted.slice(first)) {
            sum += count;
            // In millionths, so that the comparison is exact.
            const allowed = burst * 1e6 + ratePerSecond * (atUs - (granted[first]?.atUs ?? 0));
            expect(sum * 1e6).toBeLessThanOrEqual(allowed);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('grants exactly what whole numbers say is there, also with times as large as those of a wall clock', () => {
    fc.assert(
      fc.property(options, script, fc.constantFrom(0, 1_700_000_000_000_000), ({ ratePerSecond, burst }, steps, startUs) => {
        const bucket = new TokenBucket({ ratePerSecond, burst });
        const capacity = BigInt(burst) * 1_000_000n;
        let level = capacity;
        let nowUs = startUs;
        let filledUs: number | undefined;
        for (const [pauseUs, count] of steps) {
          nowUs += pauseUs;
          level += BigInt(ratePerSecond) * BigInt(Math.max(0, nowUs - (filledUs ?? nowUs)));
          if (level > capacity) level = capacity;
          filledUs = Math.max(filledUs ?? nowUs, nowUs);
          expect(bucket.available(nowUs)).toBe(Number(level / 1_000_000n));
          const wanted = BigInt(count) * 1_000_000n;
          expect(bucket.take(count, nowUs)).toBe(wanted <= level);
          if (wanted <= level) level -= wanted;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('says the first whole microsecond at which the tokens are there, from any time on', () => {
    fc.assert(
      fc.property(options, script, fc.integer({ min: 0, max: 600 }), fc.nat(5000), (limits, steps, count, backUs) => {
        const used = (): { bucket: TokenBucket; nowUs: number } => {
          const bucket = new TokenBucket(limits);
          let nowUs = 0;
          for (const [pauseUs, taken] of steps) bucket.take(taken, (nowUs += pauseUs));
          return { bucket, nowUs: nowUs - backUs };
        };
        const { bucket, nowUs } = used();
        const waitUs = bucket.waitUs(count, nowUs);
        if (count > limits.burst) {
          expect(waitUs).toBe(Infinity);
          expect(bucket.take(count, nowUs + 1e9)).toBe(false);
          return;
        }
        if (waitUs > 0) expect(used().bucket.take(count, nowUs + waitUs - 1)).toBe(false);
        expect(bucket.take(count, nowUs + waitUs)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('TokenBucket over long runs', () => {
  it('loses and gains not one token in a day of a rate that no binary fraction meets', () => {
    const startUs = 1_700_000_000_000_000;
    const bucket = new TokenBucket({ ratePerSecond: 3, burst: 2 });
    let nowUs = startUs;
    let granted = 0;
    // The last token of the day is the one that ends it.
    while (granted < 2 + 3 * 86_400 && bucket.take(1, (nowUs += bucket.waitUs(1, nowUs)))) granted++;
    expect(granted).toBe(2 + 3 * 86_400);
    expect(nowUs - startUs).toBe(86_400_000_000);
  });

  it('starts full, and never holds more than the burst', () => {
    const bucket = new TokenBucket({ ratePerSecond: 100, burst: 10 });
    expect([bucket.available(5), bucket.take(10, 5), bucket.take(1, 5), bucket.available(1e12)]).toEqual([10, true, false, 10]);
  });

  it('gives its burst and then nothing for ever with a rate of 0', () => {
    const bucket = new TokenBucket({ ratePerSecond: 0, burst: 2 });
    expect([bucket.take(2, 0), bucket.take(1, 1e15), bucket.waitUs(1, 1e15), bucket.waitUs(0, 1e15)]).toEqual([
      true,
      false,
      Infinity,
      0,
    ]);
  });
});
