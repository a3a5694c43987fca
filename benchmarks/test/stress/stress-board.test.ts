/** The board on one thread: what is recorded is read back, slot by slot. */
import { describe, expect, it } from 'vitest';
import { nowUs } from '../../dist/measure/clock.js';
import { StressBoard } from '../../dist/stress/stress-board.js';

const load = (slot: number, key: number, seq: number) => ({ dueUs: nowUs() - 5000, key, slot, seq });

describe('StressBoard', () => {
  it('counts handled events and latencies per slot over all threads and views', () => {
    const board = new StressBoard();
    const other = new StressBoard(board.buffer);
    board.record(0, load(1, 7, 1));
    other.record(3, load(1, 8, 1));
    other.recordUnordered(-1, load(1, 8, 1), 2);
    expect([board.handled(1), board.handled(2), board.handled(3)]).toEqual([2, 1, 0]);
    expect(board.summary(1, 2).count).toBe(3);
    expect(board.summary(1).p50).toBeGreaterThanOrEqual(5000);
  });

  it('counts events that come before an earlier one of their key', () => {
    const board = new StressBoard();
    for (const seq of [1, 2, 4, 3, 5]) board.record(0, load(1, 7, seq));
    expect(board.outOfOrder()).toBe(1);
  });

  it('takeInterval() gives what came since the last call for the slot', () => {
    const board = new StressBoard();
    board.record(0, load(1, 7, 1));
    expect(board.takeInterval(1).count).toBe(1);
    board.record(1, load(1, 7, 2));
    board.record(1, load(2, 7, 3));
    expect(board.takeInterval(1).count).toBe(1);
    expect(board.takeInterval(1).count).toBe(0);
    expect(board.takeInterval(2).count).toBe(1);
  });
});
