/** Events whose deadline passes while they wait for a batch: no handler gets them. */
import { describe, expect, it } from 'vitest';
import { HandShard } from './hand-shard.ts';

const DEADLINE_MS = 50;

/** A batch of one event is under way; what comes after it gathers behind it. */
async function start(): Promise<HandShard> {
  const shard = new HandShard((made) => [made.group('work', { batch: { size: 100, timeoutMs: 1_000_000 } })]);
  shard.publish('task.one', 0);
  await shard.settle();
  expect(shard.open).toHaveLength(1);
  return shard;
}

const soon = (shard: HandShard): { readonly deadline: number } => ({ deadline: shard.deadlineIn(DEADLINE_MS) });

describe('An event that waits for a batch', () => {
  it('is in none once its deadline has passed, and ends as expired; the others go on', async () => {
    const shard = await start();
    const deadline = soon(shard);
    for (let id = 1; id < 5; id++) shard.publish('task.one', id, id, id % 2 === 0 ? deadline : {});
    await shard.settle();
    shard.pass(DEADLINE_MS + 1);
    shard.open[0]?.end();
    await shard.settle();
    expect(shard.open.map(({ ids }) => ids)).toEqual([[1, 3]]);
    shard.open[0]?.end();
    await shard.settle();
    expect(shard.counted(0)).toEqual({ delivered: 3, deadLettered: 2, retried: 0 });
    expect(shard.reasons).toEqual(['expired', 'expired']);
  });

  it('calls no handler where all of them have come too late', async () => {
    const shard = await start();
    const deadline = soon(shard);
    for (let id = 1; id < 4; id++) shard.publish('task.one', id, id, deadline);
    await shard.settle();
    shard.pass(DEADLINE_MS + 1);
    shard.open[0]?.end();
    await shard.settle();
    expect([shard.calls.length, shard.inBay, shard.counted(0).deadLettered]).toEqual([1, 0, 3]);
    shard.publish('task.one', 4);
    await shard.settle();
    expect(shard.open.map(({ ids }) => ids)).toEqual([[4]]);
  });
});
