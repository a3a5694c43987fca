/** A breaker's gate in one thread, beside a coordinator that leases probes after every single store. */
import { BreakerBoard, BreakerCell, GateMode, allocateMemory, planMemory, systemAtomics } from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import { describe, expect, it } from 'vitest';
import type { BreakerRules } from '../../dist/breaker-groups.js';
import type { BreakerGateParts } from '../../dist/deliver/breaker-gate.js';
import { BreakerGate } from '../../dist/deliver/breaker-gate.js';
import type { Gate } from '../../dist/deliver/gate.js';

const PROBES = 5;

function setUp() {
  const plan = planMemory({ shards: 1, laneBytes: [4096, 4096, 4096, 4096], meshLaneBytes: 4096, baySlots: 64, bayBytes: 4096 });
  const control = new Int32Array(allocateMemory(plan).control);
  const base = (plan.threads[1]?.breakers ?? 0) >> 2;
  const board = new BreakerBoard(systemAtomics, control, [base]);
  const busy = {
    ...systemAtomics,
    store(words: Int32Array, index: number, value: number): number {
      const stored = systemAtomics.store(words, index, value);
      board.lease(PROBES, () => true);
      return stored;
    },
  };
  const clock = manualClock(1_000_000);
  const parts = {
    context: { clock, seed: { epochUs: 0 } },
    cell: new BreakerCell(busy, control, base),
    bell: { ring: () => true },
    rules: { onOpen: 'hold', slowMs: 100 } as BreakerRules,
    admit: (gate: Gate) => {
      for (let waiter = gate.next(); waiter !== undefined; waiter = gate.next()) waiter.begin();
    },
  };
  const gate = new BreakerGate(parts as unknown as BreakerGateParts);
  board.set(GateMode.probing, 0, true);
  return { board, gate, clock };
}

describe('BreakerGate', () => {
  it('is leased no more probes than deliveries wait, also while it takes them', () => {
    const { board, gate } = setUp();
    let begun = 0;
    const begin = (): void => {
      expect(gate.isShut).toBe(false);
      gate.begin();
      begun++;
    };
    for (let waiting = 0; waiting < 2; waiting++) gate.wait({ group: 'payments', priority: 2, begin });
    gate.look();
    gate.look();
    expect([begun, board.leased]).toEqual([2, 2]);
  });

  it('gives back before the thread sleeps what no call used, and asks for it again', () => {
    const { board, gate } = setUp();
    gate.wait({ group: 'payments', priority: 2, begin: () => {} });
    expect(gate.isShut).toBe(false);
    expect(board.report(0)).toMatchObject({ leased: 1, taken: 1 });
    gate.rest();
    expect(board.report(0)).toMatchObject({ leased: 1, taken: 0 });
    expect(gate.isShut).toBe(false);
  });

  it('counts the time of a call that waits for a thread of its own from its begin there, and anew where it begins again', () => {
    const { board, gate, clock } = setUp();
    board.set(GateMode.open, 0, true);
    gate.look();
    expect(gate.isShut).toBe(false);
    const call = gate.begin(1, true);
    clock.advance(500_000);
    expect(board.running(0)).toBe(0);
    for (let began = 0; began < 2; began++) {
      gate.started(call);
      expect(board.running(0)).toBe(clock.monotonicUs() | 1);
      clock.advance(60_000);
    }
    gate.end(call, 0);
    expect([board.running(0), board.calls(0)]).toEqual([0, { calls: 1, failed: 0, slow: 0, bad: 0 }]);
  });

  it('lets a part of the usual rate through on the ramp, also where it opens again at the first call after it was closed', () => {
    const { board, gate, clock } = setUp();
    const PER_SECOND = 1000;
    /** Calls that begin of those that come within a second. */
    const begunIn = (ms: number): number => {
      let begun = 0;
      for (let passed = 0; passed < ms; passed++) {
        clock.advance(1000);
        gate.look();
        if (gate.isShut) continue;
        gate.end(gate.begin(), 0);
        begun++;
      }
      return begun;
    };
    board.set(GateMode.open, 0, true);
    expect(begunIn(3000)).toBe(3 * PER_SECOND);
    for (let outage = 0; outage < 2; outage++) {
      board.set(GateMode.shut, 0, true);
      expect(begunIn(60_000)).toBe(0);
      board.set(GateMode.ramp, 20, true);
      const ramped = begunIn(1000);
      expect(ramped).toBeGreaterThan(0.15 * PER_SECOND);
      expect(ramped).toBeLessThan(0.25 * PER_SECOND);
      board.set(GateMode.open, 0, false);
      expect(begunIn(1)).toBe(1);
    }
  });

  it('does not count one as running that began to wait in an earlier round', () => {
    const { board, gate } = setUp();
    board.set(GateMode.open, 0, true);
    gate.look();
    expect(gate.isShut).toBe(false);
    const call = gate.begin(1, true);
    board.set(GateMode.shut, 0, true);
    gate.look();
    gate.started(call);
    expect(board.running(0)).toBe(0);
  });
});
