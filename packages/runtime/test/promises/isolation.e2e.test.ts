/** Promise: runtimes of one process share nothing. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { start } from './fixtures/start.ts';
import { events } from './fixtures/ticks.ts';

const TICKS = 200;

async function watched(shards: number, source: string, restart: { readonly maxRestarts?: number } = {}) {
  const runtime = await start(events, ['./ticks.ts'], { shards, source, restart });
  const seen: { readonly tick: number; readonly source: string; readonly id: string }[] = [];
  const watch = runtime.subscribe('tick.seen', (event) => {
    seen.push({ tick: event.data.tick, source: event.source, id: event.id });
  });
  await watch.ready;
  return { runtime, seen };
}

describe.each([
  [0, 0],
  [0, 1],
  [1, 1],
])('a runtime with %i shards beside one with %i', (left, right) => {
  it('sees its own events only, and goes on when the other has closed', async () => {
    const [one, other] = await Promise.all([watched(left, 'one'), watched(right, 'other')]);
    for (let tick = 0; tick < TICKS; tick++) {
      expect(one.runtime.publish('tick.given', { tick }).accepted).toBe(true);
      expect(other.runtime.publish('tick.given', { tick: -tick - 1 }).accepted).toBe(true);
    }
    await Promise.all([one.runtime.drain(), other.runtime.drain()]);
    expect(one.seen.map(({ tick }) => tick).sort((a, b) => a - b)).toEqual(Array.from({ length: TICKS }, (_, tick) => tick));
    expect(other.seen.map(({ tick }) => tick).sort((a, b) => b - a)).toEqual(
      Array.from({ length: TICKS }, (_, tick) => -tick - 1),
    );
    expect(new Set(one.seen.map(({ source }) => source))).toEqual(new Set(['one']));
    expect(new Set(other.seen.map(({ source }) => source))).toEqual(new Set(['other']));
    expect(new Set([...one.seen, ...other.seen].map(({ id }) => id)).size).toBe(2 * TICKS);

    const { metrics } = await closeAndCheck(one.runtime);
    expect(metrics.groups.find(({ name }) => name === 'ticks')?.delivered).toBe(TICKS);
    await other.runtime.send('tick.given', { tick: TICKS }, { until: 'handled' });
    await other.runtime.drain();
    expect(other.seen).toHaveLength(TICKS + 1);
    expect(one.seen).toHaveLength(TICKS);
    await closeAndCheck(other.runtime);
  });
});

it('a runtime whose shard dies again and again leaves the other alone', async () => {
  const restart = { maxRestarts: 1_000_000 };
  const [one, other] = await Promise.all([watched(1, 'one', restart), watched(1, 'other')]);
  for (let tick = 0; tick < TICKS; tick++) {
    expect(one.runtime.publish('tick.given', { tick }).accepted).toBe(true);
    expect(other.runtime.publish('tick.given', { tick: -tick - 1 }).accepted).toBe(true);
    if (tick % 50 === 25) await one.runtime.restartShard(0);
  }
  await Promise.all([one.runtime.drain(), other.runtime.drain()]);
  expect(new Set(one.seen.map(({ tick }) => tick))).toEqual(new Set(Array.from({ length: TICKS }, (_, tick) => tick)));
  expect(other.seen.map(({ tick }) => tick)).toEqual(Array.from({ length: TICKS }, (_, tick) => -tick - 1));
  expect([one.runtime.metrics().restarts > 0, other.runtime.metrics().restarts]).toEqual([true, 0]);
  await closeAndCheck(one.runtime);
  await closeAndCheck(other.runtime);
});
