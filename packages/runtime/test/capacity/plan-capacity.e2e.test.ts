/** What the plan says a runtime takes, against a runtime: its one shard is stalled, and the main thread publishes until it is turned away. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CapacityLane, RuntimeConfigInput } from 'ringmain';
import { planCapacity } from 'ringmain';
import { afterAll, describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { openRuntime } from '../open-runtime.ts';
import { GROUPS, events } from './fixtures/stalls.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ringmain-plan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let stalls = 0;

/** Publishes into a stalled shard until an event is not accepted. */
async function fill(config: RuntimeConfigInput, payloadBytes: number) {
  const runtime = await openRuntime({
    events,
    // Nobody changes shares while the shard stands still.
    config: { shards: 1, log: { level: 'silent' }, coordinator: { tickMs: 60_000, idleTickMs: 60_000 }, ...config },
    subscribers: [new URL('./fixtures/stalls.ts', import.meta.url)],
  });
  const lane = planCapacity(runtime.config, { payloadBytes, groups: GROUPS }).lanes.find(({ priority }) => priority === 'normal');
  const [begun, until] = ['begun', 'until'].map((name) => path.join(folder, `${name}-${stalls++}`)) as [string, string];
  runtime.publish('stall.asked', { begun, until });
  while (!existsSync(begun)) await new Promise(setImmediate);
  const payload = new Uint8Array(payloadBytes);
  let accepted = 0;
  let outcome = runtime.publish('item.made', payload);
  for (; outcome.accepted; outcome = runtime.publish('item.made', payload)) accepted++;
  writeFileSync(until, '');
  await runtime.drain();
  await closeAndCheck(runtime);
  return { accepted, outcome, lane: lane as CapacityLane };
}

const lanes = { normal: { capacityBytes: 65_536 } };
const recordBytesMax = 4096;

describe('planCapacity() against a runtime with one stalled shard', () => {
  it.each([0, 1, 64, 80, 1000, 4056])('counts the events of %i bytes that a lane takes', async (payloadBytes) => {
    const { accepted, outcome, lane } = await fill({ lanes, recordBytesMax }, payloadBytes);
    expect(lane).toMatchObject({ limit: 'lane', laneEvents: lane.absorbedEvents });
    expect(accepted).toBe(lane.absorbedEvents);
    expect(outcome).toMatchObject({ status: 'rejected', reason: 'full' });
  });

  it.each([64, 1000])('counts the events of %i bytes that credit allows', async (payloadBytes) => {
    const bay = { slots: 300, bytes: 65_536 };
    const { accepted, outcome, lane } = await fill({ lanes, recordBytesMax, bay }, payloadBytes);
    expect(lane).toMatchObject({ limit: 'credit', creditEvents: lane.absorbedEvents });
    expect(accepted).toBe(lane.absorbedEvents);
    expect(outcome).toMatchObject({ status: 'rejected', reason: 'credit', group: 'items' });
  });

  it.each([
    ['block', { events: 50, bytes: 1_048_576 }, 'rejected'],
    ['block', { events: 1000, bytes: 5000 }, 'rejected'],
    ['drop-new', { events: 50, bytes: 1_048_576 }, 'dropped'],
    ['circuit-break', { events: 50, bytes: 1_048_576 }, 'rejected'],
  ] as const)('counts what the policy %s takes with a stage of %j', async (policy, stage, status) => {
    const { accepted, outcome, lane } = await fill(
      { lanes, recordBytesMax, stage, overflow: { normal: { policy, deadlineMs: 60_000 } } },
      1000,
    );
    expect(lane.stageEvents > 0).toBe(policy !== 'circuit-break');
    expect(accepted).toBe(lane.absorbedEvents);
    expect(outcome.status).toBe(status);
  });
});
