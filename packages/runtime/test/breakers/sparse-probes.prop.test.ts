/** A try of a breaker whose group has nothing wait: the decider and the gates of all its threads, with a clock of their own and events that come seldom. */
import { BreakerCell, allocateMemory, planMemory, systemAtomics } from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BreakerParts } from '../../dist/breakers/group-breaker.js';
import { GroupBreaker } from '../../dist/breakers/group-breaker.js';
import type { BreakerRules } from '../../dist/breaker-groups.js';
import { breakerGroups } from '../../dist/breaker-groups.js';
import type { BreakerGateParts } from '../../dist/deliver/breaker-gate.js';
import { BreakerGate } from '../../dist/deliver/breaker-gate.js';

const SHARDS_MAX = 8;
const PROBE_MS = 100;
const OPEN_MS = 1000;
const RAMP_STEP_MS = 10;
const US_PER_MS = 1000;

class Group {
  readonly states: string[] = [];
  /** Events that were let through as probes, by shard. */
  readonly probes: number[];

  private readonly clock = manualClock(1_000_000);
  private readonly breaker: GroupBreaker;
  private readonly gates: readonly BreakerGate[];
  private hasRung = false;

  constructor(shards: number, given: Partial<BreakerRules>) {
    const plan = planMemory({ shards, laneBytes: [4096, 4096, 4096, 4096], meshLaneBytes: 4096, baySlots: 64, bayBytes: 4096 });
    const control = new Int32Array(allocateMemory(plan).control);
    const options = {
      minimumCalls: 2,
      openMs: OPEN_MS,
      openMaxMs: OPEN_MS,
      probeMs: PROBE_MS,
      rampStepMs: RAMP_STEP_MS,
      ...given,
    };
    const [group] = breakerGroups({ breakers: {} }, [{ name: 'payments', breaker: options }]);
    if (group === undefined) throw new Error('a group with a breaker has one');
    const threads = Array.from({ length: shards }, (_, shard) => shard + 1);
    const context = { atomics: systemAtomics, control, clock: this.clock, seed: { plan, epochUs: 0 } };
    const parts = {
      context,
      threads,
      isPresent: () => true,
      rouse: () => {},
      random: () => 0.5,
      onTransition: (_: string, { to }: { readonly to: string }) => this.states.push(to),
    } as unknown as BreakerParts;
    this.breaker = new GroupBreaker(parts, group, this.clock.monotonicUs());
    this.probes = threads.map(() => 0);
    this.gates = threads.map((thread) => {
      const cell = new BreakerCell(systemAtomics, control, (plan.threads[thread]?.breakers ?? 0) >> 2);
      const bell = { ring: () => (this.hasRung = true) };
      return new BreakerGate({ context, cell, bell, rules: group.rules, admit: () => {} } as unknown as BreakerGateParts);
    });
  }

  /** Has calls fail until the breaker opens, and waits until it tries. */
  tryAgain(): void {
    for (let call = 0; call < 2; call++) this.event(0, 1);
    this.pass(OPEN_MS + 1);
    expect(this.states).toEqual(['open', 'half-open']);
  }

  /** An event comes to a shard. @param failed - 1 when its handler fails */
  event(shard: number, failed: 0 | 1 = 0): void {
    const gate = this.gates[shard] as BreakerGate;
    gate.look();
    if (!gate.isShut) {
      const call = gate.begin();
      this.probes[shard] = (this.probes[shard] as number) + call.probes;
      gate.end(call, failed);
    }
    gate.rest();
    this.settle();
  }

  /** Time passes, with looks of the coordinator. */
  pass(ms: number): void {
    for (let step = 0; step < 4; step++) {
      this.clock.advance((ms * US_PER_MS) / 4);
      this.breaker.look(this.clock.monotonicUs());
      this.settle();
    }
  }

  get probesBegun(): number {
    return this.probes.reduce((sum, count) => sum + count, 0);
  }

  get hasPassed(): boolean {
    return this.states.includes('ramp');
  }

  /** All threads take over what has changed, and the coordinator what they tell. */
  private settle(): void {
    for (let turn = 0; turn < 4; turn++) {
      for (const gate of this.gates) if (gate.hasNews) gate.look();
      if (!this.hasRung) continue;
      this.hasRung = false;
      this.breaker.look(this.clock.monotonicUs());
    }
  }
}

const onOpen = fc.constantFrom('dead-letter' as const, 'drop' as const, 'fallback:others' as const);

describe('GroupBreaker and BreakerGate, where nothing waits while the breaker is open', () => {
  it('end a try with as many probes as it has, however far apart the events are and whichever shards they come to', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: SHARDS_MAX }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 40 * PROBE_MS }),
        fc.array(fc.nat(SHARDS_MAX - 1), { minLength: 1, maxLength: 2 * SHARDS_MAX }),
        onOpen,
        (shards, probes, gapMs, turns, rule) => {
          const group = new Group(shards, { probes, onOpen: rule });
          group.tryAgain();
          let events = 0;
          for (; !group.hasPassed && events < 2000; events++) {
            group.event((turns[events % turns.length] as number) % shards);
            group.pass(gapMs);
          }
          expect(group.states.slice(0, 3)).toEqual(['open', 'half-open', 'ramp']);
          expect(group.probesBegun).toBe(probes);
          group.pass(1);
          for (let step = 0; step < 4; step++) group.pass(RAMP_STEP_MS);
          expect(group.states.at(-1)).toBe('closed');
        },
      ),
      { numRuns: 300 },
    );
  });

  it('let every second event through of one shard, however long ago the one before came', () => {
    const probes = 3;
    const group = new Group(1, { probes, onOpen: 'drop' });
    group.tryAgain();
    for (let event = 0; event < 2 * probes; event++) {
      expect(group.probesBegun).toBe(event >> 1);
      group.pass(100 * PROBE_MS);
      group.event(0);
    }
    expect(group.states.at(-1)).toBe('ramp');
  });

  it('lease a probe that another shard had nothing for to the one that asked, for its next event', () => {
    const group = new Group(2, { probes: 1, onOpen: 'drop' });
    group.tryAgain();
    group.event(0);
    group.pass(2 * PROBE_MS);
    group.event(1);
    group.pass(100 * PROBE_MS);
    group.event(1);
    expect(group.probes).toEqual([0, 1]);
  });

  it('have a busy shard wait no longer than probeMs for probes that others hold and have nothing for', () => {
    const probes = 5;
    const group = new Group(SHARDS_MAX, { probes, onOpen: 'drop' });
    group.tryAgain();
    for (let shard = 1; shard < SHARDS_MAX; shard++) group.event(shard);
    let waitedMs = 0;
    for (; !group.hasPassed && waitedMs < 100 * PROBE_MS; waitedMs++) {
      group.event(0);
      group.pass(1);
    }
    expect(group.probes).toEqual([probes, 0, 0, 0, 0, 0, 0, 0]);
    // Those that got none in the first round had asked as well.
    expect(waitedMs).toBeLessThan(3 * PROBE_MS);
  });

  it('have nobody wait for a probe for longer than the try has lasted', () => {
    const group = new Group(2, { probes: 1, onOpen: 'dead-letter' });
    group.tryAgain();
    // By turns, so that the one probe is always with the other.
    let lastedMs = 0;
    for (let event = 0; event < 3; event++) {
      group.event(event % 2);
      group.pass(2 * PROBE_MS);
      lastedMs += 2 * PROBE_MS;
    }
    expect(group.hasPassed).toBe(false);
    let waitedMs = 0;
    for (; !group.hasPassed && waitedMs < 100 * PROBE_MS; waitedMs++) {
      group.event(1);
      group.pass(1);
    }
    expect(waitedMs).toBeLessThanOrEqual(lastedMs + PROBE_MS + 2);
  });
});
