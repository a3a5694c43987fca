/** Batches behind one circuit breaker over several shards, in one thread: real gates, words and decider; stand-ins for the bay, the handlers' events and the clock. */
import { RingmainError } from '@ringmain/core';
import { BreakerBoard, BreakerCell, GateMode, allocateMemory, planMemory, systemAtomics } from '@ringmain/ring';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BreakerRules } from '../../dist/breaker-groups.js';
import { BreakerGate } from '../../dist/deliver/breaker-gate.js';
import type { BreakerGateParts } from '../../dist/deliver/breaker-gate.js';
import { Continuations } from '../../dist/deliver/continuations.js';
import type { FailureLog } from '../../dist/deliver/failure-log.js';
import type { Group } from '../../dist/deliver/group.js';
import type { HandlerBatchParts } from '../../dist/deliver/handler-batches.js';
import { HandlerBatches } from '../../dist/deliver/handler-batches.js';
import { KeyChains } from '../../dist/deliver/key-chains.js';
import { RunningAttempts } from '../../dist/deliver/running-attempts.js';
import type { BatchHandlerContext } from '../../dist/index.js';
import type { ThreadContext } from '../../dist/thread-context.js';

type Handle = (events: readonly unknown[], ctx: BatchHandlerContext) => unknown;

interface Setting {
  readonly shards: number;
  readonly size: number;
  readonly onOpen?: BreakerRules['onOpen'];
  readonly handle?: Handle;
}

/** One group in several shards behind one breaker. */
function setUp({ shards, size, onOpen = 'hold', handle = () => undefined }: Setting) {
  const plan = planMemory({
    shards,
    laneBytes: [4096, 4096, 4096, 4096],
    meshLaneBytes: 4096,
    baySlots: 64,
    bayBytes: 4096,
  });
  const control = new Int32Array(allocateMemory(plan).control);
  const bases = Array.from({ length: shards }, (_, shard) => (plan.threads[shard + 1]?.breakers ?? 0) >> 2);
  const board = new BreakerBoard(systemAtomics, control, bases);
  const clock = { us: 0 };
  const state = { begun: 0, settled: 0, refused: 0, rings: 0 };
  const threads = bases.map((base) => oneShard(base));

  function oneShard(base: number) {
    const context = { clock: { monotonicUs: () => clock.us }, seed: { epochUs: 0 } } as unknown as ThreadContext;
    const parts = {
      context,
      cell: new BreakerCell(systemAtomics, control, base),
      bell: { ring: () => void state.rings++ },
      rules: { onOpen, slowMs: 100 } as BreakerRules,
      admit: () => {},
    };
    const breaker = new BreakerGate(parts as unknown as BreakerGateParts);
    const group = {
      batch: { size, timeoutMs: 0 },
      chains: new KeyChains(),
      timeoutMs: 0,
      breaker,
      isFailure: (error: unknown) => !(error instanceof RangeError),
      latency: () => undefined,
      handleBatch: (events: readonly unknown[], ctx: BatchHandlerContext) => {
        state.begun += events.length;
        return handle(events, ctx);
      },
    } as unknown as Group;
    const batches = new HandlerBatches({
      context,
      attempts: new RunningAttempts(context, {} as FailureLog, new Continuations(context, () => undefined)),
      bay: { bodyOffset: () => 0, start: () => 1, word: () => 0 },
      run: { begin: () => undefined, end: () => undefined },
      views: { i32: new Int32Array(16) },
      subscriptions: { match: () => ({ type: { name: 'a' }, groups: [group] }) },
      parked: {
        publishInFlight: () => undefined,
        finish: () => void state.settled++,
        fail: () => void state.settled++,
        records: { isKeyed: () => false, deadlineUs: () => Infinity },
        // As it finds the gate shut.
        starts: { isStopped: false, start: () => void (breaker.isShut && state.refused++) },
      },
    } as unknown as HandlerBatchParts);
    let slots = 0;
    return {
      batches,
      breaker,
      gather(count: number) {
        for (let one = 0; one < count; one++) batches.gather(slots++, group);
      },
    };
  }

  return {
    board,
    clock,
    state,
    threads,
    /** Every shard has a turn. */
    turn: () => {
      for (const { breaker, batches } of threads) {
        breaker.look();
        batches.handDue();
        batches.handAll();
      }
    },
  };
}

describe('BreakerGate with batches', () => {
  it('half-open lets exactly as many events begin as there are probes, over all shards, however large the batches are', () => {
    const setting = fc.record({
      shards: fc.integer({ min: 1, max: 8 }),
      size: fc.integer({ min: 1, max: 20 }),
      probes: fc.integer({ min: 1, max: 20 }),
      extra: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 8, maxLength: 8 }),
      stays: fc.boolean(),
      turns: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(setting, ({ shards, size, probes, extra, stays, turns }) => {
        const handle = stays ? () => new Promise<void>(() => {}) : () => undefined;
        const { board, state, threads, turn } = setUp({ shards, size, handle });
        board.set(GateMode.shut, 0, true);
        threads.forEach(({ gather }, shard) => gather(probes + (extra[shard] ?? 0)));
        turn();
        expect(state.begun).toBe(0);
        board.set(GateMode.probing, 0, true);
        for (let one = 0; one < probes + 2; one++) {
          for (let again = 0; again < turns; again++) turn();
          board.lease(probes, () => true);
        }
        turn();
        // Shards whose batch stays can take no further probe: what they had said they want may have been leased to them before it began.
        if (stays) expect(state.begun).toBeLessThanOrEqual(probes);
        else expect(state.begun).toBe(probes);
        expect(board.leased).toBeLessThanOrEqual(probes);
        const reports = threads.map((_, shard) => board.report(shard));
        expect(reports.reduce((sum, { taken }) => sum + taken, 0)).toBe(state.begun);
        if (!stays) expect(reports.reduce((sum, { good }) => sum + good, 0)).toBe(probes);
      }),
      { numRuns: 300 },
    );
  });

  it('every event of a batch is a call that ended well or not; failureIf decides; a slow batch is as many slow calls', () => {
    const { board, threads, turn, clock } = setUp({
      shards: 1,
      size: 10,
      handle: (events, ctx) => {
        ctx.fail(events[0] as never, new Error('one'));
        ctx.fail(events[1] as never, new RangeError('of no concern'));
        clock.us += events.length === 4 ? 200_000 : 0;
      },
    });
    threads[0]?.gather(10);
    turn();
    expect(board.calls(0)).toEqual({ calls: 10, failed: 1, slow: 0, bad: 1 });
    threads[0]?.gather(4);
    turn();
    expect(board.calls(0)).toEqual({ calls: 14, failed: 2, slow: 4, bad: 5 });
  });

  it('a batch that throws is as many failed calls as it has events, and one that hangs says since when', () => {
    let hangs = false;
    const { board, threads, turn, clock } = setUp({
      shards: 1,
      size: 10,
      handle: () => {
        if (hangs) return new Promise<void>(() => {});
        throw new RingmainError('RINGMAIN_CLOSED', 'as asked');
      },
    });
    threads[0]?.gather(7);
    turn();
    expect(board.calls(0)).toEqual({ calls: 7, failed: 7, slow: 0, bad: 7 });
    expect(board.running(0)).toBe(0);
    hangs = true;
    clock.us = 1_000_001;
    threads[0]?.gather(3);
    turn();
    expect(board.running(0)).toBe(1_000_001);
  });

  it('what does not wait is refused where it has gathered, but for what takes a probe', () => {
    const { board, state, threads, turn } = setUp({ shards: 1, size: 10, onOpen: 'drop' });
    board.set(GateMode.shut, 0, true);
    threads[0]?.gather(6);
    turn();
    expect([state.begun, state.refused]).toEqual([0, 6]);
    board.set(GateMode.probing, 0, true);
    threads[0]?.gather(1);
    turn();
    board.lease(5, () => true);
    threads[0]?.gather(4);
    turn();
    expect([state.begun, state.refused]).toEqual([1, 10]);
  });

  it('on the ramp a batch has as many events as there are tokens', () => {
    const { board, state, threads, turn, clock } = setUp({ shards: 1, size: 100 });
    board.set(GateMode.ramp, 20, true);
    threads[0]?.gather(100);
    turn();
    const first = state.begun;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(10);
    clock.us += 1_000_000;
    turn();
    expect(state.begun).toBeGreaterThan(first);
    expect(state.begun).toBeLessThan(10);
    threads[0]?.breaker.stop();
  });
});
