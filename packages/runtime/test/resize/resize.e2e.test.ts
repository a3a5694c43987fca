/** `resize()` under load: nothing is lost, keys keep their order, and the number of shards is what was asked for. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { KEYS } from './fixtures/board.ts';
import { StepLoad, startMovers } from './start-movers.ts';

describe('resize()', () => {
  it('from 2 to 4 to 1 to 3 under load loses nothing, keeps the order of every key, and reports it', async () => {
    const { runtime, board } = await startMovers({ shards: 2, shardsMax: 4 });
    const load = new StepLoad(runtime);
    await load.goesOn(500);
    expect(runtime.metrics()).toMatchObject({ shards: 2, partitionMoves: 0, lastMoveMs: null });
    expect(await runtime.resize(4)).toMatchObject({ shards: 4, movedPartitions: 128 });
    await load.goesOn(500);
    expect(await runtime.resize(1)).toMatchObject({ shards: 1, movedPartitions: 192 });
    // Shards that leave run their teardown; the others do not.
    expect(board.read('torn')).toBe(3);
    await load.goesOn(500);
    expect(await runtime.resize(3)).toMatchObject({ shards: 3, movedPartitions: 170 });
    await load.goesOn(500);
    await load.stop();
    await runtime.drain({ timeoutMs: 60_000 });
    load.check(board);
    expect(runtime.metrics()).toMatchObject({ shards: 3, partitionMoves: 128 + 192 + 170, movesRolledBack: 0, restarts: 0 });
    expect(runtime.metrics().recoveryUs).toEqual([null, null, null]);
    expect(runtime.metrics().lastMoveMs).toBeGreaterThan(0);
    expect(Object.keys(runtime.metrics().sojournUs)).toEqual(['main', 'shard-0', 'shard-1', 'shard-2']);
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.groups.filter(({ dropped }) => Object.keys(dropped).length > 0)).toEqual([]);
    expect(board.read('torn')).toBe(6);
  });

  it('spreads the keys over new shards and takes them back', async () => {
    const { runtime, board } = await startMovers({ shards: 1, shardsMax: 2 });
    expect(await runtime.resize(1)).toMatchObject({ shards: 1, movedPartitions: 0 });
    await runtime.resize(2);
    await runtime.restartShard(1);
    for (let key = 0; key < KEYS; key++) await runtime.send('step.taken', { key, step: 0 }, { until: 'handled' });
    const used = runtime.metrics().lanes.filter(({ producer }) => producer === 'main');
    expect(new Set(used.map(({ consumer }) => consumer))).toEqual(new Set(['shard-0', 'shard-1']));
    await runtime.resize(1);
    await expect(runtime.restartShard(1)).rejects.toMatchObject({ code: 'RINGMAIN_OPTION_INVALID' });
    for (let key = 0; key < KEYS; key++) await runtime.send('step.taken', { key, step: 1 }, { until: 'handled' });
    expect([board.read('early'), board.read('repeated')]).toEqual([0, 0]);
    await closeAndCheck(runtime);
  });

  it('goes on while handlers publish in circles, to the key they handle too', async () => {
    const { runtime, board } = await startMovers({ shards: 2, shardsMax: 3, stage: { events: 16 } });
    let published = 0;
    const hops = 30;
    // A delivery that waits to publish keeps its credit, so that there must be credit for all that are under way.
    const underWay = 8;
    const publish = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++, published++) {
        await board.reaches('hops', (published - underWay) * (hops + 1));
        await runtime.send('hop.made', { key: index % KEYS, hops });
      }
    };
    await publish(100);
    const growing = runtime.resize(3);
    await publish(200);
    await growing;
    const shrinking = runtime.resize(1);
    await publish(200);
    await shrinking;
    await runtime.drain({ timeoutMs: 60_000 });
    expect(board.read('hops')).toBe(published * (hops + 1));
    expect(runtime.metrics()).toMatchObject({ shards: 1, movesRolledBack: 0 });
    await closeAndCheck(runtime);
  });

  it('refuses what it cannot do, and says what it can', async () => {
    const { runtime } = await startMovers({ shards: 1, shardsMax: 2 });
    for (const shards of [0, 3, 1.5, Number.NaN, '2' as never]) {
      await expect(runtime.resize(shards)).rejects.toMatchObject({
        code: 'RINGMAIN_OPTION_INVALID',
        message: expect.stringMatching(/an integer from 1 to 2 \(shardsMax\)/),
      });
    }
    await expect(runtime.resize(2, { timeoutMs: -1 })).rejects.toMatchObject({ code: 'RINGMAIN_OPTION_INVALID' });
    const growing = runtime.resize(2);
    await expect(runtime.resize(1)).rejects.toMatchObject({ code: 'RINGMAIN_RESIZE_ACTIVE', details: { shards: 2 } });
    await growing;
    await closeAndCheck(runtime);
    await expect(runtime.resize(1)).rejects.toMatchObject({ code: 'RINGMAIN_CLOSED' });
    const inline = await startMovers({ shards: 0, shardsMax: 4 });
    expect(inline.runtime.config.shardsMax).toBe(0);
    await expect(inline.runtime.resize(1)).rejects.toMatchObject({ code: 'RINGMAIN_OPTION_INVALID' });
    await closeAndCheck(inline.runtime);
  });

  it('leaves everything as it was when a new shard does not come up', async () => {
    const { runtime, board } = await startMovers({ shards: 2, shardsMax: 4 });
    const load = new StepLoad(runtime);
    board.count('unready');
    await expect(runtime.resize(4)).rejects.toMatchObject({ code: 'RINGMAIN_SUBSCRIBER_INVALID' });
    expect(runtime.metrics()).toMatchObject({ shards: 2, partitionMoves: 0, restarts: 0 });
    await load.goesOn(500);
    board.count('unready', -1);
    await runtime.resize(4);
    await load.goesOn(500);
    await load.stop();
    await runtime.drain();
    load.check(board);
    await closeAndCheck(runtime);
  });
});
