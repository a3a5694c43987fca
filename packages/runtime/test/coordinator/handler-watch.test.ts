/** The watch over handlers, from words that the test writes. */
import { ThreadWord } from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import { ControlMemory } from './control-memory.ts';

const MAIN = 0;
const SHARD = 1;
const still = { still: [SHARD] };
const ORDER_PLACED = 1;

describe('HandlerWatch', () => {
  it('names a slow handler once, with event type, group and step', () => {
    const memory = new ControlMemory({ groups: ['billing', 'shipping'] });
    memory.enter(0, ORDER_PLACED, 1);
    memory.ticks(1, still);
    expect(memory.notices).toEqual([]);
    expect(memory.wanted).toBe(true);
    memory.ticks(20, still);
    const data = { state: 'slow', shard: 0, type: 'order.placed', group: 'shipping', step: 1, runningMs: 200 };
    expect(memory.notices).toEqual([{ name: 'system.handler', data }]);
    expect(memory.lines).toMatchObject([{ level: 40, type: 'order.placed', group: 'shipping' }]);
    expect([memory.get(MAIN, ThreadWord.slowHandlers), memory.terminated]).toEqual([1, []]);
    memory.leave(0);
    memory.enter(0, ORDER_PLACED, 0);
    memory.ticks(5, still);
    expect(memory.notices.at(-1)?.data).toMatchObject({ group: 'billing' });
    expect(memory.get(MAIN, ThreadWord.slowHandlers)).toBe(2);
  });

  it('says nothing of a shard that is busy with many handlers, or idle', () => {
    const memory = new ControlMemory();
    for (let tick = 0; tick < 10; tick++) {
      memory.enter(0, ORDER_PLACED, 0);
      memory.ticks(1);
      memory.leave(0);
    }
    // It sleeps.
    memory.set(SHARD, ThreadWord.bell, 1);
    memory.ticks(10, still);
    expect([memory.notices, memory.wanted]).toEqual([[], false]);
  });

  it('replaces the thread after so many checks, if configured, and its successor too if it gets stuck at the same event', () => {
    const memory = new ControlMemory({ config: { watchdog: { replaceAfterChecks: 3 } } });
    memory.enter(0, ORDER_PLACED, 0);
    memory.ticks(3, still);
    expect(memory.terminated).toEqual([]);
    memory.ticks(10, still);
    expect(memory.terminated).toEqual([0]);
    memory.set(SHARD, ThreadWord.chargeRestarts, 1);
    memory.ticks(4, still);
    expect(memory.terminated).toEqual([0, 0]);
    const states = memory.notices.map(({ data }) => data['state']);
    expect(states).toEqual(['slow', 'replaced', 'slow', 'replaced']);
    expect(memory.get(MAIN, ThreadWord.stuckHandlers)).toBe(2);
  });

  it('names one that was called out of the bay: for another attempt, behind its key, with a batch', () => {
    const memory = new ControlMemory({ groups: ['billing', 'shipping'] });
    memory.enterBay(0, ORDER_PLACED, 1);
    memory.ticks(20, still);
    const data = { state: 'slow', shard: 0, type: 'order.placed', group: 'shipping', step: 1 };
    expect(memory.notices).toMatchObject([{ name: 'system.handler', data }]);
    // The next attempt of the same delivery, after the turn.
    memory.leaveBay(0);
    memory.ticks(1);
    memory.enterBay(0, ORDER_PLACED, 1);
    memory.ticks(20, still);
    expect([memory.notices.length, memory.get(MAIN, ThreadWord.slowHandlers)]).toEqual([2, 2]);
    memory.leaveBay(0);
    memory.ticks(1);
    expect(memory.wanted).toBe(false);
  });

  it('takes deliveries that follow one another out of the bay within a turn for different ones', () => {
    const memory = new ControlMemory({ config: { watchdog: { replaceAfterChecks: 3 } } });
    for (let tick = 0; tick < 40; tick++) {
      memory.enterBay(0, ORDER_PLACED, 0);
      memory.ticks(1, still);
    }
    expect([memory.notices, memory.terminated]).toEqual([[], []]);
  });

  it('counts checks and not time, so that nobody dies of a suspended machine', () => {
    const memory = new ControlMemory({ config: { watchdog: { replaceAfterChecks: 5 } } });
    memory.enter(0, ORDER_PLACED, 0);
    memory.ticks(2, still);
    memory.clock.advance(3_600_000_000);
    memory.ticks(1, still);
    expect(memory.terminated).toEqual([]);
  });

  it('rests while an inspector is open', async () => {
    const memory = new ControlMemory({ config: { watchdog: { replaceAfterChecks: 3 } }, inspected: async () => true });
    await Promise.resolve();
    memory.enter(0, ORDER_PLACED, 0);
    memory.ticks(20, still);
    expect([memory.notices, memory.terminated]).toEqual([[], []]);
  });
});
