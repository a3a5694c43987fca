/** A `where` that throws says nothing of its event: that goes to the dead letters at once, whatever retries there are, wherever it is asked. */
import { describe, expect, it } from 'vitest';
import type { GroupOptions } from './hand-shard.ts';
import { HandShard } from './hand-shard.ts';

const FAULT = new Error('where failed');

/** Asked of event 0 it is content as often as told, and throws after that. */
function start(contentments: number, options: GroupOptions = {}) {
  const asked: number[] = [];
  const where = ({ data }: { readonly data: { readonly id: number } }): boolean => {
    if (data.id !== 0) return true;
    asked.push(data.id);
    if (asked.length > contentments) throw FAULT;
    return true;
  };
  return { shard: new HandShard((made) => [made.group('work', { ...options, where })]), asked };
}

async function expectLetter(shard: HandShard, asked: readonly number[], times: number): Promise<void> {
  await shard.settle();
  shard.pass(1000);
  await shard.settle();
  expect([asked.length, shard.counted(0).deadLettered, shard.reasons]).toEqual([times, 1, ['where']]);
}

describe('A where that throws', () => {
  it.each([
    ['from its lane', {}],
    ['for a batch', { batch: { size: 2, timeoutMs: 0 } }],
    ['as the latest', { delivery: 'latest-only' }],
  ] as const)('has an event that is taken %s end as a dead letter, with no retry', async (_, options) => {
    const { shard, asked } = start(0, options);
    shard.publish('task.one', 0);
    await expectLetter(shard, asked, 1);
    expect([shard.calls.length, shard.counted(0).retried]).toEqual([0, 0]);
  });

  it('has an event end so that waited behind another of its key', async () => {
    const { shard, asked } = start(0);
    for (const id of [1, 0]) shard.publish('task.one', id, 7);
    await shard.settle();
    expect(asked).toEqual([]);
    shard.open[0]?.end();
    await expectLetter(shard, asked, 1);
    expect([shard.calls.length, shard.counted(0).retried]).toEqual([1, 0]);
  });

  it('has an event end so that is tried again', async () => {
    const { shard, asked } = start(1);
    shard.publish('task.one', 0);
    await shard.settle();
    shard.open[0]?.end(new Error('failed'));
    await expectLetter(shard, asked, 2);
    expect([shard.calls.length, shard.counted(0).retried]).toEqual([1, 1]);
  });
});
