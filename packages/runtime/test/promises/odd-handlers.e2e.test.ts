/** Promise: whatever a handler returns ends its delivery, once, and no thread. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { RESULTS, events } from './fixtures/oddities.ts';
import { start } from './fixtures/start.ts';

describe.each([0, 1])('with %i shards', (shards) => {
  it.each(['odd.result', 'odd.chained'] as const)('what handlers of %s return is taken as await takes it, once', async (type) => {
    const runtime = await start(events, ['./oddities.ts'], { shards });
    runtime.subscribe(type, ({ data }) => RESULTS[data.kind]?.[0](), { group: 'here' });
    const expected = { delivered: 0, deadLettered: 0 };
    for (const [kind, [, outcome]] of Object.entries(RESULTS)) {
      expect(runtime.publish(type, { kind }).accepted).toBe(true);
      expected[outcome]++;
    }
    await runtime.drain();
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.restarts).toBe(0);
    for (const name of ['results', 'here']) {
      expect(metrics.groups.find((group) => group.name === name)).toMatchObject({ name, ...expected });
    }
  });

  it('a send that waits is told once how the delivery ended', async () => {
    const runtime = await start(events, ['./oddities.ts'], { shards });
    const told: Record<string, unknown> = {};
    for (const kind of Object.keys(RESULTS)) {
      const sent = runtime.send('odd.result', { kind }, { until: 'handled' });
      told[kind] = await sent.then(
        () => 'delivered',
        (error: unknown) => (error as { code?: unknown }).code,
      );
    }
    const code = { delivered: 'delivered', deadLettered: 'RINGMAIN_DELIVERY_FAILED' } as const;
    expect(told).toEqual(Object.fromEntries(Object.entries(RESULTS).map(([kind, [, outcome]]) => [kind, code[outcome]])));
    await closeAndCheck(runtime);
  });
});
