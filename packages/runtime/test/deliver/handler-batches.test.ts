/** When batches are handed over: by size, by age, and when there is nothing else to do; with stand-ins for the bay and the clock. */
import type { RingmainEvent } from '@ringmain/core';
import { describe, expect, it } from 'vitest';
import { Continuations } from '../../dist/deliver/continuations.js';
import type { FailureLog } from '../../dist/deliver/failure-log.js';
import type { HandlerBatchParts } from '../../dist/deliver/handler-batches.js';
import { HandlerBatches } from '../../dist/deliver/handler-batches.js';
import type { Group } from '../../dist/deliver/group.js';
import { KeyChains } from '../../dist/deliver/key-chains.js';
import { RunningAttempts } from '../../dist/deliver/running-attempts.js';
import type { BatchHandlerContext } from '../../dist/index.js';
import type { ThreadContext } from '../../dist/thread-context.js';

type Handle = (events: readonly RingmainEvent[], ctx: BatchHandlerContext) => unknown;

/** Batches of one group; slots are numbers, and what settles is noted. */
function setUp(batch: { size: number; timeoutMs: number }, handle: Handle = () => undefined, deadlineUs = Infinity) {
  const state = {
    calls: [] as number[],
    settled: [] as [slot: number, failed: boolean][],
    errors: [] as unknown[],
    kicks: 0,
    nowUs: 0,
  };
  const group = {
    batch,
    chains: new KeyChains(),
    timeoutMs: 0,
    latency: () => undefined,
    isFailure: () => true,
    handleBatch: (events: readonly RingmainEvent[], ctx: BatchHandlerContext) => {
      state.calls.push(events.length);
      return handle(events, ctx);
    },
  } as unknown as Group;
  const context = { clock: { monotonicUs: () => state.nowUs }, seed: { epochUs: 0 } };
  const threadContext = context as unknown as ThreadContext;
  const parts = {
    context,
    attempts: new RunningAttempts(threadContext, {} as FailureLog, new Continuations(threadContext, () => undefined)),
    bay: { bodyOffset: () => 0, start: () => 1, word: (slot: number) => slot % 4 },
    run: { begin: () => undefined, end: () => undefined },
    views: { i32: new Int32Array(16) },
    subscriptions: { match: () => ({ type: { name: 'a' }, groups: [group] }) },
    parked: {
      publishInFlight: () => undefined,
      finish: (slot: number) => state.settled.push([slot, false]),
      fail: (slot: number, _: Group, __: number, error: unknown) => {
        state.settled.push([slot, true]);
        state.errors.push(error);
      },
      setAside: (slot: number) => state.settled.push([slot, true]),
      onSettled: () => state.kicks++,
      records: { isKeyed: () => false, deadlineUs: () => deadlineUs, groupOf: () => ({ groups: 1 }) },
      starts: { isStopped: false },
    },
  } as unknown as HandlerBatchParts;
  const batches = new HandlerBatches(parts);
  const gather = (...slots: number[]): void => {
    for (const slot of slots) batches.gather(slot, group);
  };
  return { batches, gather, state };
}

describe('HandlerBatches.handDue()', () => {
  it('hands over what is full, and leaves the rest', () => {
    const { batches, gather, state } = setUp({ size: 3, timeoutMs: 100 });
    gather(0, 1);
    batches.handDue();
    expect([batches.isDue, state.calls]).toEqual([false, []]);
    gather(2, 3);
    expect(batches.isDue).toBe(true);
    batches.handDue();
    expect([batches.isDue, state.calls]).toEqual([false, [3]]);
    expect(state.settled).toEqual([
      [0, false],
      [1, false],
      [2, false],
    ]);
  });

  it('hands over what is as old as timeoutMs', () => {
    const { batches, gather, state } = setUp({ size: 3, timeoutMs: 100 });
    batches.beginTurn(5000);
    gather(0);
    batches.beginTurn(50_000);
    gather(1);
    batches.beginTurn(104_999);
    batches.handDue();
    expect(state.calls).toEqual([]);
    batches.beginTurn(105_000);
    batches.handDue();
    expect(state.calls).toEqual([2]);
  });
});

describe('HandlerBatches.handAll()', () => {
  it('hands over everything, and says how much', () => {
    const { batches, gather, state } = setUp({ size: 3, timeoutMs: 100 });
    expect(batches.handAll()).toBe(0);
    gather(0, 1, 2, 3);
    expect(batches.handAll()).toBe(4);
    expect(state.calls).toEqual([3, 1]);
  });

  it('charges what handlers compute to the priority of the oldest event; what a lane is charged for is charged once', () => {
    const charged: [priority: number, us: number][] = [];
    const charge = (priority: number, us: number): void => void charged.push([priority, us]);
    const { batches, gather, state } = setUp({ size: 2, timeoutMs: 0 }, ([first]) => {
      state.nowUs += first === undefined ? 0 : 700;
    });
    gather(5, 6, 7, 8);
    batches.handDue(charge);
    gather(9);
    batches.handAll(charge);
    gather(10, 11);
    batches.handDue();
    expect(state.calls).toEqual([2, 2, 1, 2]);
    expect(charged).toEqual([
      [1, 700],
      [3, 700],
      [1, 700],
    ]);
  });

  it('counts what ends because it came too late: a thread that stalls for room has work while there is some', () => {
    const { batches, gather, state } = setUp({ size: 3, timeoutMs: 100 }, undefined, -1);
    gather(0, 1, 2, 3);
    expect(batches.handAll()).toBe(4);
    expect([state.calls, state.settled.length]).toEqual([[], 4]);
  });

  it('runs one batch at a time, and asks for the next turn when it ends', async () => {
    const ends: (() => void)[] = [];
    const { batches, gather, state } = setUp({ size: 2, timeoutMs: 0 }, () => new Promise<void>((resolve) => ends.push(resolve)));
    gather(0, 1, 2, 3);
    expect(batches.handAll()).toBe(2);
    batches.handDue();
    expect([batches.handAll(), state.calls]).toEqual([0, [2]]);
    ends[0]?.();
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect([batches.isDue, state.kicks, state.settled.length]).toEqual([true, 1, 2]);
    batches.handDue();
    expect(state.calls).toEqual([2, 2]);
  });
});

describe('A batch', () => {
  it('settles each event: failed ones by ctx.fail, the rest as delivered', () => {
    const { batches, gather, state } = setUp({ size: 3, timeoutMs: 0 }, ([, second], ctx) => {
      if (second === undefined) return;
      ctx.fail(second, 'first reason');
      ctx.fail(second, 'second reason');
    });
    gather(0, 1, 2);
    batches.handAll();
    expect(state.errors).toEqual(['first reason']);
    expect(state.settled).toEqual([
      [0, false],
      [1, true],
      [2, false],
    ]);
  });

  it('fails as a whole when its handler throws', () => {
    const thrown = new Error('thrown');
    const { batches, gather, state } = setUp({ size: 3, timeoutMs: 0 }, () => {
      throw thrown;
    });
    gather(0, 1, 2);
    batches.handAll();
    expect(state.errors).toEqual([thrown, thrown, thrown]);
    expect(state.settled.map(([, failed]) => failed)).toEqual([true, true, true]);
  });

  it('refuses events that are not its own, and everything once it has settled', () => {
    const kept: { ctx?: BatchHandlerContext; event?: RingmainEvent } = {};
    const { batches, gather } = setUp({ size: 3, timeoutMs: 0 }, ([event], ctx) => {
      expect(() => ctx.fail({} as RingmainEvent, 'no reason')).toThrow(/RINGMAIN_OPTION_INVALID/);
      Object.assign(kept, { ctx, event });
    });
    gather(0);
    batches.handAll();
    const { ctx, event } = kept;
    expect(() => ctx?.fail(event as RingmainEvent, 'late')).toThrow(/RINGMAIN_EVENT_RELEASED/);
    expect(() => ctx?.of(event as RingmainEvent)).toThrow(/RINGMAIN_EVENT_RELEASED/);
    expect(() => ctx?.publish('a', {})).toThrow(/RINGMAIN_EVENT_RELEASED/);
    expect(() => event?.type).not.toThrow();
    expect(() => event?.data).toThrow(/RINGMAIN_EVENT_RELEASED/);
  });
});
