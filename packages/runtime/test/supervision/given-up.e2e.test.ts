/** A shard that dies more often than allowed is given up, where that is configured: others take over, nothing is lost, keys keep their order. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck, publishAll, startOrders } from '../e2e/fixtures/harness.ts';
import { until } from '../health/start-wards.ts';
import { StepLoad, startMovers } from '../resize/start-movers.ts';

const restart = { maxRestarts: 1, withinMs: 600_000, backoffMaxMs: 0, onLimit: 'reassign' } as const;
const isGivenUp = (shard: number) => (health: { readonly shards: readonly { readonly state: string }[] }) =>
  health.shards[shard]?.state === 'given-up';

describe('restart.onLimit: reassign', () => {
  it('moves all partitions of the shard to the others under load, and back when somebody resizes', async () => {
    const { runtime, board } = await startMovers({ shards: 3, restart });
    const load = new StepLoad(runtime);
    await load.goesOn(300);
    await runtime.restartShard(1);
    await until(runtime, ({ shards }) => shards[1]?.restarts === 1 && shards[1].state === 'running');
    await load.goesOn(300);
    await runtime.restartShard(1);
    const health = await until(runtime, isGivenUp(1));
    expect(health).toMatchObject({ live: true, ready: true });
    expect(health.reasons).toContain('shard 1 is given-up');
    await load.goesOn(300);
    expect(runtime.metrics()).toMatchObject({ shards: 3, restarts: 2, partitionMoves: 85 });
    expect(await runtime.resize(3)).toMatchObject({ shards: 3, movedPartitions: 85 });
    await load.goesOn(300);
    await load.stop();
    await runtime.drain({ timeoutMs: 60_000 });
    load.check(board, 2 * 3 * 2000);
    await until(runtime, ({ reasons }) => reasons.length === 0);
    await closeAndCheck(runtime);
  });

  it('an event that kills every thread is set aside by the last successor', async () => {
    const { runtime, sightings } = await startOrders({ shards: 2, restart });
    const poison = runtime.send('fault.raised', { mode: 'poison' }, { until: 'handled', timeoutMs: 60_000 });
    await expect(poison).rejects.toMatchObject({ code: 'RINGMAIN_DELIVERY_FAILED' });
    await until(runtime, ({ shards }) => shards.some(({ state }) => state === 'given-up'));
    await publishAll(
      runtime,
      Array.from({ length: 64 }, (_, key) => ({ id: key, key, step: 0 })),
    );
    await runtime.drain({ timeoutMs: 60_000 });
    expect(sightings.duplicatesOf(['sync', 'async'], new Map(Array.from({ length: 64 }, (_, key) => [key, 1])))).toBe(0);
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.restarts).toBe(3);
    expect(metrics.groups.find(({ name }) => name === 'faults')).toMatchObject({ deadLettered: 1 });
    expect(runtime.failed).toBeUndefined();
  });

  it('never gives the last shard up: the runtime fails then', async () => {
    const { runtime } = await startOrders({ shards: 2, restart }, undefined, { abandons: 'the runtime fails' });
    const kill = async (shard: number, restarts: number): Promise<void> => {
      await runtime.restartShard(shard);
      await until(
        runtime,
        ({ live, shards }) => !live || (shards[shard]?.restarts === restarts && shards[shard].state !== 'down'),
      );
    };
    await kill(0, 1);
    await kill(0, 2);
    await until(runtime, isGivenUp(0));
    await kill(1, 1);
    await runtime.restartShard(1);
    expect((await until(runtime, ({ live }) => !live)).reasons[0]).toMatch(/^RINGMAIN_SHARD_FAILED: shard 1 ended too often/);
    await runtime.close({ timeoutMs: 0 });
  });
});
