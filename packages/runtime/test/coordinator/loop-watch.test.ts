/** The watch over event loops, from words that the test writes. */
import { SeatState, ThreadWord } from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import { ControlMemory } from './control-memory.ts';

const MAIN = 0;
const SHARD = 1;
const CHECKS = 10;
const still = { still: [SHARD] };

const awake = (memory: ControlMemory): void => memory.set(SHARD, ThreadWord.bell, 0);
const asleep = (memory: ControlMemory): void => memory.set(SHARD, ThreadWord.bell, 1);
const stateOf = (memory: ControlMemory): number => memory.get(SHARD, ThreadWord.seatState);

describe('LoopWatch', () => {
  it('calls a shard stuck that is awake without a turn for ten checks, and takes it back', () => {
    const memory = new ControlMemory();
    awake(memory);
    memory.ticks(1);
    memory.ticks(CHECKS - 1, still);
    expect([stateOf(memory), memory.wanted]).toEqual([SeatState.taken, true]);
    memory.ticks(1, still);
    expect(stateOf(memory)).toBe(SeatState.stuck);
    expect(memory.lines).toMatchObject([{ level: 40, shard: 0 }]);
    memory.ticks(100, still);
    expect([memory.lines.length, memory.terminated]).toEqual([1, []]);
    memory.ticks(1);
    expect(stateOf(memory)).toBe(SeatState.taken);
  });

  it('says nothing of one that sleeps, turns, or is in a handler', () => {
    const memory = new ControlMemory();
    asleep(memory);
    memory.ticks(50, still);
    awake(memory);
    memory.ticks(50);
    memory.enter(0, 1, 0);
    memory.ticks(50, still);
    expect(stateOf(memory)).toBe(SeatState.taken);
  });

  it('says nothing of one that works off deliveries in its bay, whether it is found in a handler or between two', () => {
    const memory = new ControlMemory({ config: { watchdog: { replaceAfterChecks: CHECKS } } });
    awake(memory);
    memory.ticks(1);
    for (let tick = 0; tick < 30; tick++) {
      memory.enterBay(0, 1, 0);
      if (tick < 15) memory.leaveBay(0);
      memory.ticks(1, still);
    }
    expect([memory.terminated, stateOf(memory)]).toEqual([[], SeatState.taken]);
  });

  it('leaves one alone whose thread is gone already', () => {
    const memory = new ControlMemory({ config: { watchdog: { replaceAfterChecks: CHECKS } } });
    awake(memory);
    memory.set(SHARD, ThreadWord.seatState, SeatState.vacant);
    memory.ticks(50, still);
    expect([memory.terminated, stateOf(memory)]).toEqual([[], SeatState.vacant]);
  });

  it('replaces the thread after so many checks, if configured', () => {
    const memory = new ControlMemory({ config: { watchdog: { replaceAfterChecks: 12 } } });
    awake(memory);
    memory.ticks(1);
    memory.ticks(11, still);
    expect(memory.terminated).toEqual([]);
    memory.ticks(1, still);
    expect(memory.terminated).toEqual([0]);
    expect(memory.get(MAIN, ThreadWord.stuckHandlers)).toBe(1);
  });

  it('rests while an inspector is open', async () => {
    const memory = new ControlMemory({ inspected: () => Promise.resolve(true) });
    awake(memory);
    memory.ticks(2, still);
    await Promise.resolve();
    memory.ticks(50, still);
    expect(stateOf(memory)).toBe(SeatState.taken);
  });
});
