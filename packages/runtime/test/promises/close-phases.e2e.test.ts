/** Promise: a close goes through its phases, each ends, and the report says how. */
import { describe, expect, it } from 'vitest';
import type { ClosePhase, Runtime } from 'ringmain';
import { start } from './fixtures/start.ts';

type Ticks = Runtime<{ 'tick.given': { tick: number } }>;

const EVENTS = new URL('./fixtures/unready-events.mjs', import.meta.url);
const open = (shards: number, module: string, abandons?: string): Promise<Ticks> =>
  start(EVENTS, [module], { shards, handlers: { timeoutMs: 0 } }, abandons === undefined ? {} : { abandons });
const late = (phases: readonly ClosePhase[]): string[] => phases.filter(({ timedOut }) => timedOut).map(({ name }) => name);

describe.each([
  [0, ['intake', 'drain', 'teardown']],
  [2, ['intake', 'drain', 'shards', 'threads']],
])('with %i shards', (shards, names) => {
  it('all phases end by themselves when nothing holds them up', async () => {
    const runtime = await open(shards, './never.mjs');
    await runtime.send('tick.given', { tick: 0 }, { until: 'handled' });
    const { phases, seconds } = await runtime.close();
    expect(phases.map(({ name }) => name)).toEqual(names);
    expect(late(phases)).toEqual([]);
    expect(phases.reduce((sum, { ms }) => sum + ms, 0)).toBeLessThan(seconds * 1000);
  });

  it('a delivery that does not settle holds up the drain, for its time, and nothing after it', async () => {
    const runtime = await open(shards, './never.mjs', 'the handler never ends');
    runtime.publish('tick.given', { tick: 1 });
    const { phases, drained, abandoned } = await runtime.close({ timeoutMs: 20 });
    expect({ drained, abandoned, late: late(phases) }).toEqual({ drained: false, abandoned: 1, late: ['drain'] });
  });

  it('a handler that stops when it is told to, at half of the time, settles', async () => {
    const runtime = await open(shards, './never.mjs');
    runtime.publish('tick.given', { tick: 2 });
    const { phases, drained, abandoned } = await runtime.close({ timeoutMs: 2000 });
    expect({ drained, abandoned, late: late(phases) }).toEqual({ drained: true, abandoned: 0, late: [] });
  });

  it('a teardown that does not end is given up', async () => {
    const runtime = await open(shards, './endless.mjs?teardown');
    const { phases } = await runtime.close({ timeoutMs: 20 });
    expect(late(phases)).toEqual([names[2]]);
  });

  it('await using closes at the end of the block, also when the block throws', async () => {
    let outside: Ticks | undefined;
    const block = async (): Promise<void> => {
      await using runtime = await open(shards, './never.mjs');
      outside = runtime;
      runtime.publish('tick.given', { tick: 0 });
      throw new Error('the block failed');
    };
    await expect(block()).rejects.toThrow('the block failed');
    expect(() => outside?.publish('tick.given', { tick: 0 })).toThrow(/RINGMAIN_CLOSED/);
    expect((await outside?.close())?.drained).toBe(true);
  });
});

it('a thread in native code, which nothing can end, does not hold up the close', { timeout: 60_000 }, async () => {
  const runtime = await open(1, './native.mjs', 'its thread hangs in native code');
  runtime.publish('tick.given', { tick: 12 });
  const { phases, drained } = await runtime.close({ timeoutMs: 0 });
  expect(drained).toBe(false);
  expect(late(phases)).toEqual(['drain', 'shards', 'threads']);
});
