/** A run from its first event to its report. */
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { RingmainError } from '@ringmain/core';
import type { InputItem } from '../../dist/input/input-item.js';
import type { InputSource } from '../../dist/input/input-source.js';
import { ModuleSource } from '../../dist/input/module-source.js';
import { executeRun } from '../../dist/run/execute-run.js';
import type { RunResult } from '../../dist/run/execute-run.js';
import { Interrupts } from '../../dist/run/interrupts.js';
import { FakeRuntime } from './fake-runtime.ts';

const entries = (count: number): object[] => Array.from({ length: count }, (_, id) => ({ type: 'a', data: id }));

function setUp(
  runtime: FakeRuntime,
  source: InputSource,
): { signals: EventEmitter; run: () => Promise<RunResult>; notes: string[] } {
  const signals = new EventEmitter();
  const notes: string[] = [];
  const interrupts = new Interrupts(signals, () => {});
  const progress = { periodMs: 1000, tick: () => {}, note: (line: string) => void notes.push(line), stop: () => {} };
  let us = 0;
  const clock = { monotonicUs: () => (us += 500_000), wallMs: () => 0 };
  return { signals, notes, run: () => executeRun({ runtime, source, progress, interrupts, clock, strict: false }) };
}

/** A source that waits until it is stopped. */
function waitingSource(onWait: () => void): InputSource {
  return {
    name: 'waiting',
    unit: 'line',
    bytesTotal: undefined,
    bytesRead: 0,
    async *batches(stop): AsyncGenerator<readonly InputItem[]> {
      yield [{ position: 1, event: { type: 'a', data: 1, options: undefined } }];
      const ended = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
      onWait();
      await ended;
    },
  };
}

describe('executeRun', () => {
  test('feeds, settles, closes and reports', async () => {
    const runtime = new FakeRuntime(3);
    const { report, failure, abandoned } = await setUp(runtime, new ModuleSource('list', entries(10))).run();
    expect({ failure, abandoned, closed: runtime.closed, drains: runtime.drains }).toEqual({
      failure: undefined,
      abandoned: false,
      closed: 1,
      drains: 1,
    });
    expect(report).toMatchObject({
      events: 10,
      lost: 0,
      drained: true,
      interruptedBy: null,
      failure: null,
      conservation: { holds: true },
    });
    expect(report.eventsPerSecond).toBe(Math.round(10 / report.seconds));
  });

  test('publishes what came before a source that breaks off, and says why', async () => {
    const source = new ModuleSource(
      'list',
      (function* () {
        yield { type: 'a', data: 1 };
        throw new Error('lost');
      })(),
    );
    const { report, failure } = await setUp(new FakeRuntime(), source).run();
    expect(failure).toBeUndefined();
    expect(report.input.error).toContain('list broke off');
  });

  test('closes and reports a runtime that fails at a publish', async () => {
    const runtime = new FakeRuntime();
    const { report, failure } = await setUp(runtime, new ModuleSource('list', [{ type: 'explode', data: 1 }])).run();
    expect(failure).toMatchObject({ code: 'RINGMAIN_RECORD_CORRUPT' });
    expect(report.failure).toContain('broken memory');
    expect(runtime.closed).toBe(1);
  });

  test('ends while the source waits when the runtime fails, with the reason it gives', async () => {
    const runtime = new FakeRuntime();
    const reason = new RingmainError('RINGMAIN_SHARD_FAILED', 'shard 0 ended too often');
    const { report, failure } = await setUp(
      runtime,
      waitingSource(() => (runtime.failed = reason)),
    ).run();
    expect(failure).toBe(reason);
    expect(report.failure).toContain('shard 0 ended too often');
  });

  test('drains and closes at the first signal', async () => {
    const runtime = new FakeRuntime();
    const { signals, run } = setUp(
      runtime,
      waitingSource(() => signals.emit('SIGINT')),
    );
    const { report, abandoned } = await run();
    expect(report).toMatchObject({ events: 1, interruptedBy: 'SIGINT', drained: true });
    expect({ abandoned, closed: runtime.closed }).toEqual({ abandoned: false, closed: 1 });
  });

  test('gives up a close that hangs at the second signal, and reports what is left', async () => {
    const runtime = new FakeRuntime();
    runtime.close = () => {
      signals.emit('SIGTERM');
      return new Promise(() => {});
    };
    const { signals, run } = setUp(
      runtime,
      waitingSource(() => {
        runtime.stuck = 1;
        signals.emit('SIGINT');
      }),
    );
    const { report, abandoned } = await run();
    expect(abandoned).toBe(true);
    expect(report).toMatchObject({ interruptedBy: 'SIGINT', drained: false, lost: 1 });
  });

  test('does not wait for ever for handlers that never end', async () => {
    const runtime = new FakeRuntime();
    runtime.stuck = 1;
    const { report } = await setUp(runtime, new ModuleSource('list', entries(3))).run();
    expect(report).toMatchObject({ drained: false, lost: 1 });
  });
});
