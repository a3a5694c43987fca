/** Limits that adapt, on a simulated server of known capacity: they come near it, stay within bounds, and come back after a slow phase. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AdaptiveLimitOptions } from '@ringmain/policy';
import { AdaptiveLimit } from '@ringmain/policy';

const BASE_US = 20_000;
const DEFAULTS: AdaptiveLimitOptions = {
  algorithm: 'aimd',
  min: 1,
  max: 256,
  initial: 10,
  windowUs: 50_000,
  backoff: 0.9,
  slowUs: Infinity,
  tolerance: 1.5,
  smoothing: 0.2,
};

/** A server that works on `capacity` calls at a time; more share it, and each takes longer. It may fail those beyond some number. */
class Server {
  nowUs = 0;
  slowness = 1;
  private readonly capacity: number;
  private readonly limit: AdaptiveLimit;
  private readonly failsBeyond: number;
  private readonly jitter: () => number;
  private readonly running: { readonly startUs: number; readonly endUs: number; readonly fails: boolean }[] = [];
  readonly limits: number[] = [];

  constructor(limit: AdaptiveLimit, capacity: number, jitter: () => number, failsBeyond = Infinity) {
    this.limit = limit;
    this.capacity = capacity;
    this.jitter = jitter;
    this.failsBeyond = failsBeyond;
  }

  /** Runs for some time; always as many calls as the limit and the demand allow. */
  run(us: number): void {
    const untilUs = this.nowUs + us;
    while (this.nowUs < untilUs) {
      while (this.running.length < this.limit.limit) this.begin();
      let next = 0;
      for (const [index, { endUs }] of this.running.entries()) if (endUs < (this.running[next]?.endUs ?? 0)) next = index;
      const [call] = this.running.splice(next, 1);
      if (call === undefined) return;
      this.nowUs = Math.max(this.nowUs, call.endUs);
      this.limit.ended(this.nowUs - call.startUs, call.fails, this.running.length + 1, this.nowUs);
      this.limits.push(this.limit.limit);
    }
  }

  /** Mean limit from now on. */
  meanDuring(us: number): number {
    this.limits.length = 0;
    this.run(us);
    return this.limits.reduce((sum, one) => sum + one, 0) / this.limits.length;
  }

  private begin(): void {
    const count = this.running.length + 1;
    const loadUs = BASE_US * this.slowness * Math.max(1, count / this.capacity);
    const tookUs = Math.ceil(loadUs * (0.9 + 0.2 * this.jitter()));
    this.running.push({ startUs: this.nowUs, endUs: this.nowUs + tookUs, fails: count > this.failsBeyond });
  }
}

/** A generator of numbers from 0 to 1 that a seed decides. */
function jitterOf(seed: number): () => number {
  let state = seed | 1;
  return () => (state = Math.imul(state, 1_103_515_245) + 12_345) / 2 ** 32 + 0.5;
}

const worlds = fc.record({ capacity: fc.integer({ min: 4, max: 24 }), seed: fc.integer() });
const bounded = fc
  .record({
    algorithm: fc.constantFrom('aimd' as const, 'gradient' as const),
    min: fc.integer({ min: 1, max: 20 }),
    width: fc.nat(40),
  })
  .map(({ algorithm, min, width }) => ({ ...DEFAULTS, algorithm, min, max: min + width, initial: min, windowUs: 0 }));

describe('AdaptiveLimit', () => {
  it('aimd comes near what a server bears that fails beyond it', () => {
    fc.assert(
      fc.property(worlds, ({ capacity, seed }) => {
        const server = new Server(new AdaptiveLimit(DEFAULTS), capacity, jitterOf(seed), 2 * capacity);
        server.run(10_000_000);
        const mean = server.meanDuring(5_000_000) / (2 * capacity);
        expect(mean).toBeGreaterThan(0.75);
        expect(mean).toBeLessThan(1.05);
      }),
      { numRuns: 10 },
    );
  });

  it('gradient comes near the capacity of a server that becomes slow beyond it', () => {
    fc.assert(
      fc.property(worlds, ({ capacity, seed }) => {
        const server = new Server(new AdaptiveLimit({ ...DEFAULTS, algorithm: 'gradient' }), capacity, jitterOf(seed));
        server.run(10_000_000);
        const mean = server.meanDuring(10_000_000);
        expect(mean).toBeGreaterThan(0.8 * capacity);
        expect(mean).toBeLessThan(2 * capacity + 4);
      }),
      { numRuns: 10 },
    );
  });

  it('gradient does not take for usual in the long run what it has caused itself', () => {
    // The first thing that it sees is its own queue.
    const limit = new AdaptiveLimit({ ...DEFAULTS, algorithm: 'gradient', windowUs: 20_000, initial: 100 });
    const server = new Server(limit, 8, jitterOf(1));
    server.run(200_000_000);
    expect(server.meanDuring(20_000_000)).toBeLessThan(20);
  });

  it.each(['aimd', 'gradient'] as const)('%s recovers after a slow phase', (algorithm) => {
    fc.assert(
      fc.property(worlds, ({ capacity, seed }) => {
        const server = new Server(
          new AdaptiveLimit({ ...DEFAULTS, algorithm, slowUs: 5 * BASE_US }),
          capacity,
          jitterOf(seed),
          2 * capacity,
        );
        server.run(10_000_000);
        const before = server.meanDuring(5_000_000);
        server.slowness = 8;
        server.run(5_000_000);
        server.slowness = 1;
        server.run(20_000_000);
        const after = server.meanDuring(10_000_000);
        expect(after / before).toBeGreaterThan(0.6);
        expect(after / before).toBeLessThan(1.7);
      }),
      { numRuns: 5 },
    );
  });

  it('stays within its bounds, in integers, whatever it is told', () => {
    const calls = fc.array(fc.tuple(fc.nat(1_000_000), fc.boolean(), fc.nat(100)), { maxLength: 400 });
    fc.assert(
      fc.property(bounded, bounded, calls, (options, others, told) => {
        const limit = new AdaptiveLimit(options);
        let nowUs = 0;
        let current: AdaptiveLimitOptions = options;
        for (const [index, [tookUs, failed, running]] of told.entries()) {
          if (index === 200) limit.configure((current = others));
          nowUs += 1000;
          const before = limit.limit;
          const isOther = limit.ended(tookUs, failed, running, nowUs);
          expect(isOther).toBe(limit.limit !== before);
          expect(Number.isInteger(limit.limit)).toBe(true);
          expect(limit.limit).toBeGreaterThanOrEqual(current.min);
          expect(limit.limit).toBeLessThanOrEqual(current.max);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('does not change while less than half of it is in use, also by failures', () => {
    for (const algorithm of ['aimd', 'gradient'] as const) {
      const limit = new AdaptiveLimit({ ...DEFAULTS, algorithm, initial: 20, windowUs: 0 });
      for (let call = 1; call <= 500; call++) limit.ended(call * 1000, call % 3 === 0, 9, call * 1000);
      expect(limit.limit).toBe(20);
    }
  });

  it('changes once per window, of ten calls at least', () => {
    const limit = new AdaptiveLimit({ ...DEFAULTS, initial: 10 });
    for (let call = 0; call < 9; call++) expect(limit.ended(1, false, 10, call * 1_000_000)).toBe(false);
    expect(limit.ended(1, false, 10, 9_000_000)).toBe(true);
    expect(limit.limit).toBe(11);
    for (let call = 0; call < 50; call++) expect(limit.ended(1, true, 11, 9_000_000 + call)).toBe(false);
    expect(limit.ended(1, true, 11, 9_100_000)).toBe(true);
    expect(limit.limit).toBe(9);
  });
});
