/** The decider of one breaker over the words of two threads, with a clock of its own. */
import { BREAKER_COMMANDS } from '@ringmain/policy';
import { BreakerBoardWord, BreakerCell, allocateMemory, planMemory, systemAtomics } from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import type { BreakerParts } from '../../dist/breakers/group-breaker.js';
import { GroupBreaker } from '../../dist/breakers/group-breaker.js';
import type { BreakerRules } from '../../dist/breaker-groups.js';

const PROBES = 5;
const PROBE_MS = 100;
const OPEN_MS = 1000;
const rules: BreakerRules = {
  window: 'calls',
  windowCalls: 10,
  windowMs: 10_000,
  minimumCalls: 2,
  failureRate: 0.5,
  slowRate: 1,
  slowMs: PROBE_MS,
  combinedRate: 1,
  hangAfterMs: 0,
  openMs: OPEN_MS,
  openMaxMs: OPEN_MS,
  probes: PROBES,
  probeMs: PROBE_MS,
  rampStepMs: 1000,
  onOpen: 'hold',
};

function setUp(options: Partial<BreakerRules> = {}) {
  const plan = planMemory({
    shards: 2,
    laneBytes: [4096, 4096, 4096, 4096],
    meshLaneBytes: 4096,
    baySlots: 64,
    bayBytes: 4096,
  });
  const control = new Int32Array(allocateMemory(plan).control);
  const states: string[] = [];
  const board = plan.breakers >> 2;
  /** Calls in the window, as whoever is told of a change of state reads them. */
  const calls: (number | undefined)[] = [];
  const parts = {
    context: { atomics: systemAtomics, control, seed: { plan } },
    threads: [1, 2],
    isPresent: () => true,
    rouse: () => {},
    random: () => 0.5,
    onTransition: (_: string, { to }: { readonly to: string }) => {
      states.push(to);
      calls.push(control[board + BreakerBoardWord.calls]);
    },
  } as unknown as BreakerParts;
  const breaker = new GroupBreaker(parts, { number: 0, name: 'payments', rules: { ...rules, ...options } }, 0);
  const cells = [1, 2].map((thread) => new BreakerCell(systemAtomics, control, (plan.threads[thread]?.breakers ?? 0) >> 2));
  let nowUs = 0;
  const look = (afterMs: number): void => void breaker.look((nowUs += afterMs * 1000));
  const command = (name: (typeof BREAKER_COMMANDS)[number]): void => {
    control[board + BreakerBoardWord.command] = BREAKER_COMMANDS.indexOf(name);
  };
  return { cells: cells as [BreakerCell, BreakerCell], look, command, states, calls };
}

/** Has calls fail until the breaker opens, and waits until it tries. */
function tryAgain(cell: BreakerCell, look: (afterMs: number) => void): void {
  for (let call = 0; call < 4; call++) cell.count({ failed: true, slow: false });
  look(1);
  look(OPEN_MS + 1);
}

/** A thread says that it has deliveries to try. */
function want(cell: BreakerCell, count: number): void {
  cell.want(cell.gate() >>> 16, count);
}

/** A thread takes all probes that it has, each of which comes back well. */
function tryAll(cell: BreakerCell): number {
  let taken = 0;
  for (let gate = cell.gate(); cell.takeProbe(gate); gate = cell.gate()) {
    cell.returnProbe(gate >>> 16, true);
    taken++;
  }
  return taken;
}

describe('GroupBreaker', () => {
  it('has no more probes than it was given when some are leased again, because whoever had them had nothing to try', () => {
    const { cells, look, states } = setUp();
    const [quick, idle] = cells;
    tryAgain(quick, look);
    expect(states).toEqual(['open', 'half-open']);
    for (const cell of cells) want(cell, 9);
    look(1);
    const first = tryAll(quick);
    expect(first).toBeGreaterThan(0);
    // The other takes none of its own in all that time.
    look(1);
    look(PROBE_MS + 1);
    want(quick, 9);
    look(1);
    const second = tryAll(quick);
    look(1);
    expect(first + second).toBe(PROBES);
    expect(tryAll(idle)).toBe(0);
    expect(states).toEqual(['open', 'half-open', 'ramp']);
  });

  it('leases nothing again while a probe is under way', () => {
    const { cells, look, states } = setUp();
    const [slow, idle] = cells;
    tryAgain(slow, look);
    want(slow, 1);
    want(idle, 1);
    look(1);
    const gate = slow.gate();
    expect(slow.takeProbe(gate)).toBe(true);
    want(slow, 0);
    look(1);
    look(PROBE_MS - 1);
    expect(slow.gate()).toBe(gate);
    slow.returnProbe(gate >>> 16, false);
    look(1);
    expect(states).toEqual(['open', 'half-open']);
    // Nobody else wants what the other did not take: its next event may come at any time.
    look(100 * PROBE_MS);
    expect(idle.probesLeft(idle.gate())).toBe(1);
    want(slow, 9);
    look(1);
    const second = tryAll(slow);
    expect(second).toBe(PROBES - 2);
    // Now that it is the last, and all that were taken have come back, it is for whoever wants it.
    look(1);
    expect(idle.probesLeft(idle.gate())).toBe(0);
    want(slow, 9);
    look(1);
    expect(1 + second + tryAll(slow)).toBe(PROBES);
  });

  it('goes on with what is left when a probe came back badly and another was never taken', () => {
    const { cells, look, states } = setUp();
    const [quick, idle] = cells;
    tryAgain(quick, look);
    want(idle, 1);
    want(quick, 9);
    look(1);
    const gate = quick.gate();
    expect(quick.takeProbe(gate)).toBe(true);
    quick.returnProbe(gate >>> 16, false);
    const first = 1 + tryAll(quick);
    look(1);
    look(PROBE_MS + 1);
    want(quick, 9);
    look(1);
    const second = tryAll(quick);
    look(1);
    expect(first + second).toBe(PROBES);
    expect(states).toEqual(['open', 'half-open', 'ramp']);
  });

  it('finds a call that hangs, however long ago the last round began', () => {
    const MINUTE_MS = 60_000;
    const { cells, look, states } = setUp({ hangAfterMs: 1000 });
    const minutes = 40;
    look(minutes * MINUTE_MS);
    cells[0].runSince((minutes * MINUTE_MS * 1000) | 0);
    look(1);
    look(900);
    expect(states).toEqual([]);
    look(200);
    expect(states).toEqual(['open']);
  });

  it('opens at the next look or the one after it for a call that runs for longer than hangAfterMs, at a tick of so many milliseconds', () => {
    for (let tickMs = 1; tickMs <= 100; tickMs++) {
      const hangAfterMs = 250;
      const { cells, look, states } = setUp({ hangAfterMs });
      look(10);
      cells[0].runSince(10_000);
      let ranMs = 0;
      let late = 0;
      for (; states.length === 0 && ranMs < 10 * hangAfterMs; late += ranMs > hangAfterMs ? 1 : 0) {
        ranMs += tickMs;
        look(tickMs);
      }
      expect(states).toEqual(['open']);
      expect(late).toBeLessThanOrEqual(2);
      expect(ranMs).toBeGreaterThan(hangAfterMs);
    }
  });

  it('takes no probe for lost that may still end in time, however much sooner than slowMs probeMs is', () => {
    const slowMs = 5 * PROBE_MS;
    const { cells, look, states } = setUp({ slowMs });
    const [slow] = cells;
    tryAgain(slow, look);
    want(slow, 1);
    look(1);
    const gate = slow.gate();
    expect(slow.takeProbe(gate)).toBe(true);
    slow.runSince(1);
    want(slow, 0);
    look(1);
    look(slowMs - 1);
    expect(states).toEqual(['open', 'half-open']);
    look(1);
    expect(states).toEqual(['open', 'half-open', 'open']);
  });

  it('takes a probe for lost after probeMs that no longer runs: its thread has died', () => {
    const { cells, look, states } = setUp({ slowMs: 1000 * PROBE_MS });
    const [dead] = cells;
    tryAgain(dead, look);
    want(dead, 1);
    look(1);
    expect(dead.takeProbe(dead.gate())).toBe(true);
    dead.runSince(1);
    want(dead, 0);
    look(1);
    dead.runSince(0);
    look(PROBE_MS);
    expect(states).toEqual(['open', 'half-open', 'open']);
  });

  it('has figures that belong to the new state when it tells of it', () => {
    const { cells, look, command, states, calls } = setUp();
    command('forced-closed');
    look(1);
    for (let call = 0; call < 4; call++) cells[0].count({ failed: true, slow: false });
    look(1);
    command('auto');
    look(1);
    expect(states).toEqual(['forced-closed', 'closed']);
    expect(calls).toEqual([0, 0]);
  });

  it('takes a start that its own clock has not reached for a call that has just begun', () => {
    const { cells, look, states } = setUp({ hangAfterMs: 1000 });
    look(10);
    cells[0].runSince(10_500);
    look(0);
    expect(states).toEqual([]);
  });
});
