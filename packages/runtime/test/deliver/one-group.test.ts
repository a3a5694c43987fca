/** Subscribers of one group name are one group: one order of keys, one set of permits. What they cannot agree on is refused at the start. */
import { describe, expect, it } from 'vitest';
import { subscriber } from '../../dist/index.js';
import { checkGroups } from '../../dist/subscribers/check-groups.js';
import type { GroupOptions } from './hand-shard.ts';
import { HandShard } from './hand-shard.ts';

const FAILURE = new Error('failed');

function start(first: GroupOptions = {}, second: GroupOptions = {}): HandShard {
  return new HandShard((made) => [made.group('both', first), made.group('both', { pattern: 'task.two', ...second })], {
    bulkheads: { narrow: { concurrency: 1 } },
  });
}
const begun = (shard: HandShard): number[] => shard.open.flatMap(({ ids }) => ids);

describe('Two subscribers of one group', () => {
  it('keep the order of a key over both, and each handles its own', async () => {
    const handled: string[] = [];
    const handle =
      (name: string) =>
      (event: unknown): Promise<void> => {
        handled.push(`${name} ${(event as { readonly data: { readonly id: number } }).data.id}`);
        return Promise.resolve();
      };
    const shard = start({ handle: handle('one') }, { handle: handle('two') });
    for (let id = 0; id < 8; id++) shard.publish(id % 3 === 0 ? 'task.one' : 'task.two', id, 0);
    await shard.settle();
    expect(handled).toEqual(['one 0', 'two 1', 'two 2', 'one 3', 'two 4', 'two 5', 'one 6', 'two 7']);
    expect([shard.counted(0).delivered, shard.counted(1).delivered]).toEqual([3, 5]);
  });

  it('have later events of a key wait while one of the other waits for its next attempt, also after a death', async () => {
    const shard = start();
    for (const id of [0, 1, 2]) shard.publish(id === 1 ? 'task.two' : 'task.one', id, 0);
    await shard.settle();
    shard.open[0]?.end(FAILURE);
    await shard.settle();
    expect(begun(shard)).toEqual([]);
    shard.die();
    shard.pass(200);
    for (const id of [0, 1, 2]) {
      await shard.settle();
      expect(begun(shard)).toEqual([id]);
      shard.open[0]?.end();
    }
    await shard.settle();
    expect([shard.counted(0).delivered, shard.counted(1).delivered]).toEqual([2, 1]);
  });

  it.each([
    ['one of them has', { bulkhead: { concurrency: 2 } }, {}],
    ['both have', { bulkhead: { concurrency: 2 } }, { bulkhead: { concurrency: 2 } }],
  ] as const)('share the permits that %s', async (_, first, second) => {
    const shard = start(first, second);
    for (let id = 0; id < 6; id++) shard.publish(id % 2 === 0 ? 'task.one' : 'task.two', id);
    for (let ended = 0; ended < 6; ended++) {
      await shard.settle();
      expect(shard.open).toHaveLength(Math.min(2, 6 - ended));
      shard.open[0]?.end();
    }
    await shard.settle();
    expect([shard.counted(0).delivered, shard.counted(1).delivered]).toEqual([3, 3]);
  });

  it('end what a newer event of the other takes the place of as their own, with their own credit', async () => {
    const shard = start({ delivery: 'latest-only' }, { delivery: 'latest-only' });
    shard.publish('task.one', 0, 7);
    await shard.settle();
    // More than the credit of each.
    for (let id = 1; id <= 60; id++) {
      expect(shard.publish(id % 2 === 0 ? 'task.one' : 'task.two', id, 7)).toBe(true);
      await shard.settle();
    }
    expect([begun(shard), shard.superseded(0), shard.superseded(1)]).toEqual([[0], 29, 30]);
    for (let ended = 0; ended < 2; ended++) {
      shard.open[0]?.end();
      await shard.settle();
    }
    expect(shard.calls.map(({ ids }) => ids)).toEqual([[0], [60]]);
    expect([shard.counted(0).delivered, shard.counted(1).delivered, shard.inBay]).toEqual([2, 0, 0]);
  });

  it('share how many of a key may be under way', async () => {
    const shard = start({ perKeyConcurrency: 2 });
    for (let id = 0; id < 4; id++) shard.publish(id % 2 === 0 ? 'task.one' : 'task.two', id, 0);
    await shard.settle();
    expect(begun(shard)).toEqual([0, 1]);
  });
});

describe('checkGroups()', () => {
  const made = (options: GroupOptions) => subscriber({ pattern: 'a.*', group: 'both', handle: () => {}, ...options } as never);
  const batch: GroupOptions = { handle: undefined, handleBatch: () => {} } as never;

  it.each([
    [{ bulkhead: { concurrency: 1 } }, { bulkhead: { concurrency: 2 } }, 'bulkhead'],
    [{ bulkhead: 'narrow' }, { bulkhead: { concurrency: 2 } }, 'bulkhead'],
    [{ perKeyConcurrency: 1 }, { perKeyConcurrency: 'unlimited' }, 'perKeyConcurrency'],
    [{ isolation: 'thread' }, {}, 'isolation'],
    [{ isolation: { threads: { max: 1 } } }, { isolation: { threads: { max: 2 } } }, 'isolation'],
    [batch, {}, 'handleBatch'],
    [batch, batch, 'handleBatch'],
  ] as const)('refuses %o beside %o', (first, second, what) => {
    const check = (): void => checkGroups([made({}), made(first), made(second)]);
    expect(check).toThrowError(new RegExp(`^RINGMAIN_SUBSCRIBER_INVALID: .*group both .*${what}`));
  });

  it.each([
    [{}, {}],
    [{ bulkhead: { concurrency: 1 } }, {}],
    [
      { bulkhead: 'narrow', perKeyConcurrency: 2 },
      { bulkhead: 'narrow', perKeyConcurrency: 2 },
    ],
    [batch, { group: 'other' }],
    [{ isolation: 'thread' }, { isolation: 'thread' }],
    [{ isolation: 'inline' }, {}],
  ] as const)('takes %o beside %o', (first, second) => {
    expect(() => checkGroups([made(first), made(second)])).not.toThrow();
  });
});
