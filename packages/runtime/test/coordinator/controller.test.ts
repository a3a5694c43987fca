/** What the controller decides, from words that the test writes. */
import { ThreadCell, ThreadPhase, ThreadWord } from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import { ControlMemory } from './control-memory.ts';

const MAIN = 0;
const SHARD = 1;
const CRITICAL = 0;
const HIGH = 1;
const NORMAL = 2;
const LOW = 3;
const LONG_US = 500_000;
const MIB = 1024 * 1024;
/** Three quarters of 1,024 slots. */
const POOL = 768;
/** What main has by default, and the shard as well; the last third is kept back. */
const DEFAULT = POOL / 3;

function rungs(memory: ControlMemory, shards = 1): number[] {
  return Array.from({ length: shards + 1 }, (_, thread) => memory.get(thread, ThreadWord.rung));
}

describe('Controller: shares of credit', () => {
  it('leaves the defaults in force while nobody is refused, also while one event takes long', () => {
    const memory = new ControlMemory();
    memory.credit('published', MAIN, SHARD, 0, 100);
    memory.credit('returned', MAIN, SHARD, 0, 90);
    const epoch = memory.get(SHARD, ThreadWord.controlEpoch);
    memory.ticks(5);
    expect([memory.share(MAIN, SHARD), memory.get(SHARD, ThreadWord.controlEpoch)]).toEqual([0, epoch]);
  });

  it('gives a producer that is refused what others do not use, and tells the consumer', () => {
    const memory = new ControlMemory();
    const epoch = memory.get(SHARD, ThreadWord.controlEpoch);
    memory.credit('refused', SHARD, SHARD, 0, 1);
    memory.ticks(1);
    // Of its default, main keeps a quarter.
    expect([memory.share(MAIN, SHARD), memory.share(SHARD, SHARD)]).toEqual([DEFAULT / 4, POOL - DEFAULT / 4]);
    expect(memory.get(SHARD, ThreadWord.controlEpoch)).toBe(epoch + 1);
  });

  it('does not fall for counts that wrapped, or that moved while they were read', () => {
    const memory = new ControlMemory();
    memory.credit('published', MAIN, SHARD, 0, 0x7fff_fff0);
    memory.credit('returned', MAIN, SHARD, 0, 0x7fff_fff0);
    memory.ticks(1);
    memory.credit('published', MAIN, SHARD, 0, 200);
    memory.credit('returned', MAIN, SHARD, 0, 100);
    memory.credit('returned', SHARD, SHARD, 0, 5);
    memory.credit('refused', SHARD, SHARD, 0, 1);
    memory.ticks(1);
    expect([memory.share(MAIN, SHARD), memory.share(SHARD, SHARD)]).toEqual([100, POOL - 100]);
  });

  it('returns to the defaults when nobody was refused for a while', () => {
    const memory = new ControlMemory();
    memory.credit('refused', MAIN, SHARD, 0, 1);
    memory.ticks(1);
    expect(memory.share(MAIN, SHARD)).toBeGreaterThan(0);
    memory.ticks(30);
    expect([memory.share(MAIN, SHARD), memory.share(SHARD, SHARD)]).toEqual([0, 0]);
  });

  it('shrinks a group that returns nothing to its floor, and leaves the rest to the others', () => {
    const memory = new ControlMemory({ groups: ['stuck', 'free'] });
    memory.credit('published', MAIN, SHARD, 0, 100);
    memory.ticks(3);
    memory.credit('refused', MAIN, SHARD, 1, 1);
    memory.ticks(1);
    const floor = DEFAULT / 2 / 4;
    expect([memory.share(MAIN, SHARD, 0), memory.share(SHARD, SHARD, 0)]).toEqual([floor, floor]);
    expect(memory.share(MAIN, SHARD, 1)).toBe(POOL - 3 * floor);
    memory.credit('returned', MAIN, SHARD, 0, 100);
    memory.credit('refused', MAIN, SHARD, 0, 1);
    memory.ticks(1);
    expect(memory.share(MAIN, SHARD, 0)).toBeGreaterThan(floor);
  });

  it('does not shrink a group whose handlers wait for I/O, however much is outstanding', () => {
    const memory = new ControlMemory();
    memory.credit('published', MAIN, SHARD, 0, DEFAULT);
    for (let tick = 0; tick < 5; tick++) {
      memory.credit('published', MAIN, SHARD, 0, 10);
      memory.credit('returned', MAIN, SHARD, 0, 10);
      memory.ticks(1);
    }
    expect(memory.share(MAIN, SHARD)).toBe(0);
  });
});

describe('Controller: waits', () => {
  it('takes a wait above the target for an interval as a standing lane, and one that ended as none', () => {
    const memory = new ControlMemory();
    memory.turnAway(100);
    memory.wait(SHARD, NORMAL, LONG_US);
    memory.ticks(2);
    const pressure = memory.get(MAIN, ThreadWord.pressure);
    expect(pressure).toBeGreaterThan(0);
    memory.wait(SHARD, NORMAL, 0);
    memory.ticks(1);
    expect(memory.get(MAIN, ThreadWord.pressure)).toBe(0);
    // The weight that it was given is taken back.
    memory.ticks(10);
    expect(memory.wanted).toBe(false);
  });

  it('lets the wait grow while a thread begins no turn', () => {
    const memory = new ControlMemory();
    memory.turnAway(100);
    memory.wait(SHARD, HIGH, 1);
    memory.ticks(20);
    expect(memory.get(MAIN, ThreadWord.pressure)).toBe(0);
    memory.ticks(20, { still: [SHARD] });
    expect(memory.notices[0]?.data).toMatchObject({ pressure: 1, cause: 'lanes' });
    expect(rungs(memory)).toEqual([5, 5]);
  });

  it('is no overload while publishers wait for room instead of being turned away', () => {
    const memory = new ControlMemory();
    memory.wait(SHARD, NORMAL, LONG_US);
    memory.ticks(50);
    expect([memory.get(MAIN, ThreadWord.pressure), rungs(memory)]).toEqual([0, [0, 0]]);
  });
});

describe('Controller: gates', () => {
  it('allows as many refusals as publishers earn that wait for room in a narrow window, and no more', () => {
    const memory = new ControlMemory();
    memory.wait(SHARD, HIGH, LONG_US);
    const offer = (taken: number, refused: number): number => {
      memory.take(taken);
      memory.turnAway(refused);
      memory.credit('refused', MAIN, SHARD, 0, refused);
      // Two records of 1 KiB.
      memory.narrow(MAIN, SHARD, 32);
      memory.ticks(3);
      return memory.get(MAIN, ThreadWord.pressure);
    };
    expect(offer(100, 20)).toBe(0);
    expect(offer(20, 100)).toBeGreaterThan(0);
  });

  it('presses from 70 % of the memory on', () => {
    const memory = new ControlMemory();
    memory.rssBytes = 700 * MIB;
    memory.ticks(1);
    expect(memory.get(MAIN, ThreadWord.pressure)).toBe(0);
    memory.rssBytes = 850 * MIB;
    memory.ticks(1);
    expect(memory.get(MAIN, ThreadWord.pressure)).toBe(500);
    memory.rssBytes = 2000 * MIB;
    memory.ticks(3);
    expect(memory.notices.at(-1)).toMatchObject({ name: 'system.degradation', data: { cause: 'memory', pressure: 1 } });
  });

  it('presses while the main thread is awake and begins no turn, where a limit is set', () => {
    const late = new ControlMemory({ config: { flow: { loopDelayMs: 400 } } });
    late.ticks(2);
    late.ticks(3, { still: [MAIN] });
    expect(late.get(MAIN, ThreadWord.pressure)).toBe(500);
    late.set(MAIN, ThreadWord.bell, 1);
    late.ticks(1, { still: [MAIN] });
    expect(late.get(MAIN, ThreadWord.pressure)).toBe(0);
    const unlimited = new ControlMemory();
    unlimited.ticks(30, { still: [MAIN] });
    expect(unlimited.get(MAIN, ThreadWord.pressure)).toBe(0);
  });

  it('counts credit only where every busy group has used it up and gets on', () => {
    const memory = new ControlMemory({ groups: ['slow', 'free'] });
    memory.turnAway(100);
    const flow = (group: number, units: number): void => {
      memory.credit('published', MAIN, SHARD, group, units);
      memory.credit('returned', MAIN, SHARD, group, units);
    };
    memory.credit('published', MAIN, SHARD, 0, DEFAULT / 2);
    memory.credit('published', MAIN, SHARD, 1, 12);
    flow(0, 5);
    flow(1, 5);
    memory.ticks(1);
    expect(memory.get(MAIN, ThreadWord.pressure)).toBeLessThan(100);
    memory.credit('returned', MAIN, SHARD, 1, 12);
    flow(0, 5);
    memory.ticks(1);
    expect(memory.get(MAIN, ThreadWord.pressure)).toBe(1000);
    // It stops: to shed would help nobody.
    memory.ticks(4);
    expect(memory.get(MAIN, ThreadWord.pressure)).toBe(0);
  });
});

describe('Controller: the degradation ladder', () => {
  it('goes up while the pressure stays high, comes down again, and tells of every step', () => {
    const memory = new ControlMemory();
    memory.rssBytes = 1000 * MIB;
    memory.ticks(20);
    expect(rungs(memory)).toEqual([5, 5]);
    expect(memory.wanted).toBe(true);
    memory.rssBytes = 0;
    memory.ticks(120);
    expect(rungs(memory)).toEqual([0, 0]);
    const names = memory.notices.map(({ data }) => data['name']);
    const up = ['throttle', 'coalesce', 'shed-low', 'shed-normal', 'critical-only'];
    expect(names).toEqual([...up, ...up.slice(0, -1).reverse(), 'normal']);
    expect(memory.get(MAIN, ThreadWord.ladderRung)).toBe(0);
  });

  it('has the producer that published most to standing consumers go first', () => {
    const memory = new ControlMemory({ shards: 2 });
    memory.turnAway(1000);
    memory.wait(SHARD, HIGH, LONG_US);
    const seen: number[][] = [];
    for (let tick = 0; tick < 40; tick++) {
      memory.credit('published', MAIN, SHARD, 0, 10);
      memory.credit('published', 2, SHARD, 0, 50);
      memory.credit('published', SHARD, 2, 0, 500);
      memory.ticks(1);
      if (seen.at(-1)?.join() !== rungs(memory, 2).join()) seen.push(rungs(memory, 2));
    }
    expect(seen.slice(0, 4)).toEqual([
      [0, 0, 0],
      [0, 0, 1],
      [1, 1, 2],
      [2, 2, 3],
    ]);
    expect(seen.at(-1)).toEqual([5, 5, 5]);
  });

  it('goes no higher for a lane whose priority is shed already, and comes down once that is empty', () => {
    const memory = new ControlMemory();
    memory.turnAway(100);
    memory.wait(SHARD, LOW, LONG_US);
    memory.ticks(100);
    expect(rungs(memory)).toEqual([3, 3]);
    memory.wait(SHARD, NORMAL, LONG_US);
    memory.ticks(100);
    expect(rungs(memory)).toEqual([4, 4]);
    memory.wait(SHARD, NORMAL, 0);
    memory.wait(SHARD, LOW, 0);
    memory.ticks(100);
    expect(rungs(memory)).toEqual([0, 0]);
  });

  it('forgets the lanes of a shard that a resize has ended', () => {
    const memory = new ControlMemory({ shards: 2 });
    memory.turnAway(100);
    memory.wait(SHARD + 1, NORMAL, LONG_US);
    memory.ticks(100);
    expect(rungs(memory, 2)).toEqual([4, 4, 4]);
    memory.wait(SHARD + 1, NORMAL, 0);
    memory.set(SHARD + 1, ThreadWord.phase, ThreadPhase.stopped);
    memory.ticks(100);
    expect(rungs(memory, 2)).toEqual([0, 0, 0]);
  });

  it('can be switched off, and is measured in any case', () => {
    const memory = new ControlMemory({ config: { flow: { ladder: { enabled: false } } } });
    memory.rssBytes = 1000 * MIB;
    memory.ticks(20);
    expect([rungs(memory), memory.get(MAIN, ThreadWord.pressure), memory.notices]).toEqual([[0, 0], 1000, []]);
  });
});

describe('Controller: weights', () => {
  it('raises that of a priority that stands while others do not, up to four times, and takes it back', () => {
    const memory = new ControlMemory();
    memory.wait(SHARD, LOW, LONG_US);
    memory.ticks(3);
    expect(memory.weight(SHARD, LOW)).toBeGreaterThan(1);
    memory.ticks(20);
    expect([CRITICAL, HIGH, NORMAL, LOW].map((priority) => memory.weight(SHARD, priority))).toEqual([0, 0, 0, 4]);
    memory.wait(SHARD, LOW, 0);
    memory.ticks(3);
    expect(memory.weight(SHARD, LOW)).toBeLessThan(4);
    memory.ticks(10);
    expect(memory.weight(SHARD, LOW)).toBe(0);
    expect(memory.weight(MAIN, LOW)).toBe(0);
  });

  it('leaves them as configured when all priorities stand, or when they are not to adapt', () => {
    for (const adaptive of [true, false]) {
      const memory = new ControlMemory({ config: { scheduling: { adaptive } } });
      for (const priority of adaptive ? [HIGH, NORMAL, LOW] : [LOW]) memory.wait(SHARD, priority, LONG_US);
      memory.ticks(10);
      expect(memory.weight(SHARD, LOW)).toBe(0);
    }
  });
});

describe('Controller: critical events', () => {
  it('warns when they were capped, once in ten seconds', () => {
    const memory = new ControlMemory();
    for (let tick = 0; tick < 150; tick++) {
      memory.addCell(SHARD, ThreadCell.criticalCapped, 2);
      memory.ticks(1);
    }
    const capped = memory.lines.filter(({ msg }) => String(msg).includes('critical'));
    expect(capped.map(({ consumer, times }) => [consumer, times])).toEqual([
      ['shard-0', 2],
      ['shard-0', 200],
    ]);
  });
});
