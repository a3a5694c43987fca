/** A bulkhead of one thread with a manual clock: its limit, its share of the processor, and permits that are leased to it. */
import { Doorbell, PERMIT_THREAD_BYTES, PermitBoard, PermitCell, PermitWord, systemAtomics } from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BulkheadOptions } from '../../dist/bulkhead-options.js';
import { Bulkhead } from '../../dist/deliver/bulkhead.js';

const NORMAL = 2;

function open(options: BulkheadOptions, hasCoordinator = true) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const clock = manualClock();
  const words = new Int32Array(new SharedArrayBuffer(PERMIT_THREAD_BYTES + 4));
  const bell = new Doorbell(systemAtomics, words, PERMIT_THREAD_BYTES / 4);
  const begun: number[] = [];
  let readings = 0;
  const bulkhead: Bulkhead = new Bulkhead(options, {
    permits: new PermitCell(systemAtomics, words, 0, bell),
    hasCoordinator,
    nowUs: () => (readings++, clock.monotonicUs()),
    onReady: (ready) => {
      for (let waiter = ready.next(); waiter !== undefined; waiter = ready.next()) waiter.begin();
    },
  });
  let id = 0;
  return {
    bulkhead,
    clock,
    begun,
    bell,
    board: new PermitBoard(systemAtomics, words, [0]),
    word: (name: keyof typeof PermitWord) => words[PermitWord[name]],
    readings: () => readings,
    /** Brings a delivery whose handler computes for so long, and goes on if it is to. */
    deliver(us: number, goesOn = false): void {
      const number = id++;
      const begin = (): void => {
        begun.push(number);
        bulkhead.metered(() => clock.advance(us));
        if (goesOn) bulkhead.enter();
      };
      if (bulkhead.isShut) bulkhead.wait({ group: 'g', priority: NORMAL, begin });
      else begin();
    },
    pass(us: number): void {
      clock.advance(us);
      vi.advanceTimersByTime(us / 1000);
    },
  };
}

describe('Bulkhead: concurrency', () => {
  it('tells how many run, and troubles no coordinator with it', () => {
    const { bulkhead, bell, word } = open({ concurrency: 2 });
    bell.arm();
    const begunUs = bulkhead.enter();
    expect(word('inUse')).toBe(1);
    bulkhead.enter();
    expect([word('inUse'), bulkhead.isShut]).toEqual([2, true]);
    bulkhead.leave(begunUs, false);
    bulkhead.leave(begunUs, false);
    expect([word('inUse'), bulkhead.isShut, bell.isArmed()]).toEqual([0, false, true]);
  });
});

describe('Bulkhead: cpuShare', () => {
  it('has deliveries wait once handlers computed for their share of a window, until the clock has filled it again', () => {
    const { deliver, begun, pass, bulkhead, word } = open({ cpuShare: 0.5 });
    // Half of a tenth of a second, and half of what passes meanwhile: 30, 20, 10, 0 ms are left.
    for (let one = 0; one < 8; one++) deliver(20_000);
    expect(begun).toEqual([0, 1, 2, 3]);
    expect([bulkhead.isShut, word('cpuHeld')]).toEqual([true, 1]);
    pass(1000);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    pass(18_000);
    expect(begun).toHaveLength(5);
    pass(2000);
    expect(begun).toHaveLength(6);
    pass(60_000);
    expect([begun.length, bulkhead.isShut]).toEqual([8, false]);
  });

  it('reads no clock without one', () => {
    const { deliver, readings, begun } = open({ concurrency: 2 });
    for (let one = 0; one < 5; one++) deliver(10, true);
    expect([readings(), begun.length]).toEqual([0, 2]);
  });

  it('changes by a reload, and ends with it', () => {
    const { deliver, begun, bulkhead } = open({ cpuShare: 0.01 });
    deliver(500_000);
    deliver(1);
    expect(begun).toEqual([0]);
    bulkhead.configure({});
    expect(bulkhead.isShut).toBe(false);
  });
});

describe('Bulkhead: globalConcurrency', () => {
  it('begins nothing without a lease, says what it wants, and begins when it has one', () => {
    const { deliver, begun, bulkhead, board, bell, word } = open({ globalConcurrency: 2 });
    bell.arm();
    for (let one = 0; one < 3; one++) deliver(10, true);
    expect([begun, word('wanted'), bell.isArmed()]).toEqual([[], 3, false]);
    expect(bulkhead.hasNews).toBe(false);
    board.lease(2, [2], true);
    expect(bulkhead.hasNews).toBe(true);
    bulkhead.look();
    expect([begun, word('inUse'), word('wanted')]).toEqual([[0, 1], 2, 1]);
    bulkhead.leave(0, false);
    for (let waiter = bulkhead.next(); waiter !== undefined; waiter = bulkhead.next()) waiter.begin();
    bulkhead.rest();
    expect([begun, word('inUse'), word('wanted')]).toEqual([[0, 1, 2], 2, 0]);
  });

  it('has news for what waits also where whoever asked last found a permit, and has settled at once', () => {
    const { deliver, begun, bulkhead, board } = open({ globalConcurrency: 2 });
    for (let one = 0; one < 2; one++) deliver(10);
    board.lease(2, [2], false);
    deliver(10);
    expect([begun, bulkhead.hasNews]).toEqual([[2], true]);
    bulkhead.look();
    expect([begun, bulkhead.hasNews]).toEqual([[2, 0, 1], false]);
  });

  it('has none while its own limit or its share of the processor keeps what waits', () => {
    const limited = open({ globalConcurrency: 9, concurrency: 1 });
    limited.board.lease(9, [9], false);
    for (let one = 0; one < 2; one++) limited.deliver(10, true);
    expect([limited.begun, limited.bulkhead.hasNews]).toEqual([[0], false]);
    const spent = open({ globalConcurrency: 9, cpuShare: 0.5 });
    spent.board.lease(9, [9], false);
    for (let one = 0; one < 2; one++) spent.deliver(150_000);
    expect([spent.begun, spent.bulkhead.hasNews]).toEqual([[0], false]);
    spent.pass(210_000);
    expect(spent.begun).toEqual([0, 1]);
  });

  it('wants nothing any more a turn after nothing waited, also in a thread that never sleeps', () => {
    const { deliver, begun, bulkhead, board, word } = open({ globalConcurrency: 2 });
    for (let one = 0; one < 2; one++) deliver(10, true);
    board.lease(2, [2], true);
    bulkhead.look();
    expect(begun).toEqual([0, 1]);
    bulkhead.look();
    expect(word('wanted')).toBe(0);
    // It finds no permit, and does not wait for one.
    expect([bulkhead.isShut, word('wanted')]).toEqual([true, 1]);
    for (let turn = 0; turn < 2; turn++) bulkhead.look();
    expect(word('wanted')).toBe(0);
  });

  it('wants no more than its own limit would let through', () => {
    const { deliver, word } = open({ globalConcurrency: 9, concurrency: 2 });
    for (let one = 0; one < 5; one++) deliver(10, true);
    expect(word('wanted')).toBe(2);
  });

  it('keeps no permit in hand while the thread sleeps, and rings when others want what it has to spare', () => {
    const { deliver, begun, board, bulkhead, bell, word } = open({ globalConcurrency: 4 });
    board.lease(4, [2], false);
    deliver(10);
    expect([begun, word('inUse')]).toEqual([[0], 1]);
    bell.arm();
    bulkhead.rest();
    expect([word('inUse'), bell.isArmed()]).toEqual([0, true]);
    board.lease(4, [2], true);
    bulkhead.rest();
    expect(bell.isArmed()).toBe(false);
  });

  it('rings when a permit comes back that was taken away, and begins nothing with it', () => {
    const { deliver, begun, board, bulkhead, bell, word } = open({ globalConcurrency: 1 });
    board.lease(1, [1], false);
    deliver(10, true);
    board.lease(1, [0], true);
    deliver(10, true);
    expect([begun, word('inUse')]).toEqual([[0], 1]);
    bell.arm();
    bulkhead.leave(0, false);
    expect([bulkhead.next(), bell.isArmed(), word('inUse')]).toEqual([undefined, false, 0]);
  });

  it('is a limit like any other where there is no coordinator', () => {
    const { deliver, begun } = open({ globalConcurrency: 2, concurrency: 5 }, false);
    for (let one = 0; one < 4; one++) deliver(10, true);
    expect(begun).toEqual([0, 1]);
  });
});

describe('Bulkhead: adaptive', () => {
  it('follows how calls end, and tells its limit', () => {
    const { bulkhead, clock, word } = open({ adaptive: { algorithm: 'aimd', max: 20, windowMs: 10 } });
    expect(word('limit')).toBe(10);
    const calls = (failed: boolean): void => {
      const begunUs = Array.from({ length: 10 }, () => bulkhead.enter());
      clock.advance(20_000);
      for (const us of begunUs) bulkhead.leave(us, failed);
    };
    clock.advance(1);
    for (let window = 0; window < 4; window++) calls(false);
    expect(word('limit')).toBeGreaterThan(10);
    const before = word('limit') as number;
    for (let window = 0; window < 4; window++) calls(true);
    expect(word('limit')).toBeLessThan(before);
  });
});
