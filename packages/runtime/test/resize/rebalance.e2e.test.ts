/** A shard that has more to do than the other gives partitions away while events go on; keys keep their order, and the runtime tells. */
import { expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { fnv1a32Integer, partitionOf } from '@ringmain/core';
import { startMovers } from './start-movers.ts';

const KEYS = 8;
/** Keys of as many partitions of the second shard. */
const hot = Array.from({ length: 1000 }, (_, key) => key)
  .filter((key) => partitionOf(fnv1a32Integer(key)) % 2 === 1 && key < 64)
  .slice(0, KEYS);

it('partitions leave a hot shard', async () => {
  const { runtime, board } = await startMovers({
    shards: 2,
    coordinator: { tickMs: 10, idleTickMs: 10 },
    rebalance: { enabled: true, intervalMs: 50, checks: 2, busyMin: 0.05, timeoutMs: 60_000 },
  });
  const moved: number[] = [];
  const ways: string[] = [];
  await runtime.subscribe('system.rebalanced', ({ data: { from, partitions, to } }) => {
    moved.push(...partitions);
    ways.push(`${from} to ${[...new Set(to)].join()}`);
  }).ready;
  const steps = new Map(hot.map((key) => [key, 0]));
  for (let turn = 0; moved.length === 0 || turn % 500 !== 0; turn++) {
    const key = hot[turn % KEYS] as number; // the list has that many
    const step = steps.get(key) ?? 0;
    if (runtime.publish('spin.made', { key, step }).accepted) steps.set(key, step + 1);
    else await runtime.ready();
    if (turn % 20 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await runtime.drain({ timeoutMs: 60_000 });
  expect(hot.map((key) => board.steps('sync', key))).toEqual([...steps.values()]);
  expect([board.read('early'), board.read('repeated'), board.read('beside')]).toEqual([0, 0, 0]);
  const hotPartitions = new Set(hot.map((key) => partitionOf(fnv1a32Integer(key))));
  // What follows is up to how even the load came out.
  expect(ways[0]).toBe('1 to 0');
  expect(moved.some((partition) => hotPartitions.has(partition))).toBe(true);
  const { metrics } = await closeAndCheck(runtime);
  expect(metrics.partitionMoves).toBeGreaterThanOrEqual(moved.length);
});
