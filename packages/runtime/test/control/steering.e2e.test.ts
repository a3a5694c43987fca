/** The coordinator with real threads: it names handlers that block, replaces them where it may, and goes up the ladder and down again. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DegradationNotice, HandlerNotice, RuntimeConfigInput } from 'ringmain';
import { afterAll, describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { events } from './fixtures/busy.ts';
import { openRuntime } from '../open-runtime.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ringmain-steering-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a runtime whose coordinator looks often. */
async function start(config: RuntimeConfigInput) {
  const runtime = await openRuntime({
    events,
    config: { shards: 1, coordinator: { tickMs: 10, idleTickMs: 10 }, ...config },
    subscribers: [new URL('./fixtures/busy.ts', import.meta.url)],
  });
  const handlers: HandlerNotice[] = [];
  const steps: DegradationNotice[] = [];
  await runtime.subscribe('system.handler', ({ data }) => void handlers.push(data)).ready;
  await runtime.subscribe('system.degradation', ({ data }) => void steps.push(data)).ready;
  return { runtime, handlers, steps };
}

describe('a handler that blocks its shard', () => {
  it('is named in system.handler while it runs, and counted', async () => {
    const { runtime, handlers } = await start({ watchdog: { slowMs: 20 } });
    const until = path.join(folder, 'go-on');
    runtime.publish('work.blocked', { until });
    while (handlers.length === 0) await new Promise(setImmediate);
    expect(handlers[0]).toMatchObject({ state: 'slow', shard: 0, type: 'work.blocked', group: 'blocked', step: 0 });
    expect(runtime.metrics()).toMatchObject({ slowHandlers: 1, stuckHandlers: 0, restarts: 0 });
    writeFileSync(until, '');
    await runtime.drain();
    expect(handlers).toHaveLength(1);
    await closeAndCheck(runtime);
  });

  it('has its thread replaced where that is configured; its death is charged to it, and nothing is lost', async () => {
    const { runtime, handlers } = await start({ watchdog: { slowMs: 20, replaceAfterChecks: 5 } });
    const stuck = runtime.send('work.stuck', { id: 1 }, { until: 'handled', timeoutMs: 60_000 });
    runtime.publish('work.done', { id: 2, spins: 1 });
    await stuck;
    await runtime.drain();
    expect(handlers.at(-1)).toMatchObject({ state: 'replaced', type: 'work.stuck', group: 'stuck' });
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics).toMatchObject({ stuckHandlers: 1, restarts: 1 });
    expect(metrics.groups.find(({ name }) => name === 'stuck')).toMatchObject({ delivered: 1, redelivered: 1, deadLettered: 0 });
  });
});

describe('overload', () => {
  it('raises the rung, sheds what may be shed and never critical events, and passes', { timeout: 120_000 }, async () => {
    const ladder = { stepUpMs: 20, stepDownMs: 40 };
    const lane = { capacityBytes: 16_384 };
    const { runtime, steps } = await start({
      recordBytesMax: 1024,
      lanes: { low: lane },
      flow: { targetMs: 1, intervalMs: 10, ladder },
      watchdog: { slowMs: 60_000 },
    });
    const told: string[] = [];
    await runtime.subscribe('degradation.seen', ({ data }) => void told.push(data.name)).ready;
    let shed = 0;
    let id = 0;
    while (runtime.metrics().degradation.rung < 3 || shed === 0) {
      for (let burst = 0; burst < 200; burst++) {
        const outcome = runtime.publish('work.done', { id: id++, spins: 1_000_000 });
        if (outcome.status === 'rejected' && outcome.reason === 'shed') shed++;
      }
      await new Promise(setImmediate);
    }
    expect(runtime.publish('work.urgent', { id: 1 }).accepted).toBe(true);
    while (runtime.metrics().degradation.rung > 0) await new Promise(setImmediate);
    expect(steps[0]).toMatchObject({ rung: 1, name: 'throttle', previous: 'normal', cause: 'lanes' });
    expect(runtime.publish('work.done', { id: 0, spins: 1 }).accepted).toBe(true);
    while (told.length < steps.length || steps.at(-1)?.rung !== 0) await new Promise(setImmediate);
    expect(told).toEqual(steps.map(({ name }) => name));
    await closeAndCheck(runtime);
  });
});

describe('system. topics', () => {
  it('are published by the runtime alone', async () => {
    const { runtime } = await start({});
    const publish = (type: string) => () => runtime.publish(type as 'work.done', {} as never);
    expect(publish('system.degradation')).toThrow('RINGMAIN_TOPIC_RESERVED');
    expect(publish('system.other')).toThrow('RINGMAIN_TOPIC_RESERVED');
    expect(publish('other.topic')).toThrow('RINGMAIN_TOPIC_UNKNOWN');
    await closeAndCheck(runtime);
  });
});
