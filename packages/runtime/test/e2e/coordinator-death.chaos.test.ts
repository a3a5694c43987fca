/** The coordinator's thread dies under load: its shards die with it, another one takes over, and nothing accepted is lost. */
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { closeAndCheck, publishAll, startOrders } from './fixtures/harness.ts';

const KEYS = 16;
const DEATHS = 3;
const BURST = 400;
const IN_FLIGHT_MAX = 2 * (1024 + 1);

describe('deaths of the coordinator', () => {
  it('lose nothing, keep the order of every key, and leave a runtime that replaces shards', { timeout: 120_000 }, async () => {
    // Node announces every worker of a thread; the coordinator is the only one of the main thread.
    const workers: Worker[] = [];
    const keep = (worker: Worker): void => void workers.push(worker);
    process.on('worker', keep);
    try {
      const { runtime, sightings } = await startOrders({ shards: 2 });
      const steps = new Map(Array.from({ length: KEYS }, (_, key) => [key, 0]));
      const burst = function* (): Generator<{ id: number; key: number; step: number }> {
        for (let id = 0; id < BURST; id++) {
          const key = id % KEYS;
          const step = steps.get(key) ?? 0;
          steps.set(key, step + 1);
          yield { id, key, step };
        }
      };
      for (let death = 0; death < DEATHS; death++) {
        await publishAll(runtime, burst());
        const coordinator = workers.at(-1);
        expect(workers).toHaveLength(death + 1);
        await coordinator?.terminate();
        await publishAll(runtime, burst());
        // Handled means that shards drain again, so the next coordinator is up.
        await runtime.send('order.placed', next(burst()), { until: 'handled', timeoutMs: 60_000 });
      }
      const { restarts } = runtime.metrics();
      await runtime.restartShard(0);
      await publishAll(runtime, burst());
      await runtime.drain({ timeoutMs: 60_000 });
      expect(sightings.duplicatesOf(['sync', 'async'], steps)).toBeLessThanOrEqual((DEATHS + 1) * IN_FLIGHT_MAX);
      const { metrics } = await closeAndCheck(runtime);
      expect(metrics.restarts).toBe(restarts + 1);
      expect(metrics.groups.map(({ deadLettered }) => deadLettered)).toEqual(metrics.groups.map(() => 0));
    } finally {
      process.off('worker', keep);
    }
  });
});

/** The next event of a burst. */
function next(orders: Iterator<{ id: number; key: number; step: number }>): { id: number; key: number; step: number } {
  return orders.next().value as { id: number; key: number; step: number };
}
