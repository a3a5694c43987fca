/** What the health of a group is judged by: counts of all of its threads, with what a best-effort group drops because it failed among its failures. */
import { CELL_BYTES, DROP_REASONS, GROUP_CELLS, GroupCell, addToCell, allocateMemory, planMemory } from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../dist/config/parse-config.js';
import { readFigures } from '../../dist/health/group-figures.js';
import { threadContext } from '../../dist/thread-context.js';

describe('readFigures()', () => {
  it('adds what failed without a letter to what left one', () => {
    const config = parseConfig({ shards: 2 });
    const lanes = { laneBytes: [4096, 4096, 4096, 4096], meshLaneBytes: 4096 };
    const plan = planMemory({ shards: 2, ...lanes, baySlots: 64, bayBytes: 16_384 });
    const fixed = { epochUs: 0, epochWallMs: 0, nonceHigh: 1, nonceLow: 1, subscribers: [], eventsModule: undefined };
    const context = threadContext({ ...fixed, config, plan, memory: allocateMemory(plan), eventsHash: 1, types: [] }, 0);
    const group = 3;
    const count = (thread: number, cell: number, amount: number): void => {
      const cells = plan.threads[thread]?.groupCells ?? 0;
      addToCell(context.control, (cells + (group * GROUP_CELLS + cell) * CELL_BYTES) >> 2, amount);
    };
    const dropped = (reason: (typeof DROP_REASONS)[number]): number => GroupCell.dropped + DROP_REASONS.indexOf(reason);
    count(1, GroupCell.delivered, 10);
    count(2, GroupCell.deadLettered, 1);
    count(1, dropped('failed'), 2);
    count(2, dropped('lost'), 4);
    count(2, GroupCell.retried, 8);
    const source = {
      name: 'g',
      where: 'shard',
      patterns: [],
      ids: [group],
      withThread: [],
      isolation: 'inline',
      bulkheads: [],
    } as const;
    expect(readFigures(context, source)).toEqual({ delivered: 10, deadLettered: 3, retried: 8, progress: 25, waiting: false });
  });
});
