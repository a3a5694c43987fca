/** `runtime.health()`: what is unwell is found, named, and taken back; it is answered also while shards hang. */
import { describe, expect, it } from 'vitest';
import type { HealthNotice } from 'ringmain';
import { POLL_MS, SOON, groupOf, shardIn, startWards, until } from './start-wards.ts';

const KEY = { key: 1 };
const WELL = { live: true, ready: true, phase: 'running', reasons: [] };

describe.each([0, 2])('health() with %i shards', (shards) => {
  it('is well from the start, and neither live nor ready after the close', async () => {
    const runtime = await startWards({ shards });
    await runtime.send('ok.asked', KEY, { until: 'handled' });
    const notices: HealthNotice[] = [];
    await runtime.subscribe('system.health', ({ data }) => void notices.push(data)).ready;
    const health = runtime.health();
    expect(health).toMatchObject(WELL);
    expect(health.shards).toEqual(
      Array.from({ length: shards }, (_, index) => ({ index, state: 'running', restarts: 0, blockedMs: 0 })),
    );
    expect(runtime.metrics().health).toMatchObject({ ...WELL, groups: health.groups, shards: health.shards });
    expect(new Set(health.groups.map(({ state, reason }) => `${state} ${reason}`))).toEqual(new Set(['ok ']));
    await runtime.close();
    expect(notices.at(-1)).toMatchObject({ live: true, ready: false, phase: 'draining' });
    expect(notices.at(-1)?.reasons[0]).toBe('the runtime is draining');
    expect(runtime.health()).toMatchObject({ live: false, ready: false, phase: 'closed', reasons: ['the runtime is closed'] });
  });

  it('says that a group fails, tells of it once, and takes it back when it lasts', async () => {
    const runtime = await startWards({ shards });
    const notices: HealthNotice[] = [];
    await runtime.subscribe('system.health', ({ data }) => void notices.push(data)).ready;
    for (let n = 0; n < 5; n++) runtime.publish('fail.asked', KEY);
    const degraded = await until(runtime, (health) => groupOf(health, 'failing')?.state === 'degraded');
    expect(degraded).toMatchObject({ live: true, ready: true });
    expect(degraded.reasons).toEqual([
      expect.stringMatching(/^group failing is degraded: 5 of 5 attempts failed within 300 ms$/),
    ]);
    await until(runtime, ({ reasons }) => reasons.length === 0);
    while (notices.length < 2) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(notices.map(({ reasons }) => reasons.length)).toEqual([1, 0]);
  });

  it('tells work that nothing gets on with from work that waits for its next attempt', async () => {
    const runtime = await startWards({ shards }, { abandons: 'it waits for ever' });
    runtime.publish('retry.asked', { key: 2 });
    const metric = (): number => runtime.metrics().groups.find(({ name }) => name === 'retrying')?.retried ?? 0;
    while (metric() === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    runtime.publish('wait.asked', KEY);
    const stalled = await until(runtime, (health) => groupOf(health, 'waiting')?.state === 'stalled');
    expect(groupOf(stalled, 'waiting')?.reason).toMatch(/^work waits and nothing has got on for \d+ ms$/);
    expect(groupOf(stalled, 'retrying')).toEqual({ name: 'retrying', state: 'ok', reason: '' });
    expect(stalled).toMatchObject({ live: true, ready: true });
    await runtime.close({ timeoutMs: 0 });
  });
});

describe('health() of a group with a circuit breaker', () => {
  it('is open while that is isolated, also while events wait there, and well again after auto()', async () => {
    const runtime = await startWards({ shards: 0, breakers: { fine: {} } });
    const notices: HealthNotice[] = [];
    await runtime.subscribe('system.health', ({ data }) => void notices.push(data)).ready;
    const open = { name: 'fine', state: 'open', reason: 'its circuit breaker is open' };
    runtime.breaker('fine').isolate();
    const health = await until(runtime, (found) => groupOf(found, 'fine')?.state !== 'ok');
    expect(groupOf(health, 'fine')).toEqual(open);
    expect(health).toMatchObject({ live: true, ready: true, reasons: ['group fine is open: its circuit breaker is open'] });
    runtime.publish('ok.asked', KEY);
    // As many looks as would find a group stalled.
    let looks = 0;
    await until(runtime, () => ++looks * POLL_MS > 2 * SOON.stalledMs);
    expect(groupOf(runtime.health(), 'fine')).toEqual(open);
    runtime.breaker('fine').auto();
    await runtime.drain();
    await until(runtime, (found) => groupOf(found, 'fine')?.state === 'ok');
    expect(runtime.health()).toMatchObject(WELL);
    while (notices.length < 2) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(notices.map(({ reasons }) => reasons.length)).toEqual([1, 0]);
  });
});

describe('health() of shards', () => {
  it('finds one that hangs in a handler, while the main thread does nothing but ask', async () => {
    const runtime = await startWards({ shards: 2 });
    runtime.publish('block.asked', KEY);
    let health = runtime.health();
    // No turn of the event loop: nobody is asked but shared memory.
    while (shardIn(health, 'blocked') === undefined) health = runtime.health();
    expect(health).toMatchObject({ live: true, ready: true });
    expect(groupOf(health, 'blocking')).toMatchObject({ state: 'stalled', reason: /^a handler has blocked its shard for/ });
    const blocked = shardIn(health, 'blocked');
    expect(blocked?.blockedMs).toBeGreaterThanOrEqual(200);
    await runtime.restartShard(blocked?.index ?? -1);
    const again = await until(runtime, ({ reasons }) => reasons.length === 0);
    expect(again.shards[blocked?.index ?? -1]).toMatchObject({ state: 'running', restarts: 1 });
  });

  it('is not ready once the only shard has hung for long', async () => {
    const runtime = await startWards({ shards: 1 });
    runtime.publish('block.asked', KEY);
    expect(await until(runtime, ({ ready }) => !ready)).toMatchObject({ live: true, phase: 'running' });
    await runtime.restartShard(0);
    await until(runtime, ({ ready }) => ready);
  });

  it('finds a shard whose event loop stands still although no handler runs, and its successor makes it good', async () => {
    const runtime = await startWards({ shards: 1, coordinator: { tickMs: 10, idleTickMs: 20 } });
    runtime.publish('spin.asked', KEY);
    // What comes now wakes a thread that does not wake up.
    const handled = runtime.send('ok.asked', KEY, { until: 'handled', timeoutMs: 60_000 });
    const stuck = await until(runtime, (health) => shardIn(health, 'stuck') !== undefined);
    expect(stuck.reasons).toContain('shard 0 is stuck');
    await runtime.restartShard(0);
    await handled;
    await until(runtime, ({ reasons }) => reasons.length === 0);
  });

  it('such a thread is replaced where that is configured', async () => {
    const watchdog = { replaceAfterChecks: 10 };
    const runtime = await startWards({ shards: 1, coordinator: { tickMs: 10, idleTickMs: 20 }, watchdog });
    runtime.publish('spin.asked', KEY);
    await runtime.send('ok.asked', KEY, { until: 'handled', timeoutMs: 60_000 });
    await runtime.drain({ timeoutMs: 60_000 });
    expect(runtime.metrics()).toMatchObject({ stuckHandlers: 1, restarts: 1 });
  });

  it('says why a runtime has failed', async () => {
    const runtime = await startWards({ shards: 1, restart: { maxRestarts: 0 } }, { abandons: 'the runtime fails' });
    const notices: HealthNotice[] = [];
    await runtime.subscribe('system.health', ({ data }) => void notices.push(data)).ready;
    runtime.publish('exit.asked', KEY);
    const failed = await until(runtime, ({ live }) => !live);
    expect(failed).toMatchObject({ ready: false, phase: 'failed' });
    expect(failed.reasons[0]).toMatch(/^RINGMAIN_SHARD_FAILED: shard 0 ended too often/);
    expect(failed.reasons).toContain('shard 0 is down');
    while (notices.at(-1)?.phase !== 'failed') await new Promise<void>((resolve) => setImmediate(resolve));
    expect(notices.at(-1)).toMatchObject({ live: false, ready: false });
    expect(notices.at(-1)?.reasons[0]).toBe(failed.reasons[0]);
    await runtime.close({ timeoutMs: 0 });
  });
});
