/** Health of groups over any history: worse at once, better only when it lasts, and nobody stalls by time alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupFigures, GroupHealthOptions } from '@ringmain/policy';
import { GROUP_STATES, GroupHealth } from '@ringmain/policy';

const OPTIONS: GroupHealthOptions = {
  windowMs: 10_000,
  failureRate: 0.5,
  failuresMin: 10,
  slowMs: 100,
  stalledMs: 5000,
  recoverMs: 3000,
};

const QUIET: GroupFigures = {
  delivered: 0,
  deadLettered: 0,
  retried: 0,
  progress: 0,
  waiting: false,
  isRetrying: () => false,
  blockedMs: 0,
};

/** Figures that counts follow from. */
function figures(delivered: number, failed: number, more: Partial<GroupFigures> = {}): GroupFigures {
  return { ...QUIET, delivered, retried: failed, progress: delivered + failed, ...more };
}

describe('a group', () => {
  it('is ok while nothing happens, however long that is', () => {
    const health = new GroupHealth(OPTIONS);
    for (const nowMs of [0, 1, 60_000, 10_000_000]) expect(health.look(QUIET, nowMs)).toEqual({ state: 'ok', reason: '' });
  });

  it('is degraded when enough attempts fail, and ok again once that lasts', () => {
    const health = new GroupHealth(OPTIONS);
    health.look(figures(0, 0), 0);
    expect(health.look(figures(0, 9), 1000).state).toBe('ok');
    expect(health.look(figures(10, 10), 2000)).toEqual({ state: 'degraded', reason: '10 of 20 attempts failed within 10000 ms' });
    expect(health.look(figures(11, 10), 3000).state).toBe('degraded');
    expect(health.look(figures(11, 10), 5999).state).toBe('degraded');
    expect(health.look(figures(11, 10), 6000)).toEqual({ state: 'ok', reason: '' });
  });

  it('is degraded while a thread of its own is missing', () => {
    const health = new GroupHealth({ ...OPTIONS, recoverMs: 1 });
    expect(health.look(figures(0, 0, { threadsMissing: 1 }), 0)).toEqual({
      state: 'degraded',
      reason: 'threads of its own that are being replaced: 1',
    });
    health.look(QUIET, 1);
    expect(health.look(QUIET, 2).state).toBe('ok');
  });

  it('forgets failures that are older than the window', () => {
    const health = new GroupHealth({ ...OPTIONS, recoverMs: 1 });
    health.look(figures(0, 0), 0);
    expect(health.look(figures(0, 10), 1000).state).toBe('degraded');
    let state = '';
    for (let nowMs = 2000; nowMs <= 13_000; nowMs += 1000) ({ state } = health.look(figures(0, 10), nowMs));
    expect(state).toBe('ok');
  });

  it('is stalled when work waits and nothing gets on, for long enough and several looks', () => {
    const health = new GroupHealth(OPTIONS);
    const stuck = figures(5, 0, { waiting: true });
    // A suspended machine: a night passes between two looks.
    expect(health.look(stuck, 0).state).toBe('ok');
    expect(health.look(stuck, 30_000_000).state).toBe('ok');
    expect(health.look(stuck, 30_000_100).state).toBe('ok');
    expect(health.look(stuck, 30_000_200)).toMatchObject({ state: 'stalled', reason: /^work waits/ });
    const moved = figures(6, 0, { waiting: true });
    expect(health.look(moved, 30_000_300).state).toBe('stalled');
    expect(health.look(figures(7, 0, { waiting: true }), 30_003_300).state).toBe('ok');
  });

  it('is not stalled while it waits for its next attempt, or has nothing to do', () => {
    const health = new GroupHealth(OPTIONS);
    const waits = figures(5, 1, { waiting: true, isRetrying: () => true });
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1000) expect(health.look(waits, nowMs).state).toBe('ok');
    for (let nowMs = 60_000; nowMs < 120_000; nowMs += 1000) expect(health.look(figures(5, 1), nowMs).state).toBe('ok');
  });

  it('is degraded while a handler blocks its shard, and stalled when that takes too long', () => {
    const health = new GroupHealth(OPTIONS);
    const look = (blockedMs: number) => health.look(figures(0, 0, { blockedMs }), blockedMs).state;
    expect([99, 100, 4999, 5000].map(look)).toEqual(['ok', 'degraded', 'degraded', 'stalled']);
  });

  it('says what its breaker says', () => {
    const health = new GroupHealth(OPTIONS);
    const look = (breaker: 'closed' | 'half-open' | 'open', nowMs: number) =>
      health.look(figures(0, 0, { breaker, waiting: true }), nowMs);
    expect(look('closed', 0).state).toBe('ok');
    expect(look('half-open', 1)).toEqual({ state: 'degraded', reason: 'its circuit breaker probes' });
    // What an open breaker holds waits on purpose.
    for (let nowMs = 2; nowMs < 60_000; nowMs += 1000) expect(look('open', nowMs).state).toBe('open');
  });

  it('is not stalled as soon as its breaker is open no more, but if nothing gets on from then', () => {
    const health = new GroupHealth(OPTIONS);
    const look = (breaker: 'half-open' | 'open', nowMs: number) =>
      health.look(figures(0, 0, { breaker, waiting: true }), nowMs).state;
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1000) look('open', nowMs);
    const states = Array.from({ length: 6 }, (_, second) => look('half-open', 60_000 + second * 1000));
    expect(states).toEqual(['open', 'open', 'open', 'degraded', 'stalled', 'stalled']);
  });

  it('takes other thresholds', () => {
    const health = new GroupHealth(OPTIONS);
    health.look(figures(0, 0), 0);
    health.configure({ ...OPTIONS, failuresMin: 1 });
    expect(health.look(figures(1, 1), 1).state).toBe('degraded');
  });
});

it('never gets better twice within recoverMs, has a reason exactly when it is not ok, and keeps few samples', () => {
  const looks = fc.array(
    fc.record({
      pauseMs: fc.integer({ min: 0, max: 4000 }),
      delivered: fc.integer({ min: 0, max: 20 }),
      failed: fc.integer({ min: 0, max: 20 }),
      waiting: fc.boolean(),
      blockedMs: fc.constantFrom(0, 0, 0, 150, 6000),
      breaker: fc.constantFrom('closed', 'closed', 'half-open', 'open'),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(looks, (all) => {
      const health = new GroupHealth(OPTIONS);
      let nowMs = 0;
      let delivered = 0;
      let failed = 0;
      let before = 0;
      let betterMs = -Infinity;
      for (const look of all) {
        nowMs += look.pauseMs;
        delivered += look.delivered;
        failed += look.failed;
        const { waiting, blockedMs, breaker } = look;
        const { state, reason } = health.look(figures(delivered, failed, { waiting, blockedMs, breaker }), nowMs);
        const rank = GROUP_STATES.indexOf(state);
        if (rank < before) {
          expect(nowMs - betterMs).toBeGreaterThanOrEqual(OPTIONS.recoverMs);
          betterMs = nowMs;
        }
        before = rank;
        expect(reason === '').toBe(state === 'ok');
      }
    }),
  );
});
