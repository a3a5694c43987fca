/** `runtime.ready` and `send` under rate limits and circuit breakers: each type waits for what refused it, and for nothing else. */
import type { RuntimeConfigInput } from 'ringmain';
import { defineEvents } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { openRuntime } from '../open-runtime.ts';

const schema = z.object({ n: z.int(), pad: z.string().optional() });
const HOUR_MS = 3_600_000;
/** Far less than the pauses that must not be waited for. */
const LIMIT_MS = 30_000;

const events = defineEvents({
  'breaker.made': { schema, overflow: { policy: 'circuit-break', failures: 1, cooldownMs: HOUR_MS } },
  'plain.made': { schema },
  'plain.unheard': { schema },
  'brief.made': { schema, overflow: { policy: 'circuit-break', failures: 2, cooldownMs: 20 } },
});

/** A runtime on one thread, with lanes for a few padded events, that counts what it handles. */
async function start(config: RuntimeConfigInput = {}) {
  const runtime = await openRuntime({
    events,
    config: { shards: 0, log: { level: 'silent' }, lanes: { normal: { capacityBytes: 4096 } }, recordBytesMax: 1024, ...config },
  });
  const seen: number[] = [];
  runtime.subscribe('*.made', ({ data }) => void seen.push(data.n));
  return { runtime, seen };
}

/** Opens the breaker of one type for an hour. */
async function breakCircuit({ runtime }: Awaited<ReturnType<typeof start>>): Promise<void> {
  while (runtime.publish('breaker.made', { n: 0, pad: 'x'.repeat(500) }).accepted);
  expect(runtime.publish('breaker.made', { n: 0 })).toMatchObject({ status: 'rejected', reason: 'broken' });
  await runtime.drain();
}

describe('while the circuit of one type is open for an hour', () => {
  it('ready(type) of another type that was never refused resolves', async () => {
    const started = await start();
    await breakCircuit(started);
    await started.runtime.ready('plain.made');
    expect(started.runtime.publish('plain.made', { n: 1 }).status).toBe('accepted');
    await closeAndCheck(started.runtime);
  });

  it('ready(type) and send of another type last as long as the rate limit that refused it', async () => {
    const started = await start({ publishRate: { perSecond: 100, burst: 20 } });
    const { runtime } = started;
    await breakCircuit(started);
    while (runtime.publish('plain.made', { n: 1 }).accepted);
    await runtime.ready('plain.made');
    while (runtime.publish('plain.made', { n: 1 }).accepted);
    expect(await runtime.send('plain.made', { n: 2 }, { timeoutMs: HOUR_MS })).toMatchObject({ accepted: true });
    await closeAndCheck(runtime);
  });

  it('ready(type) of the type itself waits, until it is aborted', async () => {
    const started = await start();
    const { runtime } = started;
    await breakCircuit(started);
    const abort = new AbortController();
    const ready = runtime.ready('breaker.made', { signal: abort.signal });
    // Another priority has the same breaker, and has not been refused yet.
    await runtime.ready('breaker.made', { priority: 'high' });
    abort.abort('enough');
    await expect(ready).rejects.toMatchObject({ code: 'RINGMAIN_ABORTED', cause: 'enough' });
    await closeAndCheck(runtime);
  });
});

describe('a circuit that is open for a moment', () => {
  it('takes events again after its pause, and opens again only after as many failures', async () => {
    const { runtime, seen } = await start();
    const large = { n: 0, pad: 'x'.repeat(500) };
    for (let round = 0; round < 3; round++) {
      const reasons: string[] = [];
      while (reasons.at(-1) !== 'broken') {
        const outcome = runtime.publish('brief.made', large);
        if (outcome.status === 'rejected') reasons.push(outcome.reason);
      }
      // On a machine that stands still its pause may be over before the next publish, which is one more try then.
      expect(reasons.slice(0, 2)).toEqual(['full', 'full']);
      await runtime.drain();
      await runtime.ready('brief.made');
      expect(runtime.publish('brief.made', { n: round + 2 })).toMatchObject({ status: 'accepted' });
      await runtime.drain();
    }
    expect(seen.filter((n) => n > 0)).toEqual([2, 3, 4]);
    await closeAndCheck(runtime);
  });
});

describe('under a rate limit', () => {
  it.each([1, 5, 10])(
    'a batcher whose batches exceed a burst of %i goes on in parts, in order',
    async (burst) => {
      const { runtime, seen } = await start({ publishRate: { perSecond: 1000, burst } });
      const batcher = runtime.batcher('plain.made', { maxEvents: 10 });
      for (let n = 0; n < 60;) {
        if (batcher.add({ n }).accepted) n++;
        else await runtime.ready('plain.made');
      }
      await runtime.drain();
      expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => n));
      await closeAndCheck(runtime);
    },
    LIMIT_MS,
  );

  it(
    'ready(type) forgets the time of a batch once a smaller one went through',
    async () => {
      const { runtime } = await start({
        publishRate: { perSecond: 1, burst: 2000 },
        lanes: { normal: { capacityBytes: 1_048_576 } },
      });
      const batch = (size: number) =>
        runtime.publishBatch(Array.from({ length: size }, (_, n) => ({ type: 'plain.made', data: { n } })));
      expect(batch(1000).status).toBe('accepted');
      // A quarter of an hour away.
      expect(batch(2000)).toMatchObject({ status: 'rejected', reason: 'rate' });
      const waited = runtime.ready('plain.made').then(() => 'ready');
      expect(batch(1000).status).toBe('accepted');
      expect(await waited).toBe('ready');
      await runtime.ready('plain.made');
      await closeAndCheck(runtime);
    },
    LIMIT_MS,
  );
});

describe('under a rate limit that queues', () => {
  it('what waits is counted when it goes, also what nobody takes, and goes at once when the limit is lifted', async () => {
    const limited = { perSecond: 1, burst: 3, onLimit: 'queue' } as const;
    const { runtime, seen } = await start({ publishRate: limited });
    const types = ['plain.made', 'plain.unheard'] as const;
    const outcomes = Array.from({ length: 20 }, (_, n) => runtime.publish(types[n % 2] as (typeof types)[number], { n }));
    expect(outcomes.filter(({ status }) => status === 'staged').length).toBeGreaterThanOrEqual(16);
    await runtime.reload({ ...runtime.config, publishRate: {} });
    await runtime.drain();
    expect(seen).toEqual(Array.from({ length: 10 }, (_, n) => 2 * n));
    expect(runtime.metrics()).toMatchObject({ unrouted: 10, staged: 0 });
    await closeAndCheck(runtime);
  });
});
