/** A handler that failed because what it sent has failed is not called again: attempts of the two are not multiplied. */
import { RingmainError } from '@ringmain/core';
import { describe, expect, it } from 'vitest';
import type { GroupOptions } from './hand-shard.ts';
import { HandShard } from './hand-shard.ts';

const failed = (): RingmainError => new RingmainError('RINGMAIN_DELIVERY_FAILED', 'a handler of noted failed');

async function start(retry: GroupOptions['retry'] = {}): Promise<HandShard> {
  const shard = new HandShard((made) => [made.group('work', { retry })]);
  shard.publish('task.one', 0);
  await shard.settle();
  return shard;
}

describe('A handler whose send has failed', () => {
  it('is not called again, and leaves its letter', async () => {
    const shard = await start();
    shard.open[0]?.end(failed());
    await shard.settle();
    expect([shard.counted(0), shard.reasons]).toEqual([{ delivered: 0, deadLettered: 1, retried: 0 }, ['non-retryable']]);
  });

  it('is called again where its group says so, and for every other reason', async () => {
    const shard = await start({ retryIf: () => true });
    shard.open[0]?.end(failed());
    await shard.settle();
    expect(shard.counted(0)).toEqual({ delivered: 0, deadLettered: 0, retried: 1 });
    const other = await start();
    other.open[0]?.end(new RingmainError('RINGMAIN_DELIVERY_TIMEOUT', 'no answer came in time'));
    await other.settle();
    expect(other.counted(0)).toEqual({ delivered: 0, deadLettered: 0, retried: 1 });
  });
});
