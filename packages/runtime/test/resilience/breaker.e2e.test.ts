/** Promise: one circuit breaker per group, over all shards, leaves handlers alone while what they depend on is away, and loses nothing over it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { keysOfShards, startServices } from './breaker-service.ts';

const BULK = { windowCalls: 4, minimumCalls: 4, slowMs: 60_000, hangAfterMs: 0, openMs: 20, openMaxMs: 40, rampStepMs: 5 };

describe.each([0, 2])('with %i shards', (shards) => {
  it('failures open it, held events are handled afterwards, each key in order, and it closes again', async () => {
    const { runtime, call, untilState, statesOf, notices, began, group } = await startServices({ shards });
    for (let one = 0; one < 4; one++) call('hold', 'fails');
    await untilState('hold', 'open');
    const held = Array.from({ length: 60 }, (_, one) => call('hold', one % 3 === 0 ? 'later' : 'passes', one % 7));
    await untilState('hold', 'closed');
    await runtime.drain();
    expect(statesOf('hold')).toEqual(['open', 'half-open', 'ramp', 'closed']);
    expect(notices.items[0]).toMatchObject({ previous: 'closed', reason: 'failures', failureRate: 1, slowRate: 0 });
    expect(group('hold')).toMatchObject({ published: 64, delivered: 60, deadLettered: 4, inFlight: 0 });
    const handled = began.items.map(({ id }) => id).filter((id) => id >= 4);
    expect(handled.toSorted((a, b) => a - b)).toEqual(held);
    for (let key = 0; key < 7; key++) {
      const ofKey = handled.filter((id) => (id - 4) % 7 === key);
      expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
    }
  });

  it('an error that is none to `failureIf` opens nothing', async () => {
    const { runtime, call, group } = await startServices({ shards });
    for (let one = 0; one < 20; one++) call('hold', 'forgives');
    await runtime.drain();
    expect(group('hold')).toMatchObject({ deadLettered: 20, breaker: { state: 'closed', opened: 0, failureRate: 0 } });
  });

  it('slow calls open it, and a breaker that the configuration gives a group is one', async () => {
    const breakers = { plain: { slowMs: 1, minimumCalls: 3, windowCalls: 3, openMs: 10, rampStepMs: 5 } };
    const { runtime, call, untilState, notices } = await startServices({ shards, breakers });
    for (let one = 0; one < 3; one++) call('plain', 'spins');
    await untilState('plain', 'open');
    expect(notices.items[0]).toMatchObject({ group: 'plain', reason: 'slowness', slowRate: 1, failureRate: 0 });
    await runtime.drain();
  });

  it('an asynchronous call that hangs opens it while it runs', async () => {
    const { runtime, call, untilState, notices, release, ended, group } = await startServices({
      shards,
      breakers: { plain: { hangAfterMs: 20, openMs: 10, rampStepMs: 5 } },
    });
    call('plain', 'stays');
    await untilState('plain', 'open');
    expect(notices.items[0]).toMatchObject({ reason: 'hung', calls: 0 });
    expect(ended.items).toEqual([]);
    await release();
    await runtime.drain();
    expect(group('plain')).toMatchObject({ delivered: 1 });
  });

  it('half-open lets exactly as many calls through as there are probes, over all shards', async () => {
    const { runtime, call, untilState, began, release, group, notices } = await startServices({ shards });
    for (let one = 0; one < 4; one++) call('hold', 'fails');
    await untilState('hold', 'open');
    for (let one = 0; one < 40; one++) call('hold', 'stays');
    await began.until(({ length }) => length === 9);
    // Whatever else would begin has begun once others of the same shards are through.
    for (const key of keysOfShards(shards)) for (let one = 0; one < 5; one++) call('plain', 'passes', key);
    await began.until(({ length }) => length >= 9 + 5 * Math.max(1, shards));
    expect(began.items.filter((one) => one.group === 'hold')).toHaveLength(9);
    expect(group('hold')?.breaker).toMatchObject({ state: 'half-open', probes: 5 });
    await release();
    await untilState('hold', 'ramp');
    const done = untilState('hold', 'closed');
    await done;
    await began.until((items) => items.filter((one) => one.group === 'hold').length === 44);
    await release();
    await runtime.drain();
    expect(notices.items.map(({ reason }) => reason)).toEqual(['failures', 'waited', 'probed', 'ramped']);
  });

  it('takes batches: those that fail open it, a try has as many events as there are probes, and what waits is handled in the end', async () => {
    const { runtime, call, untilState, statesOf, group } = await startServices({ shards, breakers: { bulk: BULK } });
    for (let one = 0; one < 4; one++) call('bulk', 'fails');
    await untilState('bulk', 'open');
    for (let one = 0; one < 60; one++) call('bulk', 'later', one % 7);
    await untilState('bulk', 'closed');
    await runtime.drain();
    expect(statesOf('bulk')).toEqual(['open', 'half-open', 'ramp', 'closed']);
    expect(group('bulk')).toMatchObject({ published: 64, delivered: 60, deadLettered: 4, inFlight: 0 });
    expect(group('bulk')?.breaker).toMatchObject({ opened: 1, probes: 5 });
  });

  it('a batch that hangs opens it while it runs', async () => {
    const { call, untilState, notices, release, runtime, group } = await startServices({
      shards,
      breakers: { bulk: { ...BULK, hangAfterMs: 20 } },
    });
    for (let one = 0; one < 3; one++) call('bulk', 'stays');
    await untilState('bulk', 'open');
    expect(notices.items[0]).toMatchObject({ reason: 'hung', calls: 0 });
    runtime.breaker('bulk').forceClosed();
    while ((group('bulk')?.inFlight ?? 0) > 0) await release();
    expect(group('bulk')).toMatchObject({ delivered: 3 });
  });

  it('a probe that fails opens it again, and events that are tried again are handled in the end', async () => {
    const { runtime, call, untilState, statesOf, group, notices } = await startServices({ shards });
    for (let one = 0; one < 4; one++) call('hold', 'fails');
    await untilState('hold', 'open');
    for (let one = 0; one < 5; one++) call('hold', 'fails');
    await untilState('hold', 'open', 2);
    expect(statesOf('hold').slice(0, 3)).toEqual(['open', 'half-open', 'open']);
    expect(notices.items[2]).toMatchObject({ reason: 'probe-failed' });
    for (let one = 0; one < 20; one++) call('hold');
    await runtime.drain();
    expect(group('hold')).toMatchObject({ published: 29, delivered: 20, deadLettered: 9 });
  });

  it('isolate() lets no handler be called, forceClosed() every one, and auto() begins anew', async () => {
    const { runtime, call, untilState, began, group } = await startServices({ shards });
    const breaker = runtime.breaker('hold');
    breaker.isolate();
    await untilState('hold', 'isolated');
    expect(breaker.state).toBe('isolated');
    for (let one = 0; one < 10; one++) call('hold');
    for (const key of keysOfShards(shards)) call('plain', 'passes', key);
    await began.until(({ length }) => length >= Math.max(1, shards));
    expect(group('hold')).toMatchObject({ delivered: 0, inFlight: 10 });
    breaker.forceClosed();
    await untilState('hold', 'forced-closed');
    for (let one = 0; one < 10; one++) call('hold', 'fails');
    await runtime.drain();
    expect(group('hold')).toMatchObject({ delivered: 10, deadLettered: 10, breaker: { state: 'forced-closed', opened: 0 } });
    breaker.auto();
    await untilState('hold', 'closed');
    expect(breaker.metrics).toMatchObject({ state: 'closed', calls: 0 });
  });

  it('metricsOnly() says when it would have opened, and lets every handler be called', async () => {
    const { runtime, call, untilState, notices, group } = await startServices({ shards });
    runtime.breaker('hold').metricsOnly();
    await untilState('hold', 'metrics-only');
    for (let one = 0; one < 6; one++) call('hold', 'fails');
    await untilState('hold', 'metrics-only', 2);
    await runtime.drain();
    expect(notices.items[1]).toMatchObject({ state: 'metrics-only', previous: 'metrics-only', reason: 'failures' });
    expect(group('hold')).toMatchObject({ deadLettered: 6, breaker: { opened: 0 } });
  });

  it('while it is open, events are dead-lettered, dropped, or handed to others, as the group says', async () => {
    const { runtime, call, untilState, began, group } = await startServices({ shards });
    for (const name of ['dead', 'drop', 'first']) {
      runtime.breaker(name).isolate();
      await untilState(name, 'isolated');
    }
    for (let one = 0; one < 5; one++) for (const service of ['dead', 'drop', 'first'] as const) call(service);
    await runtime.drain();
    expect(group('dead')).toMatchObject({ published: 5, deadLettered: 5, delivered: 0 });
    expect(group('drop')).toMatchObject({ published: 5, dropped: { 'breaker-open': 5 }, deadLettered: 0, delivered: 0 });
    // Handled by the second, and counted for the group whose event it was.
    expect(group('first')).toMatchObject({ published: 5, delivered: 5 });
    expect(group('second')).toMatchObject({ published: 0, delivered: 0 });
    expect(began.items.map((one) => one.group)).toEqual(Array.from({ length: 5 }, () => 'second'));
    runtime.breaker('second').isolate();
    await untilState('second', 'isolated');
    call('first', 'later');
    await runtime.drain();
    expect(began.items.at(-1)?.group).toBe('third');
    expect(group('first')).toMatchObject({ delivered: 6, inFlight: 0 });
  });

  it('attempts that fail wait with it, and succeed in the end', async () => {
    const { runtime, call, untilState, group } = await startServices({ shards });
    runtime.breaker('retried').isolate();
    await untilState('retried', 'isolated');
    for (let one = 0; one < 5; one++) call('retried', 'later');
    runtime.breaker('retried').auto();
    await runtime.drain();
    expect(group('retried')).toMatchObject({ delivered: 5, deadLettered: 0 });
  });

  it('goes by other options after a reload', async () => {
    const plain = { minimumCalls: 1000, windowCalls: 1000, openMs: 10, rampStepMs: 5 };
    const { runtime, call, untilState, group } = await startServices({ shards, breakers: { plain } });
    for (let one = 0; one < 10; one++) call('plain', 'fails');
    await runtime.drain();
    expect(group('plain')?.breaker).toMatchObject({ state: 'closed', opened: 0 });
    const config = runtime.config;
    await runtime.reload({ ...config, breakers: { plain: { ...plain, minimumCalls: 2, windowCalls: 2 } } });
    for (let one = 0; one < 2; one++) call('plain', 'fails');
    await untilState('plain', 'open');
    await expect(runtime.reload({ ...config, breakers: {} })).rejects.toMatchObject({ code: 'RINGMAIN_RESTART_NEEDED' });
    await runtime.drain();
  });
});

describe.each([1, 2])('with %i shards', (shards) => {
  it('a handler that blocks its shard opens it while it does', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ringmain-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'go-on');
    const { runtime, call, untilState, notices, ended } = await startServices({
      shards,
      breakers: { plain: { hangAfterMs: 20, openMs: 10, rampStepMs: 5 } },
    });
    call('plain', 'blocks', 0, file);
    await untilState('plain', 'open');
    expect(notices.items[0]).toMatchObject({ reason: 'hung' });
    expect(ended.items).toEqual([]);
    writeFileSync(file, '');
    await runtime.drain();
    expect(ended.items).toHaveLength(1);
  });

  it('a thread that dies with held events leaves them to its successor, and a probe that dies with it is lost', async () => {
    const { runtime, call, untilState, began, group, release, notices } = await startServices({
      shards,
      breakers: {
        plain: {
          minimumCalls: 4,
          windowCalls: 4,
          slowMs: 200,
          slowRate: 1,
          combinedRate: 1,
          hangAfterMs: 0,
          openMs: 10,
          rampStepMs: 5,
          probes: 1,
          probeMs: 200,
        },
      },
    });
    const [key = 0] = keysOfShards(shards);
    for (let one = 0; one < 4; one++) call('plain', 'fails', key);
    await untilState('plain', 'open');
    for (let one = 0; one < 5; one++) call('plain', 'stays', key);
    await began.until(({ length }) => length === 5);
    await runtime.restartShard(0);
    await untilState('plain', 'open', 2);
    expect(notices.items.find(({ previous }) => previous === 'half-open')).toMatchObject({ reason: 'probe-lost' });
    for (let count = 6; count <= 10; count++) {
      await began.until(({ length }) => length >= count);
      await release();
    }
    await runtime.drain();
    expect(group('plain')).toMatchObject({ published: 9, delivered: 5, deadLettered: 4, inFlight: 0 });
  });
});

it.each([
  [{ nobody: {} }, /group nobody of the configuration's breakers is unknown/],
  [{ plain: { onOpen: 'fallback:plain' } }, /plain, plain/],
  [{ third: { onOpen: 'fallback:first' } }, /first, second, third, first/],
  [{ plain: { onOpen: 'fallback:thrid' } }, /thrid, on which plain falls back, is unknown, the nearest known one is third/],
])('%j is refused at the start', async (breakers, message) => {
  await expect(startServices({ shards: 0, breakers })).rejects.toMatchObject({
    code: 'RINGMAIN_SUBSCRIBER_INVALID',
    message: expect.stringMatching(message) as unknown,
  });
});

it('breaker() knows the groups that have one', async () => {
  const { runtime } = await startServices({ shards: 0 });
  expect(() => runtime.breaker('third')).toThrow(/group third has no circuit breaker/);
  expect(() => runtime.breaker('hodl')).toThrow(/nearest known one is hold/);
  expect(runtime.breaker('hold').group).toBe('hold');
});

it('breakers of handlers on the main thread look no more once the runtime has closed', async () => {
  const { runtime } = await startServices({ shards: 0 });
  await runtime.close();
  const armed = vi.spyOn(globalThis, 'setTimeout');
  // Every timer of theirs would be due.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  expect(armed).not.toHaveBeenCalled();
  armed.mockRestore();
});
