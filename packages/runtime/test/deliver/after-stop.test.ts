/** After a consumer has stopped nothing begins any more, whatever ends then; what waits is there for a successor. */
import { describe, expect, it } from 'vitest';
import type { GroupOptions } from './hand-shard.ts';
import { HandShard, nextTurn } from './hand-shard.ts';

interface Scene {
  readonly group: GroupOptions;
  readonly keys: readonly number[];
  /** Calls that begin before the stop. */
  readonly begun: number;
  /** What happens after the stop. */
  readonly afterwards: (shard: HandShard) => void;
}

const endFirst = (shard: HandShard): void => shard.open[0]?.end();
const failFirst = (shard: HandShard): void => shard.open[0]?.end(new Error('failed'));
const scenes: Readonly<Record<string, Scene>> = {
  'a permit is free again': { group: { bulkhead: { concurrency: 1 } }, keys: [0, 1, 2], begun: 1, afterwards: endFirst },
  'an attempt failed and left its permit': {
    group: { bulkhead: { concurrency: 1 } },
    keys: [0, 1, 2],
    begun: 1,
    afterwards: failFirst,
  },
  'a key is free again': { group: {}, keys: [0, 0, 0], begun: 1, afterwards: endFirst },
  'a key is free again, since its group lets others overtake': {
    group: { retry: { ordering: 'continue' } },
    keys: [0, 0],
    begun: 1,
    afterwards: failFirst,
  },
  'a batch has ended': { group: { batch: { size: 1, timeoutMs: 0 } }, keys: [0, 1, 2], begun: 1, afterwards: endFirst },
  'a bulkhead is wider': {
    group: { bulkhead: 'narrow' },
    keys: [0, 1, 2],
    begun: 1,
    afterwards: (shard) => shard.reload({ bulkheads: { narrow: { concurrency: 3 } } }),
  },
};

describe.each(Object.entries(scenes))('Consumer.stop(), before %s', (_, { group, keys, begun, afterwards }) => {
  it('begins nothing more, and leaves it to a successor', async () => {
    const shard = new HandShard((made) => [made.group('work', group)], { bulkheads: { narrow: { concurrency: 1 } } });
    for (const [id, key] of keys.entries()) shard.publish('task.one', id, key);
    await shard.settle();
    expect(shard.calls).toHaveLength(begun);
    shard.stop();
    afterwards(shard);
    await nextTurn();
    shard.pass(1000);
    await nextTurn();
    expect(shard.calls).toHaveLength(begun);
    const { delivered } = shard.counted(0);
    shard.die(false);
    for (let left = keys.length - delivered; left > 0; left--) {
      await shard.settle();
      shard.open[0]?.end();
    }
    await shard.settle();
    expect(shard.counted(0)).toMatchObject({ delivered: keys.length, deadLettered: 0 });
  });
});

it('Consumer.stop() has no attempt come due, whether it failed before or after it', async () => {
  const shard = new HandShard((made) => [made.group('work')]);
  shard.publish('task.one', 0);
  shard.publish('task.one', 1);
  await shard.settle();
  shard.open[0]?.end(new Error('failed'));
  await shard.settle();
  shard.stop();
  shard.open[0]?.end(new Error('failed'));
  await nextTurn();
  shard.pass(1000);
  await nextTurn();
  expect(shard.calls).toHaveLength(2);
  shard.die(false);
  await shard.settle();
  expect(shard.open.map(({ ids, attempts }) => [...ids, ...attempts])).toEqual([
    [0, 2],
    [1, 2],
  ]);
});

it('Consumer.stop() has no batch begin that waits for a permit of others', async () => {
  const bulkhead = 'narrow';
  const shard = new HandShard(
    (made) => [
      made.group('single', { bulkhead }),
      made.group('batch', { pattern: 'task.two', bulkhead, batch: { size: 2, timeoutMs: 0 } }),
    ],
    { bulkheads: { narrow: { concurrency: 1 } } },
  );
  shard.publish('task.one', 0);
  await shard.settle();
  shard.publish('task.two', 1);
  await shard.settle();
  shard.stop();
  shard.open[0]?.end();
  await nextTurn();
  expect(shard.calls).toHaveLength(1);
  shard.die(false);
  await shard.settle();
  expect(shard.open.map(({ ids }) => ids)).toEqual([[1]]);
});
