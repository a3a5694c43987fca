/** Promise: every wait for room ends: when there is room, when it is aborted, when the runtime closes, and with the reason when it fails. */
import { describe, expect, it } from 'vitest';
import type { Runtime } from 'ringmain';
import { startValve } from '../flow/valve.ts';

type Valve = Awaited<ReturnType<typeof startValve>>;

const STUCK = { abandons: 'closed while its group is stuck' };

/** Publishes until nothing more fits, and nothing moves any more. */
async function fill({ runtime }: Valve): Promise<void> {
  const event = { key: 1, n: 0 };
  const send = () => endOf(runtime.send('plain.made', event, { key: 'one', timeoutMs: 50 }));
  while ((await send()) !== 'RINGMAIN_QUEUE_FULL') while (runtime.publish('plain.made', event, { key: 'one' }).accepted);
}

/** A stream begins its first write in a microtask. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The code that a promise rejects with, or that it resolved. */
const endOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => String((error as { code?: unknown }).code),
  );

const waitsOf = (runtime: Pick<Runtime, 'ready'>): Promise<string>[] => [
  endOf(runtime.ready()),
  endOf(runtime.ready('plain.made')),
  endOf(runtime.ready('plain.made', { priority: 'normal' })),
];

describe.each([0, 1])('with %i shards and no room', (shards) => {
  it('ready() rejects with RINGMAIN_CLOSED when the runtime closes, and afterwards', async () => {
    const valve = await startValve({ shards }, STUCK);
    await fill(valve);
    const { runtime } = valve;
    const pending = waitsOf(runtime);
    const closing = runtime.close({ timeoutMs: 0 });
    expect(await Promise.all(pending)).toEqual(Array.from(pending, () => 'RINGMAIN_CLOSED'));
    expect((await closing).drained).toBe(false);
    expect(await Promise.all(waitsOf(runtime))).toEqual(Array.from(pending, () => 'RINGMAIN_CLOSED'));
    await runtime.flush();
  });

  it('writer.abort() ends a write, which rejects, and its event was not published', async () => {
    const valve = await startValve({ shards });
    await fill(valve);
    const { runtime } = valve;
    const { published } = runtime.metrics();
    const writer = runtime.writable('plain.made', { key: 'one' }).getWriter();
    writer.closed.catch(() => {});
    const write = endOf(writer.write({ key: 1, n: 999 }));
    await turn();
    await writer.abort('stop');
    expect(await write).toBe('RINGMAIN_ABORTED');
    expect(runtime.metrics().published).toBe(published);
    valve.open();
    await runtime.drain();
    expect(valve.seen.map(({ n }) => n)).not.toContain(999);
    await runtime.close();
  });

  it('pipeTo() ends by the signal that the stream was given, before, during and after a write', async () => {
    const valve = await startValve({ shards }, STUCK);
    await fill(valve);
    const abort = new AbortController();
    const { signal } = abort;
    const source = new ReadableStream({ start: (controller) => controller.enqueue({ key: 1, n: 999 }) });
    const target = valve.runtime.writable('plain.made', { key: 'one', signal });
    const other = valve.runtime.writable('plain.made', { key: 'one', signal }).getWriter();
    other.closed.catch(() => {});
    const piped = endOf(source.pipeTo(target, { signal }));
    const written = endOf(other.write({ key: 1, n: 999 }));
    await turn();
    abort.abort('stop');
    expect(await written).toBe('RINGMAIN_ABORTED');
    expect(await piped).not.toBe('resolved');
    expect(await endOf(other.write({ key: 1, n: 999 }))).toBe('RINGMAIN_ABORTED');
    const late = valve.runtime.writable('free.made', { signal }).getWriter();
    late.closed.catch(() => {});
    expect(await endOf(late.write({ key: 1, n: 999 }))).toBe('RINGMAIN_ABORTED');
    await valve.runtime.close({ timeoutMs: 0 });
  });
});

it('every wait, pending or new, rejects with the reason when the runtime fails', async () => {
  const valve = await startValve({ shards: 1, restart: { maxRestarts: 0 } }, STUCK);
  await fill(valve);
  const { runtime } = valve;
  const sent = endOf(runtime.send('plain.made', { key: 1, n: 0 }, { key: 'one', timeoutMs: 2 ** 31 - 1 }));
  const writer = runtime.writable('plain.made', { key: 'one' }).getWriter();
  writer.closed.catch(() => {});
  const pending = [...waitsOf(runtime), endOf(runtime.flush()), sent, endOf(writer.write({ key: 1, n: 0 }))];
  await runtime.restartShard(0);
  expect(await Promise.all(pending)).toEqual(Array.from(pending, () => 'RINGMAIN_SHARD_FAILED'));
  const late = [...waitsOf(runtime), endOf(runtime.flush())];
  expect(await Promise.all(late)).toEqual(Array.from(late, () => 'RINGMAIN_SHARD_FAILED'));
  await runtime.close({ timeoutMs: 0 });
});

it('every call that is under way when the close begins comes to an end', async () => {
  const valve = await startValve({ shards: 2, shardsMax: 3 }, STUCK);
  await fill(valve);
  const { runtime } = valve;
  const writer = runtime.writable('plain.made', { key: 'one' }).getWriter();
  const closed = endOf(writer.closed);
  const pending = [
    ...waitsOf(runtime),
    endOf(runtime.send('plain.made', { key: 1, n: 0 }, { key: 'one', until: 'handled', timeoutMs: 2 ** 31 - 1 })),
    endOf(writer.write({ key: 1, n: 0 })),
    endOf(runtime.drain({ timeoutMs: 2 ** 31 - 1 })),
    endOf(runtime.flush()),
    endOf(runtime.subscribe('free.made', () => {}).ready),
    endOf(runtime.reload({ ...runtime.config, drainBudgetUs: 400 })),
    endOf(runtime.resize(3)),
    endOf(runtime.restartShard(0)),
  ];
  const { drained } = await runtime.close({ timeoutMs: 0 });
  expect(drained).toBe(false);
  for (const end of await Promise.all([...pending, closed])) expect(end).toMatch(/^(?:resolved|RINGMAIN_\w+)$/);
});
