/** A bench on a runtime without threads. */
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { RingmainError, systemClock } from '@ringmain/core';
import { benchPage } from '../../dist/bench/bench-page.js';
import { formatBenchSummary } from '../../dist/bench/bench-summary.js';
import { executeBench } from '../../dist/bench/execute-bench.js';
import type { BenchResult } from '../../dist/bench/execute-bench.js';
import { loadAtOnce } from '../../dist/bench/load-schedule.js';
import { Interrupts } from '../../dist/run/interrupts.js';
import { FakeRuntime } from '../run/fake-runtime.ts';

const silent = { periodMs: 1000, tick: () => {}, note: () => {}, stop: () => {} };

function bench(runtime: FakeRuntime, types: readonly string[], events: number): Promise<BenchResult> {
  return executeBench({
    runtime,
    items: { events: types.map((type, data) => ({ type, data, options: undefined })), bad: [], cut: false },
    inputName: 'list',
    load: { rates: [events], burst: 1, seconds: 1 },
    schedule: loadAtOnce(events),
    progress: silent,
    interrupts: new Interrupts(new EventEmitter(), () => {}),
    clock: systemClock,
  });
}

describe('executeBench', () => {
  test('replays the items in turn and closes', async () => {
    const runtime = new FakeRuntime();
    const { report, failure, abandoned } = await bench(runtime, ['a', 'b', 'c'], 7);
    expect(runtime.published.map(({ type }) => type).join('')).toBe('abcabca');
    expect({ failure, abandoned, closed: runtime.closed }).toEqual({ failure: undefined, abandoned: false, closed: 1 });
    expect(report).toMatchObject({
      scheduled: 7,
      published: 7,
      outcomes: { accepted: 7 },
      run: { events: 7, lost: 0, conservation: { holds: true } },
    });
    expect(report.latenessUs.count).toBe(7);
  });

  test('does not wait for room: what is refused stays refused', async () => {
    const { report } = await bench(new FakeRuntime(2, false), ['a'], 5);
    expect(report).toMatchObject({ outcomes: { accepted: 2, rejected: 3 }, reasons: { full: 3 }, run: { events: 2, lost: 0 } });
  });

  test('counts events that can never be published as invalid input', async () => {
    const { report } = await bench(new FakeRuntime(), ['a', 'unknown'], 4);
    expect(report).toMatchObject({ outcomes: { accepted: 2, invalid: 2 }, reasons: { RINGMAIN_TOPIC_UNKNOWN: 2 } });
    expect(report.run.input).toMatchObject({ bad: 1, firstBad: [{ position: 2 }] });
  });

  test('reports a runtime that fails', async () => {
    const runtime = new FakeRuntime();
    runtime.failed = new RingmainError('RINGMAIN_SHARD_FAILED', 'shard 0');
    const { report, failure } = await bench(runtime, ['a'], 4);
    expect(failure).toBe(runtime.failed);
    expect(report.run.failure).toContain('shard 0');
  });

  test('gives a summary and a page with the outcomes', async () => {
    const { report } = await bench(new FakeRuntime(2, false), ['a'], 5);
    expect(formatBenchSummary(report)).toMatch(/rejected +3 +60\.00 %/);
    const page = benchPage('<config>', report);
    expect(page).toContain('ringmain bench: &lt;config&gt;');
    expect(page).toContain('<tr><th scope="row">rejected</th><td>3</td><td>60.00 %</td></tr>');
  });
});
