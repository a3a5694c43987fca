/** Who begins when several wait at one gate: batches among single deliveries, groups in turn, and deliveries that wait behind their fallback. */
import { GateMode } from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import { HandShard, nextTurn } from './hand-shard.ts';

const narrow = (concurrency: number) => ({ bulkheads: { narrow: { concurrency } } });
const groupsOf = (shard: HandShard): string[] => shard.calls.map(({ group }) => group);

/** Single deliveries of `task.one` and batches of `task.two` share a bulkhead with one permit. */
function start(size = 10): HandShard {
  return new HandShard(
    (made) => [
      made.group('single', { bulkhead: 'narrow' }),
      made.group('batch', { pattern: 'task.two', bulkhead: 'narrow', batch: { size, timeoutMs: 0 } }),
    ],
    narrow(1),
  );
}

describe('A batch on a bulkhead that it shares', () => {
  it.each([
    ['has ended', undefined],
    ['has failed, and waits for its next attempt', new Error('failed')],
  ] as const)('begins when a neighbour %s, with no other turn of the thread', async (_, error) => {
    const shard = start();
    shard.publish('task.one', 0);
    await shard.settle();
    for (const id of [1, 2]) shard.publish('task.two', id);
    await shard.settle();
    shard.open[0]?.end(error);
    await nextTurn();
    expect(shard.open.map(({ ids }) => ids)).toEqual([[1, 2]]);
  });

  it('begins when the bulkhead is wider, with no other turn of the thread', async () => {
    const shard = start();
    shard.publish('task.one', 0);
    await shard.settle();
    shard.publish('task.two', 1);
    await shard.settle();
    shard.reload(narrow(2));
    expect(groupsOf(shard)).toEqual(['single', 'batch']);
  });

  it('has its turn among many that wait, and they have theirs', async () => {
    const shard = start(1);
    for (let id = 0; id < 5; id++) shard.publish('task.one', id);
    await shard.settle();
    for (let id = 5; id < 9; id++) shard.publish('task.two', id);
    for (let ended = 0; ended < 9; ended++) {
      await shard.settle();
      expect(shard.open).toHaveLength(1);
      shard.open[0]?.end();
    }
    await shard.settle();
    expect(groupsOf(shard)).toEqual(['single', 'single', 'batch', 'single', 'batch', 'single', 'batch', 'single', 'batch']);
    expect([shard.counted(0).delivered, shard.counted(1).delivered]).toEqual([5, 4]);
  });

  it('waits behind what is more urgent', async () => {
    const shard = start();
    shard.publish('task.one', 0);
    await shard.settle();
    shard.publish('task.two', 1, 1, { priority: 'low' });
    await shard.settle();
    for (const id of [2, 3]) shard.publish('task.one', id);
    for (let ended = 0; ended < 3; ended++) {
      await shard.settle();
      shard.open[0]?.end();
    }
    await shard.settle();
    expect(groupsOf(shard)).toEqual(['single', 'single', 'single', 'batch']);
  });
});

describe('Groups of one bulkhead', () => {
  it('take turns, however many of one wait', async () => {
    const shard = new HandShard(
      (made) => [made.group('many', { bulkhead: 'narrow' }), made.group('few', { pattern: 'task.two', bulkhead: 'narrow' })],
      narrow(1),
    );
    for (let id = 0; id < 6; id++) shard.publish('task.one', id);
    await shard.settle();
    for (let id = 6; id < 8; id++) shard.publish('task.two', id);
    for (let ended = 0; ended < 8; ended++) {
      await shard.settle();
      shard.open[0]?.end();
    }
    await shard.settle();
    expect(shard.calls.flatMap(({ ids }) => ids)).toEqual([0, 1, 6, 2, 7, 3, 4, 5]);
  });
});

describe('A delivery that waits for a permit of its fallback', () => {
  function startFallback(): HandShard {
    const breaker = { onOpen: 'fallback:spare' } as const;
    return new HandShard((made) => [
      made.group('first', { breaker }),
      made.group('spare', { pattern: 'task.two', bulkhead: { concurrency: 1 } }),
    ]);
  }

  it('takes the probe that its own breaker has, and is not handled twice', async () => {
    const shard = startFallback();
    const board = shard.board();
    board.set(GateMode.shut, 0, true);
    for (const id of [0, 1, 2]) shard.publish('task.one', id);
    await shard.settle();
    expect(groupsOf(shard)).toEqual(['spare']);
    board.set(GateMode.probing, 0, true);
    await shard.settle();
    expect(board.lease(1, () => true)).toEqual([0]);
    await shard.settle();
    expect(shard.calls.map(({ group, ids }) => [group, ...ids])).toEqual([
      ['spare', 0],
      ['first', 1],
    ]);
    expect(board.report(0)).toEqual({ leased: 1, taken: 1, good: 0, bad: 0 });
    for (let ended = 0; ended < 3; ended++) {
      shard.open[0]?.end();
      await shard.settle();
    }
    expect(groupsOf(shard)).toEqual(['spare', 'first', 'spare']);
    expect(shard.counted(0)).toMatchObject({ delivered: 3, deadLettered: 0 });
  });

  it('begins with its own handler as soon as its breaker is closed', async () => {
    const shard = startFallback();
    const board = shard.board();
    board.set(GateMode.shut, 0, true);
    for (const id of [0, 1, 2]) shard.publish('task.one', id);
    await shard.settle();
    board.set(GateMode.open, 0, true);
    await shard.settle();
    expect(groupsOf(shard)).toEqual(['spare', 'first', 'first']);
  });
});

describe('A fallback with several subscribers', () => {
  it('is the one whose pattern takes the event, else the first', async () => {
    const breaker = { onOpen: 'fallback:spare' } as const;
    const seen: string[] = [];
    const spare = (made: HandShard, pattern: string, name: string) =>
      made.group('spare', { pattern, handle: (event: { readonly type: string }) => void seen.push(`${name} ${event.type}`) });
    const shard = new HandShard((made) => [
      made.group('first', { pattern: 'task.*', breaker }),
      spare(made, 'note', 'noted'),
      spare(made, 'task.two', 'two'),
    ]);
    shard.board().set(GateMode.shut, 0, true);
    shard.publish('task.one', 0, 0);
    shard.publish('task.two', 1, 0);
    await shard.settle();
    // The first group falls back, and the second takes `task.two` by itself as well.
    expect(seen.sort()).toEqual(['noted task.one', 'two task.two', 'two task.two']);
    expect([shard.counted(0).delivered, shard.counted(1).delivered, shard.counted(2).delivered]).toEqual([2, 0, 1]);
  });
});

describe('What a group does not want', () => {
  const FAILURE = new Error('where failed');
  const wanted = ({ data }: { readonly data: { readonly id: number } }): boolean => {
    if (data.id === 3) throw FAILURE;
    return data.id !== 2;
  };

  it('is no refusal of its breaker, also where it stood behind another event of its key when that opened', async () => {
    const shard = new HandShard((made) => [made.group('first', { breaker: { onOpen: 'dead-letter' }, where: wanted })]);
    for (const id of [0, 1, 2, 3]) shard.publish('task.one', id, 0);
    await shard.settle();
    shard.board().set(GateMode.shut, 0, true);
    shard.open[0]?.end();
    await shard.settle();
    expect(shard.calls.map(({ ids }) => ids)).toEqual([[0]]);
    expect([shard.counted(0), shard.filtered(0)]).toMatchObject([{ delivered: 1, deadLettered: 2 }, 1]);
    // Nothing is left of it: the next of the key goes on.
    shard.board().set(GateMode.open, 0, true);
    shard.publish('task.one', 4, 0);
    await shard.settle();
    expect(shard.open.map(({ ids }) => ids)).toEqual([[4]]);
  });

  it.each([
    ['in the lane', 100],
    ['behind another event of its key', 0],
  ])('does not expire %s', async (_, passedMs) => {
    const shard = new HandShard((made) => [made.group('first', { where: wanted })]);
    const deadline = shard.deadlineIn(50);
    shard.publish('task.one', 0, 0);
    await shard.settle();
    for (const id of [1, 2]) shard.publish('task.one', id, passedMs === 0 ? 0 : id, { deadline });
    shard.pass(passedMs);
    await shard.settle();
    shard.pass(100);
    shard.open[0]?.end();
    await shard.settle();
    expect([shard.counted(0), shard.filtered(0)]).toMatchObject([{ delivered: 1, deadLettered: 1 }, 1]);
  });
});

describe('A breaker that opens beside a running batch', () => {
  it('refuses what has gathered, but for the keys of the batch: these when it has ended', async () => {
    const batch = { size: 2, timeoutMs: 0 };
    const shard = new HandShard((made) => [made.group('batch', { batch, breaker: { onOpen: 'dead-letter' } })]);
    for (const id of [0, 1]) shard.publish('task.one', id, id);
    await shard.settle();
    for (const [id, key] of [
      [2, 0],
      [3, 3],
    ] as const)
      shard.publish('task.one', id, key);
    await shard.settle();
    shard.board().set(GateMode.shut, 0, true);
    await shard.settle();
    expect(shard.counted(0)).toMatchObject({ delivered: 0, deadLettered: 1 });
    shard.open[0]?.end();
    await shard.settle();
    expect(shard.counted(0)).toMatchObject({ delivered: 2, deadLettered: 2 });
    expect(shard.calls.map(({ ids }) => ids)).toEqual([[0, 1]]);
  });
});

describe('An event that a breaker refused beside a batch of its key', () => {
  it('keeps its place in front of what came later, when the breaker has closed and the batch fails', async () => {
    const batch = { size: 1, timeoutMs: 0 };
    const shard = new HandShard((made) => [made.group('batch', { batch, breaker: { onOpen: 'dead-letter' } })]);
    const board = shard.board();
    for (const [id, mode] of [GateMode.open, GateMode.shut, GateMode.open].entries()) {
      shard.publish('task.one', id, 7);
      board.set(mode, id, true);
      await shard.settle();
    }
    expect(shard.calls.map(({ ids }) => ids)).toEqual([[0]]);
    shard.open[0]?.end(new Error('failed'));
    for (let ended = 0; ended < 3; ended++) {
      await shard.settle();
      shard.pass(100);
      await shard.settle();
      shard.open[0]?.end();
    }
    await shard.settle();
    expect(shard.calls.map(({ ids }) => ids)).toEqual([[0], [0], [1], [2]]);
    expect(shard.counted(0)).toMatchObject({ delivered: 3, deadLettered: 0 });
  });
});

describe('The latest of a key', () => {
  const shut: readonly (readonly [string, object, (shard: HandShard, isShut: boolean) => void])[] = [
    [
      'bulkhead',
      { bulkhead: { globalConcurrency: 1 } },
      (shard, isShut) => (isShut ? undefined : void shard.permits().lease(1, [1], false)),
    ],
    [
      'breaker',
      { breaker: true },
      (shard, isShut) => shard.board().set(isShut ? GateMode.shut : GateMode.open, isShut ? 0 : 1, true),
    ],
  ];

  it.each(shut)('is the only one whose handler is called when a gate opens: a %s', async (_, gate, set) => {
    const shard = new HandShard((made) => [made.group('latest', { delivery: 'latest-only', ...gate })]);
    set(shard, true);
    for (let id = 0; id < 4; id++) {
      shard.publish('task.one', id, 7);
      await shard.settle();
    }
    expect(shard.calls).toEqual([]);
    set(shard, false);
    await shard.settle();
    shard.open[0]?.end();
    await shard.settle();
    expect([shard.calls.map(({ ids }) => ids), shard.superseded(0), shard.inBay]).toEqual([[[3]], 3, 0]);
  });

  it('takes no place of one that has begun, and waits for its next attempt', async () => {
    const shard = new HandShard((made) => [made.group('latest', { delivery: 'latest-only' })]);
    shard.publish('task.one', 0, 7);
    await shard.settle();
    for (const id of [1, 2]) {
      shard.publish('task.one', id, 7);
      await shard.settle();
    }
    shard.open[0]?.end(new Error('failed'));
    for (let ended = 0; ended < 2; ended++) {
      await shard.settle();
      shard.pass(100);
      await shard.settle();
      shard.open[0]?.end();
    }
    await shard.settle();
    expect([shard.calls.map(({ ids }) => ids), shard.superseded(0)]).toEqual([[[0], [0], [2]], 1]);
  });
});

describe('A probe', () => {
  it('that no call used is given back, for whoever comes next', async () => {
    const shard = new HandShard((made) => [made.group('first', { breaker: true, bulkhead: { concurrency: 1 } })]);
    const board = shard.board();
    shard.publish('task.one', 0);
    await shard.settle();
    board.set(GateMode.probing, 0, true);
    shard.publish('task.one', 1);
    await shard.settle();
    board.lease(1, () => true);
    // The breaker lets it through, and the bulkhead does not.
    await shard.settle();
    expect(groupsOf(shard)).toEqual(['first']);
    expect(board.report(0)).toMatchObject({ leased: 1, taken: 0 });
    shard.open[0]?.end();
    await shard.settle();
    expect(groupsOf(shard)).toEqual(['first', 'first']);
    expect(board.report(0)).toMatchObject({ leased: 1, taken: 1 });
  });
});

describe('A thread that is about to sleep', () => {
  it('finds a breaker that has closed since the last turn, and does not sleep over it', async () => {
    const shard = new HandShard((made) => [made.group('first', { breaker: true })]);
    const board = shard.board();
    board.set(GateMode.shut, 0, true);
    shard.publish('task.one', 0);
    await shard.settle();
    expect([shard.isAwake, shard.open.length]).toEqual([false, 0]);
    board.set(GateMode.open, 0, true);
    expect(shard.isAwake).toBe(true);
    shard.turnShard();
    expect([shard.isAwake, shard.open.length]).toEqual([false, 1]);
  });

  it('finds a permit that was leased since the last turn, and does not sleep over it', async () => {
    const shard = new HandShard((made) => [made.group('first', { bulkhead: { globalConcurrency: 1 } })]);
    shard.publish('task.one', 0);
    await shard.settle();
    expect([shard.isAwake, shard.open.length]).toEqual([false, 0]);
    shard.permits().lease(1, [1], false);
    expect(shard.isAwake).toBe(true);
    shard.turnShard();
    expect([shard.isAwake, shard.open.length]).toEqual([false, 1]);
  });

  it('keeps no permit that it has in hand', async () => {
    const shard = new HandShard((made) => [made.group('first', { bulkhead: { globalConcurrency: 1 }, handle: () => {} })]);
    const permits = shard.permits();
    permits.lease(1, [1], false);
    shard.publish('task.one', 0);
    shard.turnShard();
    expect(permits.counts(0)).toMatchObject({ inUse: 1 });
    expect(shard.isAwake).toBe(false);
    expect(permits.counts(0)).toMatchObject({ inUse: 0 });
  });

  it('keeps no probe that no call used', async () => {
    const shard = new HandShard((made) => [made.group('first', { breaker: true, bulkhead: { concurrency: 1 } })]);
    const board = shard.board();
    for (let id = 0; id < 2; id++) shard.publish('task.one', id);
    await shard.settle();
    board.set(GateMode.probing, 0, true);
    shard.publish('task.one', 2);
    await shard.settle();
    board.lease(1, () => true);
    shard.turnShard();
    expect(board.report(0)).toMatchObject({ leased: 1, taken: 1 });
    expect(shard.isAwake).toBe(false);
    expect(board.report(0)).toMatchObject({ leased: 1, taken: 0 });
  });
});
