/** Promise: `drain` and `close` say what was delivered, and with a deadline what was left. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { events } from './fixtures/gates.ts';
import { start } from './fixtures/start.ts';

interface Counts {
  readonly name: string;
  readonly published: number;
  readonly delivered: number;
  readonly deadLettered: number;
  readonly inFlight: number;
}

/** The counts of the groups that were offered anything. */
const countsOf = (groups: readonly Counts[]): Record<string, object> =>
  Object.fromEntries(
    groups
      .filter(({ published }) => published > 0)
      .map(({ name, published, delivered, deadLettered, inFlight }) => [name, { published, delivered, deadLettered, inFlight }]),
  );

const counts = (delivered: number, deadLettered = 0, inFlight = 0): object => ({
  published: delivered + deadLettered + inFlight,
  delivered,
  deadLettered,
  inFlight,
});

describe.each([0, 1])('with %i shards', (shards) => {
  it('drain() says how much is in flight at its deadline, and resolves when it has settled', async () => {
    const runtime = await start(events, ['./gates.ts'], { shards, retry: { maxAttempts: 1 } });
    for (let n = 0; n < 5; n++) runtime.publish('gate.waited', { n });
    runtime.publish('work.done', { n: 0 });
    // Once this has settled, the others have begun to wait.
    const working = (): number => runtime.metrics().groups.find(({ name }) => name === 'working')?.delivered ?? 0;
    while (working() === 0) await new Promise(setImmediate);
    await expect(runtime.drain({ timeoutMs: 0 })).rejects.toMatchObject({
      code: 'RINGMAIN_DELIVERY_TIMEOUT',
      details: { inFlight: 5, timeoutMs: 0 },
    });
    runtime.publish('gate.opened', { n: 0 });
    await runtime.drain();
    expect(countsOf(runtime.metrics().groups)).toEqual({ waiting: counts(5), opening: counts(1), working: counts(1) });
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.conservation).toEqual({ holds: true, published: 7, accounted: 7, inFlight: 0 });
  });

  it('close() with a deadline reports what was delivered, what failed and what was left', async () => {
    const runtime = await start(
      events,
      ['./gates.ts'],
      { shards, retry: { maxAttempts: 1 } },
      { abandons: 'closed while handlers wait' },
    );
    for (let n = 0; n < 5; n++) runtime.publish('gate.waited', { n });
    for (let n = 0; n < 3; n++) runtime.publish('work.done', { n });
    runtime.publish('work.failed', { n: 0 });
    await runtime.send('work.done', { n: 3 }, { until: 'handled' });
    const report = await runtime.close({ timeoutMs: 0 });
    expect(report).toMatchObject({ drained: false, abandoned: 5, seconds: expect.any(Number) });
    expect(countsOf(report.metrics.groups)).toEqual({ waiting: counts(0, 0, 5), working: counts(4), failing: counts(0, 1) });
    expect(report.metrics.conservation).toEqual({ holds: true, published: 10, accounted: 5, inFlight: 5 });
    expect(runtime.metrics()).toMatchObject({ conservation: report.metrics.conservation });
  });

  it('a deadline that is none is refused, and the runtime stays open', async () => {
    const runtime = await start(events, ['./gates.ts'], { shards, retry: { maxAttempts: 1 } });
    const refused = expect.objectContaining({ code: 'RINGMAIN_OPTION_INVALID' });
    for (const timeoutMs of [Number.NaN, -1, 2 ** 31, '5' as never]) {
      await expect(runtime.drain({ timeoutMs })).rejects.toEqual(refused);
      await expect(runtime.close({ timeoutMs })).rejects.toEqual(refused);
    }
    expect(runtime.publish('work.done', { n: 0 }).accepted).toBe(true);
    await closeAndCheck(runtime);
  });
});

it('close() ends a shard whose handler never returns, and reports it and what waited behind it', async () => {
  const runtime = await start(events, ['./gates.ts'], { shards: 1 }, { abandons: 'its handler never returns' });
  await runtime.send('work.done', { n: 0 }, { until: 'handled' });
  runtime.publish('thread.blocked', { n: 0 });
  for (let n = 1; n < 4; n++) runtime.publish('work.done', { n });
  const report = await runtime.close({ timeoutMs: 0 });
  expect(report).toMatchObject({ drained: false, abandoned: 4 });
  expect(countsOf(report.metrics.groups)).toEqual({ blocking: counts(0, 0, 1), working: counts(1, 0, 3) });
});
