/** A controller whose configuration changes while it steers. */
import { ThreadWord } from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import { ControlMemory } from './control-memory.ts';

const MAIN = 0;
const SHARD = 1;
const NORMAL = 2;
const LONG_US = 500_000;
const MIB = 1024 * 1024;
const still = { still: [SHARD] };

describe('Controller with another configuration', () => {
  it('judges waits by the new target from the next tick on', () => {
    const memory = new ControlMemory();
    memory.turnAway(100);
    memory.wait(SHARD, NORMAL, LONG_US);
    memory.ticks(2);
    expect(memory.get(MAIN, ThreadWord.pressure)).toBeGreaterThan(0);
    memory.reload({ flow: { memoryLimitMb: 1000, targetMs: 600, intervalMs: 600 } });
    memory.ticks(1);
    expect(memory.get(MAIN, ThreadWord.pressure)).toBe(0);
  });

  it('measures memory against the new limit', () => {
    const memory = new ControlMemory();
    memory.rssBytes = 500 * MIB;
    memory.ticks(1);
    expect(memory.get(MAIN, ThreadWord.pressure)).toBe(0);
    memory.reload({ flow: { memoryLimitMb: 500 } });
    memory.ticks(1);
    expect(memory.get(MAIN, ThreadWord.pressure)).toBe(1000);
  });

  it('leaves the ladder when it is switched off, and begins at the bottom when it is switched on again', () => {
    const memory = new ControlMemory({ config: { flow: { memoryLimitMb: 100 } } });
    memory.rssBytes = 200 * MIB;
    memory.ticks(6);
    const rung = memory.get(MAIN, ThreadWord.ladderRung);
    expect(rung).toBeGreaterThan(1);
    memory.reload({ flow: { memoryLimitMb: 100, ladder: { stepUpMs: 500 } } });
    expect(memory.get(MAIN, ThreadWord.ladderRung)).toBe(rung);
    memory.reload({ flow: { memoryLimitMb: 100, ladder: { enabled: false } } });
    expect([memory.get(MAIN, ThreadWord.ladderRung), memory.get(SHARD, ThreadWord.rung)]).toEqual([0, 0]);
    memory.ticks(5);
    expect(memory.get(MAIN, ThreadWord.ladderRung)).toBe(0);
    memory.reload({ flow: { memoryLimitMb: 100 } });
    memory.ticks(3);
    expect(memory.get(MAIN, ThreadWord.ladderRung)).toBe(1);
  });

  it('takes adapted weights back, and adapts those that are configured now', () => {
    const memory = new ControlMemory();
    memory.wait(SHARD, NORMAL, LONG_US);
    memory.ticks(10);
    const adapted = memory.weight(SHARD, NORMAL);
    expect(adapted).toBeGreaterThan(4);
    const epoch = memory.get(SHARD, ThreadWord.controlEpoch);
    memory.reload({ scheduling: { weights: { normal: 2 } } });
    expect(memory.weight(SHARD, NORMAL)).toBe(0);
    expect(memory.get(SHARD, ThreadWord.controlEpoch)).toBeGreaterThan(epoch);
    memory.ticks(10);
    expect(memory.weight(SHARD, NORMAL)).toBeCloseTo(adapted / 2, 1);
  });

  it('ends a handler that blocks once that is configured, also one that runs already', () => {
    const memory = new ControlMemory();
    memory.enter(0, 1, 0);
    memory.ticks(10, still);
    expect(memory.terminated).toEqual([]);
    memory.reload({ watchdog: { replaceAfterChecks: 3 } });
    memory.ticks(10, still);
    expect(memory.terminated).toEqual([0]);
  });
});
