/** Promise: `flush()` resolves as soon as no send waits for room, however those that waited ended. */
import { describe, expect, it } from 'vitest';
import { events } from './fixtures/gates.ts';
import { start } from './fixtures/start.ts';

const SMALL = { capacityBytes: 4096 } as const;

/** A runtime whose handlers wait for ever, with all that it can hold. */
async function full(shards: number) {
  const lanes = { critical: SMALL, high: SMALL, normal: SMALL, low: SMALL };
  const bay = { slots: 64, bytes: 16_384 };
  const runtime = await start(
    events,
    ['./gates.ts'],
    { shards, lanes, mesh: SMALL, bay, recordBytesMax: 1024 },
    { abandons: 'its handlers wait for ever' },
  );
  const send = (timeoutMs: number, signal?: AbortSignal): Promise<unknown> =>
    runtime
      .send('gate.waited', { n: 1 }, { timeoutMs, ...(signal !== undefined && { signal }) })
      .catch((error: unknown) => (error as { code?: unknown }).code);
  // Until nothing moves any more: the lane and the bay behind it are full.
  while ((await send(50)) !== 'RINGMAIN_QUEUE_FULL') while (runtime.publish('gate.waited', { n: 1 }).accepted);
  return { runtime, send };
}

describe.each([0, 1])('flush() with %i shards and all room taken', (shards) => {
  it('resolves when no send has waited for long, and when the last of them gave up', async () => {
    const { runtime, send } = await full(shards);
    await runtime.flush();
    const ended: string[] = [];
    const note = (what: string) => () => ended.push(what);
    const abort = new AbortController();
    const sends = [send(1).then(note('timed out')), send(60_000, abort.signal).then(note('aborted'))];
    const flushed = [runtime.flush().then(note('flushed')), runtime.flush().then(note('flushed'))];
    await sends[0];
    expect(ended).toEqual(['timed out']);
    abort.abort();
    await Promise.all([...sends, ...flushed]);
    expect((await runtime.close({ timeoutMs: 0 })).drained).toBe(false);
  });

  it('resolves when close() has ended the sends that waited', async () => {
    const { runtime, send } = await full(shards);
    const waiting = send(60_000);
    const flushed = runtime.flush();
    const closing = runtime.close({ timeoutMs: 0 });
    expect(await waiting).toBe('RINGMAIN_CLOSED');
    await flushed;
    expect((await closing).drained).toBe(false);
  });
});

it('a send that waits after others gave up gets the room that comes', async () => {
  const { runtime, send } = await full(1);
  const waiting = send(60_000);
  // Each opening lets go what waits; until nothing does, the lane and the bay have moved on.
  let sent: unknown;
  void waiting.then((outcome) => (sent = outcome));
  while (sent === undefined) {
    await runtime.send('gate.opened', { n: 1 }, { until: 'handled', priority: 'critical' });
  }
  expect(sent).toMatchObject({ accepted: true });
  await runtime.flush();
  await runtime.close({ timeoutMs: 0 });
});
