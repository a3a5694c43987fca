/** Handlers that wait for room in a lane of their own shard fill the bay; what would free it must still get in. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from './fixtures/harness.ts';
import { events } from './fixtures/relay.ts';
import { openRuntime } from '../open-runtime.ts';

const EVENTS = 10_000;
const note = 'x'.repeat(300);

describe('a bay full of handlers that wait for room', () => {
  it.each([0, 2])('does not stop the lane that makes room (%i shards)', { timeout: 120_000 }, async (shards) => {
    const runtime = await openRuntime({
      events,
      config: {
        shards,
        bay: { slots: 64, bytes: 16_384 },
        mesh: { capacityBytes: 4096 },
        recordBytesMax: 1024,
      },
      subscribers: [new URL('./fixtures/relay.ts', import.meta.url)],
    });
    for (let step = 0; step < EVENTS; step++) {
      while (!runtime.publish('stage.first', { key: step % 97, step, note }).accepted) await runtime.ready();
    }
    await runtime.drain({ timeoutMs: 60_000 });
    const { metrics } = await closeAndCheck(runtime);
    const delivered = Object.fromEntries(metrics.groups.map((group) => [group.name, group.delivered]));
    expect(delivered).toEqual({ first: EVENTS, second: EVENTS });
  });
});
