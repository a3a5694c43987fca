/** What deaths of a thread cost a delivery: no attempt; and one that was in flight at two of them runs alone, but not before it is due. */
import { describe, expect, it } from 'vitest';
import { HandShard } from './hand-shard.ts';

const FAILURE = new Error('failed');

describe('A delivery in flight at a death that is charged to another', () => {
  it.each(['charged', 'not charged'])('has all its attempts left (%s)', async (how) => {
    const shard = new HandShard((made) => [made.group('work', { retry: { maxAttempts: 2 } })]);
    shard.publish('task.one', 0);
    await shard.settle();
    // Two deaths that are charged make it a suspect, which changes nothing about its attempts.
    for (let death = 0; death < 2; death++) {
      shard.die(how === 'charged');
      await shard.settle();
    }
    expect(shard.open.map(({ attempts }) => attempts)).toEqual([[3]]);
    shard.open[0]?.end(FAILURE);
    await shard.settle();
    expect(shard.counted(0)).toEqual({ delivered: 0, deadLettered: 0, retried: 1 });
    shard.die(how === 'charged');
    shard.pass(200);
    await shard.settle();
    expect(shard.open.map(({ attempts }) => attempts)).toEqual([[4]]);
    shard.open[0]?.end(FAILURE);
    await shard.settle();
    expect(shard.counted(0)).toEqual({ delivered: 0, deadLettered: 1, retried: 1 });
  });
});

it('A synchronous handler that ended with its thread, charged to nobody, has all its attempts left', async () => {
  const attempts: number[] = [];
  const handle = ({ attempt }: { readonly attempt: number }): void => {
    attempts.push(attempt);
    throw FAILURE;
  };
  const shard = new HandShard((made) => [made.group('work', { handle, retry: { maxAttempts: 2 } })]);
  shard.publish('task.one', 0);
  shard.endInFirst();
  await shard.settle();
  expect([attempts, shard.counted(0)]).toEqual([[2], { delivered: 0, deadLettered: 0, retried: 1 }]);
  shard.pass(200);
  await shard.settle();
  expect([attempts, shard.counted(0)]).toEqual([[2, 3], { delivered: 0, deadLettered: 1, retried: 1 }]);
});

describe('A suspect', () => {
  /** Event 0 was in flight at two deaths, failed, and waits for its next attempt. */
  async function postponed(): Promise<HandShard> {
    const shard = new HandShard((made) => [made.group('work')]);
    shard.publish('task.one', 0);
    await shard.settle();
    for (let death = 0; death < 2; death++) {
      shard.die();
      await shard.settle();
    }
    shard.open[0]?.end(FAILURE);
    await shard.settle();
    expect(shard.open).toEqual([]);
    return shard;
  }

  const begun = (shard: HandShard): number[] => shard.open.flatMap(({ ids }) => ids);

  it.each([true, false])('that waits for its next attempt waits on, and holds up nobody (another death: %s)', async (dies) => {
    const shard = await postponed();
    if (dies) shard.die();
    shard.publish('task.one', 1);
    shard.pass(50);
    await shard.settle();
    expect(begun(shard)).toEqual([1]);
    shard.pass(60);
    await shard.settle();
    expect(begun(shard)).toEqual([1, 0]);
  });

  it.each([true, false])(
    'runs alone once it is due: nothing begins beside it, and its death is charged to it only (%s)',
    async (dies) => {
      const shard = await postponed();
      if (dies) shard.die();
      shard.publish('task.one', 1, 7);
      await shard.settle();
      shard.publish('task.one', 2, 7);
      shard.pass(150);
      await shard.settle();
      shard.publish('task.one', 3);
      shard.open.find(({ ids }) => ids.includes(1))?.end();
      await shard.settle();
      // What was under way has ended; neither the next of its key nor what came later has begun.
      expect(begun(shard)).toEqual([0]);
      shard.die();
      await shard.settle();
      expect(shard.counted(0)).toMatchObject({ delivered: 1, deadLettered: 1 });
      expect(shard.open.map(({ ids, attempts }) => [...ids, ...attempts])).toEqual([
        [2, 1],
        [3, 1],
      ]);
    },
  );

  it('lets the others go on when it has settled, or waits again', async () => {
    for (const error of [undefined, FAILURE]) {
      const shard = await postponed();
      shard.pass(150);
      await shard.settle();
      shard.publish('task.one', 1);
      await shard.settle();
      expect(begun(shard)).toEqual([0]);
      shard.open[0]?.end(error);
      await shard.settle();
      expect(begun(shard)).toEqual([1]);
    }
  });

  it('behind another of its key runs alone too', async () => {
    const shard = new HandShard((made) => [made.group('work', { perKeyConcurrency: 2 })]);
    for (const id of [0, 1]) shard.publish('task.one', id, 0);
    await shard.settle();
    for (let death = 0; death < 2; death++) {
      expect(begun(shard)).toEqual([0, 1]);
      shard.die();
      await shard.settle();
    }
    expect(begun(shard)).toEqual([0]);
    shard.open[0]?.end();
    await shard.settle();
    expect(begun(shard)).toEqual([1]);
  });
});

describe('The retry budget', () => {
  const DELIVERED = 20;
  const TEN_SECONDS_MS = 10_000;
  const retry = {
    maxAttempts: 3,
    backoff: 'fixed',
    initialMs: 100,
    jitter: 'none',
    budget: { ratio: 0.5, perSecondMin: 0 },
  } as const;

  it.each([
    ['a successor', (shard: HandShard) => shard.die(false)],
    ['a reload', (shard: HandShard) => shard.reload({ retry: { ...retry, maxAttempts: 4 } })],
  ])('is not earned again by %s with what was delivered before', async (_, change) => {
    const shard = new HandShard((made) => [made.group('work')], { retry });
    shard.onCall = ({ ids, end }) => end(ids[0] === DELIVERED ? new Error('failed') : undefined);
    for (let id = 0; id < DELIVERED; id++) {
      shard.publish('task.one', id);
      await shard.settle();
    }
    // What these have earned, as a turn finds, is gone after ten seconds.
    for (let time = 0; time < 2; time++) {
      shard.pass(2 * TEN_SECONDS_MS);
      await shard.settle();
    }
    change(shard);
    shard.publish('task.one', DELIVERED);
    await shard.settle();
    expect(shard.reasons).toEqual(['retry-budget']);
    expect(shard.counted(0)).toEqual({ delivered: DELIVERED, deadLettered: 1, retried: 0 });
  });

  it('goes by other options after a reload', async () => {
    const shard = new HandShard((made) => [made.group('work')], { retry });
    shard.onCall = ({ end }) => end(new Error('failed'));
    await shard.settle();
    shard.reload({ retry: { ...retry, budget: { ratio: 0.5, perSecondMin: 1 } } });
    shard.pass(1000);
    shard.publish('task.one', 0);
    await shard.settle();
    expect(shard.counted(0)).toMatchObject({ deadLettered: 0, retried: 1 });
  });
});
