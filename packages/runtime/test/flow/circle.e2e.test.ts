/** Handlers that publish in circles, with hardly any room and under every policy: they make progress or are told, and never stand still. */
import type { PublishOutcome } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { events } from './fixtures/circle.ts';
import { openRuntime } from '../open-runtime.ts';

const POLICIES = ['reject', 'block', 'drop-new', 'drop-old', 'coalesce', 'sample', 'circuit-break'] as const;
const lane = { capacityBytes: 4096 };

describe.each([0, 2])('a circle of two groups that publish twice what they handle, with %i shards', (shards) => {
  it.each(POLICIES)('comes to its end under %s', { timeout: 120_000 }, async (policy) => {
    const runtime = await openRuntime({
      events,
      config: {
        shards,
        lanes: { critical: lane, high: lane, normal: lane, low: lane },
        mesh: lane,
        bay: { slots: 64, bytes: 16_384 },
        recordBytesMax: 1024,
        stage: { events: 1024, maxWaitMs: 20 },
      },
      subscribers: [new URL('./fixtures/circle.ts', import.meta.url)],
    });
    const outcomes: PublishOutcome[] = [];
    for (let key = 0; key < 20; key++) outcomes.push(runtime.publish(`circle.${policy}`, { key, hops: 6 }));
    expect(outcomes[0]).toMatchObject({ status: 'accepted' });
    await runtime.drain({ timeoutMs: 100_000 });
    expect(runtime.metrics().staged).toBe(0);
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.groups.every(({ delivered }) => delivered > 0)).toBe(true);
  });
});
