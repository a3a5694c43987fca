/** Promise: closing ends intake and nothing else at once, and every call afterwards has a stated end. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { runChild } from './fixtures/run-child.ts';
import { events } from './fixtures/gates.ts';
import { start } from './fixtures/start.ts';

const CLOSED = expect.objectContaining({ code: 'RINGMAIN_CLOSED' });

/** The code of what a call throws, or its result. */
function codeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe.each([0, 2])('with %i shards', (shards) => {
  it('close() lets handlers publish on, in shards and on the main thread, until everything has settled', async () => {
    const runtime = await start(events, ['./gates.ts'], { shards });
    const seen: unknown[] = [];
    const watch = runtime.subscribe('chain.ended', (_, ctx) => {
      seen.push(codeOf(() => runtime.publish('work.done', { n: 1 })));
      seen.push(codeOf(() => ctx.publish('work.done', { n: 2 }).status));
    });
    await watch.ready;
    runtime.publish('chain.link', { n: 100 });
    const { metrics } = await closeAndCheck(runtime);
    expect(seen).toEqual(['RINGMAIN_CLOSED', 'accepted']);
    expect(metrics.groups.find(({ name }) => name === 'chain')?.delivered).toBe(101);
    expect(metrics.groups.find(({ name }) => name === 'working')?.delivered).toBe(1);
  });

  it('every call after close() ends: refused, or at once', async () => {
    const runtime = await start(events, ['./gates.ts'], { shards });
    const subscription = runtime.subscribe('work.*', () => {});
    await subscription.ready;
    const report = await closeAndCheck(runtime);
    expect(() => runtime.publish('work.done', { n: 1 })).toThrow(CLOSED);
    expect(() => runtime.publishBatch([])).toThrow(CLOSED);
    expect(() => runtime.subscribe('work.*', () => {})).toThrow(CLOSED);
    await expect(runtime.send('work.done', { n: 1 }, { until: 'handled' })).rejects.toEqual(CLOSED);
    await expect(runtime.ready()).rejects.toEqual(CLOSED);
    await runtime.flush();
    await runtime.drain();
    subscription.unsubscribe();
    subscription.unsubscribe();
    expect(await runtime.close({ timeoutMs: 1 })).toBe(report);
    expect(runtime.metrics().conservation).toEqual(report.metrics.conservation);
    expect(runtime.failed).toBeUndefined();
  });

  it('close() ends although a teardown does not', async () => {
    const runtime = await start<{ 'tick.given': { tick: number } }>(
      new URL('./fixtures/unready-events.mjs', import.meta.url),
      ['./endless.mjs?teardown'],
      { shards },
    );
    await runtime.send('tick.given', { tick: 1 }, { until: 'handled' });
    expect((await runtime.close({ timeoutMs: 100 })).drained).toBe(true);
  });

  it('a process ends by itself after close(), whatever is called then', async () => {
    expect(await runChild('./late-calls.mjs', String(shards))).toEqual(['closed', 'ended by itself']);
  });

  it('a subscription whose announcement the close overtakes breaks nothing', async () => {
    const runtime = await start(events, ['./gates.ts'], { shards });
    const subscription = runtime.subscribe('work.*', () => {});
    await closeAndCheck(runtime);
    // It became known to the shards, or it says why not.
    await subscription.ready.catch((error: unknown) =>
      expect(error).toMatchObject({ code: expect.stringMatching(/^RINGMAIN_/) }),
    );
  });
});
