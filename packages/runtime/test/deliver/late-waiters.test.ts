/** Events whose deadline passes while something keeps their handler from being called: they end there, and take no place from others. */
import { describe, expect, it } from 'vitest';
import { HandShard } from './hand-shard.ts';
import type { GroupOptions } from './hand-shard.ts';

const DEADLINE_MS = 50;

/** One event is under way; whatever comes after it waits for its permit. */
async function start(options: GroupOptions = {}): Promise<HandShard> {
  const shard = new HandShard((made) => [made.group('work', { bulkhead: { concurrency: 1 }, ...options })]);
  shard.publish('task.one', 0);
  await shard.settle();
  expect(shard.open).toHaveLength(1);
  return shard;
}

const soon = (shard: HandShard): { readonly deadline: number } => ({ deadline: shard.deadlineIn(DEADLINE_MS) });

describe('An event that waits at a gate', () => {
  it('ends once its deadline has passed, though the gate stays shut; the others keep their places', async () => {
    const shard = await start();
    const deadline = soon(shard);
    for (let id = 1; id < 5; id++) shard.publish('task.one', id, id, id % 2 === 0 ? deadline : {});
    await shard.settle();
    expect(shard.inBay).toBe(5);
    shard.pass(DEADLINE_MS + 1);
    await shard.settle();
    expect([shard.inBay, shard.reasons]).toEqual([3, ['expired', 'expired']]);
    for (let turn = 0; turn < 3; turn++) {
      shard.open[0]?.end();
      await shard.settle();
    }
    expect(shard.calls.map(({ ids }) => ids)).toEqual([[0], [1], [3]]);
    expect(shard.counted(0)).toEqual({ delivered: 3, deadLettered: 2, retried: 0 });
  });

  it('leaves its place to the next of its key, which waits on', async () => {
    const shard = await start();
    shard.publish('task.one', 1, 7, soon(shard));
    shard.publish('task.one', 2, 7);
    await shard.settle();
    shard.pass(DEADLINE_MS + 1);
    await shard.settle();
    expect([shard.inBay, shard.reasons]).toEqual([2, ['expired']]);
    shard.open[0]?.end();
    await shard.settle();
    expect(shard.open.map(({ ids }) => ids)).toEqual([[2]]);
  });

  it('has no deadline at the gate any more once it has begun', async () => {
    const shard = await start();
    shard.publish('task.one', 1, 1, soon(shard));
    await shard.settle();
    for (let turn = 0; turn < 2; turn++) {
      shard.open[0]?.end();
      await shard.settle();
    }
    // In the slot of one that is over.
    shard.publish('task.one', 2);
    shard.publish('task.one', 3);
    await shard.settle();
    shard.pass(DEADLINE_MS + 1);
    await shard.settle();
    expect([shard.inBay, shard.reasons, shard.counted(0).delivered]).toEqual([2, [], 2]);
  });

  it('is no loss where its group does not want it', async () => {
    const shard = await start({ where: ({ data }) => (data as { id: number }).id !== 1 });
    shard.publish('task.one', 1, 1, soon(shard));
    shard.publish('task.one', 2, 2, soon(shard));
    await shard.settle();
    shard.pass(DEADLINE_MS + 1);
    await shard.settle();
    expect([shard.filtered(0), shard.reasons]).toEqual([1, ['expired']]);
  });

  it('stays as it is once the thread has stopped', async () => {
    const shard = await start();
    shard.publish('task.one', 1, 1, soon(shard));
    await shard.settle();
    shard.stop();
    shard.pass(DEADLINE_MS + 1);
    await shard.settle();
    expect([shard.inBay, shard.reasons]).toEqual([2, []]);
  });

  it('is ended by the successor of its thread, too', async () => {
    const shard = await start();
    shard.publish('task.one', 1, 1, soon(shard));
    await shard.settle();
    shard.die();
    await shard.settle();
    shard.pass(DEADLINE_MS + 1);
    await shard.settle();
    expect([shard.inBay, shard.reasons]).toEqual([1, ['expired']]);
  });
});

describe('An event that waits for a batch', () => {
  it('ends at its deadline, though no batch ends or begins', async () => {
    const shard = await start({ bulkhead: 'shared', batch: { size: 100, timeoutMs: 1_000_000 } });
    for (let id = 1; id < 4; id++) shard.publish('task.one', id, id, id === 3 ? {} : soon(shard));
    await shard.settle();
    shard.pass(DEADLINE_MS + 6);
    await shard.settle();
    expect([shard.inBay, shard.reasons]).toEqual([2, ['expired', 'expired']]);
    shard.open[0]?.end();
    await shard.settle();
    expect(shard.open.map(({ ids }) => ids)).toEqual([[3]]);
  });

  it('leaves its place at the bulkhead with its last event', async () => {
    const shard = new HandShard(
      (made) => [
        made.group('gathers', { bulkhead: 'both', batch: { size: 10, timeoutMs: 1 } }),
        made.group('sheds', { bulkhead: 'both', pattern: 'task.two', whenFull: 'shed' }),
      ],
      { bulkheads: { both: { concurrency: 1, queue: 1 } } },
    );
    shard.publish('task.two', 0);
    await shard.settle();
    shard.publish('task.one', 1, 1, soon(shard));
    await shard.settle();
    shard.pass(DEADLINE_MS + 6);
    await shard.settle();
    expect(shard.reasons).toEqual(['expired']);
    shard.publish('task.two', 2);
    await shard.settle();
    shard.open[0]?.end();
    await shard.settle();
    expect(shard.open.map(({ group, ids }) => [group, ids])).toEqual([['sheds', [2]]]);
  });
});
