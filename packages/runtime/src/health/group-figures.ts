/**
 * Reads, out of shared memory, what `GroupHealth` wants to know of a group.
 * Thread: main. Of a group of shards, work waits while credit is out; of one of the main thread, while deliveries that began have not settled.
 */
import type { GroupFigures } from '@ringmain/policy';
import { CELL_BYTES, CreditWord, DROP_REASONS, GROUP_CELLS, GroupCell, MAIN_THREAD, creditIndex, readCell } from '@ringmain/ring';
import type { GroupSource } from '../metrics/group-sources.ts';
import type { ThreadContext } from '../thread-context.ts';

/** What is read, and which threads it was read of. */
export type ReadFigures = Pick<GroupFigures, 'delivered' | 'deadLettered' | 'retried' | 'progress' | 'waiting'>;

/** Threads that run a group. */
export function threadsOf(context: ThreadContext, { where }: GroupSource): readonly number[] {
  const { plan, config } = context.seed;
  if (where === 'main' || config.shards === 0) return [MAIN_THREAD];
  return Array.from({ length: plan.threadCount - 1 }, (_, shard) => MAIN_THREAD + 1 + shard);
}

/** Reads the figures of a group. */
export function readFigures(context: ThreadContext, group: GroupSource): ReadFigures {
  const { control, seed } = context;
  const threads = threadsOf(context, group);
  const sum = (cell: number): number => {
    let total = 0;
    for (const thread of threads) {
      const cells = seed.plan.threads[thread]?.groupCells ?? 0;
      for (const id of group.ids) total += readCell(control, (cells + (id * GROUP_CELLS + cell) * CELL_BYTES) >> 2);
    }
    return total;
  };
  const delivered = sum(GroupCell.delivered);
  // Of a best-effort group, what fails leaves no letter.
  const unsuccessful = sum(GroupCell.deadLettered) + sum(GroupCell.dropped + DROP_REASONS.indexOf('failed'));
  const retried = sum(GroupCell.retried);
  let settled = delivered + sum(GroupCell.deadLettered) + sum(GroupCell.filtered);
  for (const reason of DROP_REASONS.keys()) settled += sum(GroupCell.dropped + reason);
  const waiting = group.where === 'main' ? sum(GroupCell.offered) > settled : isOutstanding(context, group, threads);
  return { delivered, deadLettered: unsuccessful, retried, progress: settled + retried, waiting };
}

/**
 * Threads of a group's own that should be up and are not: each shard that runs has one.
 *
 * @param running - threads that run the group now
 */
export function missingThreads(
  { control, seed }: ThreadContext,
  { withThread }: GroupSource,
  running: readonly number[],
): number {
  let missing = 0;
  for (const thread of running) {
    const cells = seed.plan.threads[thread]?.groupCells ?? 0;
    for (const id of withThread) {
      const index = (cells + (id * GROUP_CELLS + GroupCell.isolationThreads) * CELL_BYTES) >> 2;
      if (readCell(control, index) < 1) missing++;
    }
  }
  return missing;
}

function isOutstanding({ atomics, control, seed }: ThreadContext, { ids }: GroupSource, threads: readonly number[]): boolean {
  for (const consumer of threads) {
    for (let producer = 0; producer < seed.plan.threadCount; producer++) {
      const base = creditIndex(seed.plan, producer, consumer);
      for (const id of ids) {
        const published = atomics.load(control, base + CreditWord.published + id);
        if (published !== atomics.load(control, base + CreditWord.returned + id)) return true;
      }
    }
  }
  return false;
}
