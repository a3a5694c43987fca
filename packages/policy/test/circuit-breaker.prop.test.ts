/** Circuit breaker: windows against a list of calls, and the states against what may lead to them, on a clock of the test's own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BreakerTransition, CallCounts, CircuitBreakerOptions } from '@ringmain/policy';
import { CallCountWindow, CallTimeWindow, CircuitBreaker } from '@ringmain/policy';

const OPTIONS: CircuitBreakerOptions = {
  window: 'calls',
  windowCalls: 100,
  windowUs: 10_000_000,
  minimumCalls: 20,
  failureRate: 0.5,
  slowRate: 0.5,
  combinedRate: 0.6,
  openUs: 1_000_000,
  openMaxUs: 60_000_000,
  probes: 5,
  rampStepUs: 500_000,
};
const half = (): number => 0.5;
const lotOf = (calls: number, failed = 0, slow = 0, bad = Math.max(failed, slow)): CallCounts => ({ calls, failed, slow, bad });

/** A lot of calls, some of them failed, slow, or both. */
const lots = fc
  .array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 60 })
  .map((calls) =>
    lotOf(
      calls.length,
      calls.filter(([failed]) => failed).length,
      calls.filter(([, slow]) => slow).length,
      calls.filter(([failed, slow]) => failed || slow).length,
    ),
  );

function sum(list: readonly CallCounts[]): CallCounts {
  const total = (of: (lot: CallCounts) => number): number => list.reduce((all, lot) => all + of(lot), 0);
  return {
    calls: total((lot) => lot.calls),
    failed: total((lot) => lot.failed),
    slow: total((lot) => lot.slow),
    bad: total((lot) => lot.bad),
  };
}

/** Opens a breaker by failures; returns the transition. */
function open(breaker: CircuitBreaker, nowUs: number): BreakerTransition | undefined {
  return breaker.observe(lotOf(20, 20), nowUs);
}

describe('CallCountWindow', () => {
  it('holds the fewest of the last lots that have as many calls as it is asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.array(lots, { maxLength: 60 }), (calls, list) => {
        const window = new CallCountWindow(calls);
        const added: CallCounts[] = [];
        for (const lot of list) {
          window.add(lot);
          added.push(lot);
          let first = added.length;
          while (first > 0 && sum(added.slice(first)).calls < calls) first--;
          expect(window.totals()).toEqual(sum(added.slice(first)));
        }
        window.clear();
        expect(window.totals().calls).toBe(0);
      }),
    );
  });
});

describe('CallTimeWindow', () => {
  it('holds what is nine to ten tenths of its period old at most, and nothing older', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2_000_000), lots), { maxLength: 60 }), (steps) => {
        const period = 1_000_000;
        const window = new CallTimeWindow(period);
        const added: { readonly atUs: number; readonly lot: CallCounts }[] = [];
        let nowUs = 0;
        for (const [pauseUs, lot] of steps) {
          nowUs += pauseUs;
          window.add(lot, nowUs);
          added.push({ atUs: nowUs, lot });
          const since = (ageUs: number): number =>
            sum(added.filter(({ atUs }) => nowUs - atUs < ageUs).map((one) => one.lot)).calls;
          const { calls } = window.totals(nowUs);
          expect(calls).toBeGreaterThanOrEqual(since(period * 0.9));
          expect(calls).toBeLessThanOrEqual(since(period));
        }
      }),
    );
  });
});

describe('CircuitBreaker.observe()', () => {
  it('opens exactly when a rate of a window with enough calls is reached, for the first such reason', () => {
    fc.assert(
      fc.property(fc.constantFrom('calls', 'time'), fc.array(lots, { maxLength: 40 }), (window, list) => {
        const breaker = new CircuitBreaker({ ...OPTIONS, window }, half);
        const model = window === 'calls' ? new CallCountWindow(100) : new CallTimeWindow(10_000_000);
        for (const [index, lot] of list.entries()) {
          const nowUs = index * 1000;
          model.add(lot, nowUs);
          const { calls, failed, slow, bad } = model.totals(nowUs);
          const reasons = [
            failed / calls >= 0.5 && 'failures',
            slow / calls >= 0.5 && 'slowness',
            bad / calls >= 0.6 && 'combined',
          ];
          const reason = calls >= 20 && lot.calls > 0 ? reasons.find((one) => one !== false) : undefined;
          const transition = breaker.observe(lot, nowUs);
          expect(transition?.reason).toBe(reason);
          expect(breaker.state).toBe(reason === undefined ? 'closed' : 'open');
          if (transition === undefined) continue;
          expect(transition).toMatchObject({
            from: 'closed',
            to: 'open',
            window: { calls, failed, slow, bad },
            openUs: 1_000_000,
          });
          return;
        }
      }),
    );
  });

  it('judges a window of fewer calls than the minimum once it is full', () => {
    const breaker = new CircuitBreaker({ ...OPTIONS, windowCalls: 3 }, half);
    expect(breaker.observe(lotOf(2, 2), 0)).toBeUndefined();
    expect(breaker.observe(lotOf(1), 1)?.reason).toBe('failures');
  });

  it('forgets what it saw when there was no call for as long as the window is', () => {
    const breaker = new CircuitBreaker(OPTIONS, half);
    breaker.observe(lotOf(19, 19), 0);
    breaker.observe(lotOf(0), 9_999_999);
    expect(breaker.totals(9_999_999).calls).toBe(19);
    breaker.observe(lotOf(0), 10_000_000);
    expect(breaker.totals(10_000_000).calls).toBe(0);
  });

  it('counts nothing of what ends while it is open or half-open', () => {
    const breaker = new CircuitBreaker(OPTIONS, half);
    open(breaker, 0);
    expect(breaker.observe(lotOf(100, 100), 1)).toBeUndefined();
    breaker.tick(1_000_000);
    expect(breaker.observe(lotOf(100, 100), 1_000_001)).toBeUndefined();
    expect(breaker.totals(1_000_001).calls).toBe(0);
  });
});

describe('CircuitBreaker, opened', () => {
  it('stays so twice as long each time, up to the longest, and a fifth more or less by chance', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 12 }), (chances) => {
        let turn = 0;
        const breaker = new CircuitBreaker(OPTIONS, () => chances[turn % chances.length] as number);
        let nowUs = 0;
        let openUs = open(breaker, nowUs)?.openUs ?? 0;
        for (; turn < chances.length;) {
          const usual = Math.min(60_000_000, 1_000_000 * 2 ** turn);
          expect(openUs).toBe(Math.round(usual * (0.8 + 0.4 * (chances[turn] as number))));
          expect(breaker.tick(nowUs + openUs - 1)).toBeUndefined();
          nowUs += openUs;
          expect(breaker.tick(nowUs)).toMatchObject({ from: 'open', to: 'half-open', reason: 'waited' });
          turn++;
          openUs = breaker.probed({ good: 0, bad: 0, lost: 1 }, nowUs)?.openUs ?? 0;
        }
      }),
    );
  });

  it('goes over probes and four steps of the ramp to closed, and begins with the first open time again', () => {
    const breaker = new CircuitBreaker(OPTIONS, half);
    open(breaker, 0);
    breaker.tick(1_000_000);
    expect(breaker.probed({ good: 4, bad: 0, lost: 0 }, 1_000_001)).toBeUndefined();
    expect(breaker.probed({ good: 4, bad: 1, lost: 0 }, 1_000_002)).toMatchObject({ to: 'ramp', reason: 'probed' });
    const percents = [breaker.rampPercent];
    let nowUs = 1_000_002;
    while (breaker.state === 'ramp') {
      expect(breaker.tick(nowUs + 499_999)).toBeUndefined();
      breaker.tick((nowUs += 500_000));
      percents.push(breaker.rampPercent);
    }
    expect(percents).toEqual([20, 40, 60, 80, 100]);
    expect(breaker.state).toBe('closed');
    expect(open(breaker, nowUs)?.openUs).toBe(1_000_000);
  });

  it('opens again on the ramp, for longer', () => {
    const breaker = new CircuitBreaker(OPTIONS, half);
    open(breaker, 0);
    breaker.tick(1_000_000);
    breaker.probed({ good: 5, bad: 0, lost: 0 }, 1_000_000);
    expect(open(breaker, 1_000_001)).toMatchObject({ from: 'ramp', to: 'open', openUs: 2_000_000 });
  });

  it.each([
    [{ good: 0, bad: 3, lost: 0 }, 'probe-failed'],
    [{ good: 2, bad: 2, lost: 0 }, undefined],
    [{ good: 4, bad: 0, lost: 1 }, 'probe-lost'],
  ] as const)('of five probes %j mean %s', (counts, reason) => {
    const breaker = new CircuitBreaker(OPTIONS, half);
    open(breaker, 0);
    breaker.tick(1_000_000);
    expect(breaker.probed(counts, 1_000_001)?.reason).toBe(reason);
  });
});

describe('CircuitBreaker.obey()', () => {
  it('holds until the next command, whatever happens', () => {
    const step = fc.oneof(
      lots.map((lot) => (breaker: CircuitBreaker, nowUs: number) => breaker.observe(lot, nowUs)),
      fc.constant((breaker: CircuitBreaker, nowUs: number) => breaker.hung(nowUs)),
      fc.constant((breaker: CircuitBreaker, nowUs: number) => breaker.tick(nowUs)),
      fc.constant((breaker: CircuitBreaker, nowUs: number) => breaker.probed({ good: 5, bad: 0, lost: 1 }, nowUs)),
    );
    const commands = fc.constantFrom('isolated', 'forced-closed', 'metrics-only');
    fc.assert(
      fc.property(commands, fc.array(fc.tuple(fc.nat(5_000_000), step), { maxLength: 30 }), (command, steps) => {
        const breaker = new CircuitBreaker(OPTIONS, half);
        open(breaker, 0);
        expect(breaker.obey(command, 1)).toMatchObject({ from: 'open', to: command, reason: 'command' });
        let nowUs = 1;
        for (const [pauseUs, take] of steps) {
          const transition = take(breaker, (nowUs += pauseUs));
          expect(breaker.state).toBe(command);
          if (transition !== undefined) expect(transition).toMatchObject({ from: 'metrics-only', to: 'metrics-only' });
        }
        expect(breaker.obey('auto', nowUs)).toMatchObject({ from: command, to: 'closed' });
        expect(breaker.totals(nowUs).calls).toBe(0);
      }),
    );
  });

  it('says when it would have opened no more often than it would have tried again', () => {
    const breaker = new CircuitBreaker(OPTIONS, half);
    breaker.obey('metrics-only', 0);
    const told = [1, 500_000, 1_000_000, 1_000_001, 1_500_000].filter((nowUs) => open(breaker, nowUs) !== undefined);
    expect(told).toEqual([1, 1_000_001]);
  });
});

describe('CircuitBreaker.hung()', () => {
  it('opens at once from every state in which handlers are called', () => {
    const breaker = new CircuitBreaker(OPTIONS, half);
    expect(breaker.hung(0)).toMatchObject({ from: 'closed', to: 'open', reason: 'hung' });
    expect(breaker.hung(1)).toBeUndefined();
    breaker.tick(1_000_000);
    expect(breaker.hung(1_000_001)).toMatchObject({ from: 'half-open', to: 'open', openUs: 2_000_000 });
  });
});

describe('CircuitBreaker.resume()', () => {
  it.each([
    ['closed', 'closed'],
    ['open', 'open'],
    ['half-open', 'open'],
    ['ramp', 'open'],
  ] as const)('after a coordinator that left it %s it is %s', (left, found) => {
    const breaker = new CircuitBreaker(OPTIONS, half);
    breaker.resume(left, 'auto', 0);
    expect(breaker.state).toBe(found);
  });
});
