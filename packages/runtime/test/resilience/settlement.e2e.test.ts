/** Promise: a handler may settle its delivery by itself, once; an attempt that takes too long is given up, and what is left of it changes nothing. */
import type { GroupMetrics } from 'ringmain';
import { subscriber } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { start } from '../promises/fixtures/start.ts';
import { events } from './fixtures/tasks.ts';

type Group = 'sync' | 'async' | 'endless' | 'batched';

/** Has events handled, and tells what became of them. */
async function outcomes(shards: number, group: Group, hows: readonly string[], sameKey = false) {
  const runtime = await start(events, ['../../resilience/fixtures/tasks.ts'], { shards });
  const noted: string[] = [];
  await runtime.subscribe('task.notes', ({ data }) => void noted.push(...data.notes)).ready;
  for (const [id, how] of hows.entries()) {
    expect(runtime.publish(`task.${group}`, { id, key: sameKey ? 0 : id, how }).accepted).toBe(true);
  }
  await runtime.drain();
  await runtime.send('task.report', {}, { until: 'handled' });
  await runtime.drain();
  const { metrics } = await closeAndCheck(runtime);
  return { metrics: metrics.groups.find(({ name }) => name === group) as GroupMetrics, noted };
}

describe.each([0, 1])('with %i shards', (shards) => {
  it.each(['sync', 'async'] as const)('a %s handler settles once, whatever it says or throws afterwards', async (group) => {
    const { metrics, noted } = await outcomes(shards, group, ['ack', 'ack, then throws', 'ack, then rejects', 'ack, then hangs']);
    expect(metrics).toMatchObject({ published: 4, delivered: 4, deadLettered: 0, retried: 0, inFlight: 0 });
    expect(noted.filter((note) => !note.endsWith('begun'))).toEqual([0, 1, 2, 3].map((id) => `${id}.1 true,false,false,false`));
  });

  it.each(['sync', 'async'] as const)('a %s handler that declines gets the event again', async (group) => {
    const { metrics, noted } = await outcomes(shards, group, ['nack', 'nack, then throws', 'nack, then hangs']);
    expect(metrics).toMatchObject({ published: 3, deadLettered: 0, delivered: 3, retried: 3 });
    for (const id of [0, 1, 2]) expect(noted).toEqual(expect.arrayContaining([`${id}.1 true,false`, `${id}.2 begun`]));
  });

  it.each(['sync', 'async'] as const)('a %s handler ends a delivery without success, and no attempt follows', async (group) => {
    const { metrics, noted } = await outcomes(shards, group, ['dead', 'dead, then throws', 'dead, then hangs']);
    expect(metrics).toMatchObject({ published: 3, delivered: 0, deadLettered: 3, retried: 0 });
    expect(noted.filter((note) => note.endsWith('begun'))).toEqual(['0.1 begun', '1.1 begun', '2.1 begun']);
  });

  it('the next of a key begins as soon as the handler has settled', async () => {
    const { metrics, noted } = await outcomes(shards, 'async', ['ack, then hangs', 'nack, then throws', 'ack'], true);
    expect(metrics).toMatchObject({ published: 3, delivered: 3, retried: 1 });
    expect(noted.filter((note) => note.endsWith('begun'))).toEqual(['0.1 begun', '1.1 begun', '1.2 begun', '2.1 begun']);
  });

  it('an attempt that takes too long is given up: it is told so, and what is left of it changes nothing', async () => {
    const { metrics, noted } = await outcomes(shards, 'endless', ['once', 'rejects', 'resolves']);
    expect(metrics).toMatchObject({ published: 3, delivered: 1, deadLettered: 2, retried: 3 });
    for (const [id, attempt] of [
      [0, 1],
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
    ] as const) {
      expect(noted).toContain(`${id}.${attempt} RINGMAIN_HANDLER_TIMEOUT`);
      expect(noted).toContain(`${id}.${attempt} RINGMAIN_EVENT_RELEASED, ack false, extend false`);
    }
  });

  it('a handler that asks for more time has it, and no more', async () => {
    const { metrics, noted } = await outcomes(shards, 'endless', ['extended', 'once'], false);
    expect(metrics).toMatchObject({ delivered: 1, deadLettered: 1 });
    const begun = (note: string): number => noted.indexOf(note);
    // The one that asked for more is given up after the one that did not, though it began first.
    expect(begun('1.1 RINGMAIN_HANDLER_TIMEOUT')).toBeLessThan(begun('0.1 RINGMAIN_HANDLER_TIMEOUT'));
  });

  it('events of a batch settle by themselves', async () => {
    const { metrics, noted } = await outcomes(shards, 'batched', ['ack', 'nack', 'dead', 'handled']);
    expect(metrics).toMatchObject({ published: 4, delivered: 3, deadLettered: 1, retried: 1 });
    expect(noted).toContain('1.2 begun');
    expect(noted).toContain('2.1 true,false');
  });

  it('a batch that takes too long is given up, and its events come again alone', async () => {
    const { metrics, noted } = await outcomes(shards, 'batched', ['hangs', 'handled']);
    expect(metrics).toMatchObject({ published: 2, delivered: 2, deadLettered: 0 });
    expect(noted).toContain('RINGMAIN_HANDLER_TIMEOUT');
    expect(noted).toContain('0.2 begun');
  });
});

it.each([-1, 0.5, Number.NaN, '5', 86_400_001])('a time limit of %o is refused', (timeoutMs) => {
  expect(() => subscriber({ pattern: 'task.sync', timeoutMs: timeoutMs as number, handle: () => {} })).toThrowError(
    /^RINGMAIN_SUBSCRIBER_INVALID: timeoutMs is .* \(allowed: an integer from 0 to 86400000\)$/,
  );
});
