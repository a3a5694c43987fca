/** Publishing a source: backpressure, bad events, stopping. */
import { describe, expect, test } from 'vitest';
import { ModuleSource } from '../../dist/input/module-source.js';
import { BAD_INPUT_KEPT_MAX, feed, feedTotals } from '../../dist/run/feed.js';
import type { FeedOptions, FeedTotals } from '../../dist/run/feed.js';
import { FakeRuntime } from './fake-runtime.ts';

const entries = (count: number): object[] => Array.from({ length: count }, (_, id) => ({ type: 'a', data: id }));

function setUp(
  values: readonly unknown[],
  runtime: FakeRuntime,
  more: Partial<FeedOptions> = {},
): { totals: FeedTotals; notes: string[]; done: Promise<void> } {
  const totals = feedTotals();
  const notes: string[] = [];
  const stop = new AbortController().signal;
  const done = feed({
    source: new ModuleSource('test', values),
    runtime,
    totals,
    stop,
    strict: false,
    onBad: (error) => notes.push(error.message),
    ...more,
  });
  return { totals, notes, done };
}

describe('feed', () => {
  test('publishes everything once and in order', async () => {
    const runtime = new FakeRuntime();
    const { totals, done } = setUp([...entries(1000), { type: 'b', data: 'x', priority: 'high', key: 5 }], runtime);
    await done;
    expect(runtime.published.map(({ data }) => data)).toEqual([...Array(1000).keys(), 'x']);
    expect(runtime.published.at(-1)).toEqual({ type: 'b', data: 'x', options: { priority: 'high', key: 5 } });
    expect(totals).toEqual({ published: 1001, waits: 0, bad: 0, firstBad: [] });
  });

  test('waits for room after a rejection and loses nothing', async () => {
    const runtime = new FakeRuntime(7);
    const { totals, done } = setUp(entries(1000), runtime);
    await done;
    expect(runtime.published.map(({ data }) => data)).toEqual([...Array(1000).keys()]);
    expect(totals.published).toBe(1000);
    expect(totals.waits).toBe(Math.ceil(1000 / 7) - 1);
  });

  test('does not count as published what a policy drops or leaves out', async () => {
    const runtime = new FakeRuntime();
    const { totals, done } = setUp([...entries(2), { type: 'sampled', data: 1 }], runtime);
    await done;
    expect(totals).toMatchObject({ published: 2, waits: 0, bad: 0 });
  });

  test('counts what is refused and goes on', async () => {
    const runtime = new FakeRuntime();
    const { totals, notes, done } = setUp(
      [{ type: 'a', data: 1 }, { type: 'unknown', data: 2 }, 'none', { type: 'a', data: 4 }],
      runtime,
    );
    await done;
    expect(totals).toMatchObject({ published: 2, bad: 2 });
    expect(notes[0]).toBe('RINGMAIN_INPUT_INVALID: entry 2 was refused: RINGMAIN_TOPIC_UNKNOWN: no such type');
    expect(totals.firstBad.map(({ position }) => position)).toEqual([2, 3]);
  });

  test('keeps and tells only the first bad entries', async () => {
    const { totals, notes, done } = setUp(Array<string>(1000).fill('none'), new FakeRuntime());
    await done;
    expect(totals.bad).toBe(1000);
    expect(totals.firstBad).toHaveLength(BAD_INPUT_KEPT_MAX);
    expect(notes).toHaveLength(BAD_INPUT_KEPT_MAX);
  });

  test('stops at the first bad entry when it is strict', async () => {
    const runtime = new FakeRuntime();
    const { totals, done } = setUp([{ type: 'a', data: 1 }, 'none', { type: 'a', data: 3 }], runtime, { strict: true });
    await done;
    expect(totals).toMatchObject({ published: 1, bad: 1 });
  });

  test.each([
    ['explode', 'RINGMAIN_RECORD_CORRUPT'],
    ['bug', 'a bug'],
  ])('ends with a failure that is not the fault of the event: %s', async (type, message) => {
    await expect(setUp([{ type, data: 1 }], new FakeRuntime()).done).rejects.toThrow(message);
  });

  test('stops while it waits for room', async () => {
    const runtime = new FakeRuntime(3, false);
    const stopper = new AbortController();
    const { totals, done } = setUp(entries(10), runtime, { stop: stopper.signal });
    while (runtime.waiting.length === 0) await new Promise(setImmediate);
    stopper.abort();
    await done;
    expect(totals.published).toBe(3);
  });

  test('gives the event loop its turn between entries of a source that never pauses', async () => {
    const stopper = new AbortController();
    function* endless(): Generator<object> {
      for (let id = 0; ; id++) yield { type: 'a', data: id };
    }
    const source = new ModuleSource('endless', endless());
    setImmediate(() => stopper.abort());
    const totals = feedTotals();
    await feed({ source, runtime: new FakeRuntime(), totals, stop: stopper.signal, strict: false, onBad: () => {} });
    expect(totals.published).toBeGreaterThan(0);
  });
});
