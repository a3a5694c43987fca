/** Promise: a delivery that fails is tried again as its group says, holds up its key and nothing else, and ends once. */
import type { GroupMetrics, RuntimeConfigInput } from 'ringmain';
import { subscriber } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { start } from '../promises/fixtures/start.ts';
import { events } from './fixtures/jobs.ts';

type Jobs = Awaited<ReturnType<typeof startJobs>>;
const ABANDONS = { abandons: 'closed while retries wait for a day' };

type Group = 'sync' | 'async' | 'batched' | 'overtaken' | 'choosy' | 'stale' | 'patient';

async function startJobs(config: RuntimeConfigInput, options: { readonly abandons?: string } = {}) {
  const runtime = await start(events, ['../../resilience/fixtures/jobs.ts'], config, options);
  const attempts: string[] = [];
  const waits: { readonly count: number; readonly resolve: () => void }[] = [];
  const watch = runtime.subscribe('job.seen', ({ data }) => {
    attempts.push(`${data.id}.${data.attempt}`);
    for (const { count, resolve } of waits) if (attempts.length >= count) resolve();
  });
  await watch.ready;
  let id = 0;
  return {
    runtime,
    /** Attempts in the order they began, as `id.attempt`. */
    attempts,
    /** Resolves once so many attempts have begun. */
    begun: (count: number) =>
      new Promise<void>((resolve) => {
        if (attempts.length >= count) resolve();
        else waits.push({ count, resolve });
      }),
    publish(group: Group, failures: number, { key = id, how = 'fails' } = {}): void {
      expect(runtime.publish(`job.${group}`, { id: id++, key, failures, how }).accepted).toBe(true);
    },
  };
}

async function end({ runtime }: Jobs, name: Group): Promise<GroupMetrics> {
  await runtime.drain();
  const { metrics } = await closeAndCheck(runtime);
  const group = metrics.groups.find((one) => one.name === name);
  if (group === undefined) throw new Error(`no group ${name}`);
  return group;
}

describe.each([0, 1])('with %i shards', (shards) => {
  it.each(['sync', 'async', 'batched'] as const)('a %s handler that fails twice gets the event a third time', async (group) => {
    const jobs = await startJobs({ shards });
    jobs.publish(group, 2);
    expect(await end(jobs, group)).toMatchObject({ published: 1, delivered: 1, deadLettered: 0, retried: 2, redelivered: 0 });
    expect(jobs.attempts).toEqual(['0.1', '0.2', '0.3']);
  });

  it.each(['sync', 'async', 'batched'] as const)('a %s handler that always fails gets it three times', async (group) => {
    const jobs = await startJobs({ shards });
    jobs.publish(group, 99);
    expect(await end(jobs, group)).toMatchObject({ published: 1, delivered: 0, deadLettered: 1, retried: 2 });
    expect(jobs.attempts).toEqual(['0.1', '0.2', '0.3']);
  });

  it('a send that waits is told how the last attempt ended', async () => {
    const jobs = await startJobs({ shards });
    const send = (id: number, failures: number) =>
      jobs.runtime.send('job.sync', { id, key: id, failures, how: 'fails' }, { until: 'handled' });
    await send(1, 2);
    await expect(send(2, 3)).rejects.toMatchObject({ code: 'RINGMAIN_DELIVERY_FAILED' });
    // Answers overtake events.
    await jobs.begun(6);
    expect(jobs.attempts).toEqual(['1.1', '1.2', '1.3', '2.1', '2.2', '2.3']);
    expect(await end(jobs, 'sync')).toMatchObject({ delivered: 1, deadLettered: 1 });
  });

  it.each([
    ['never', { delivered: 0, filtered: 0, deadLettered: 1, retried: 0 }, ['0.1']],
    ['skip', { delivered: 0, filtered: 1, deadLettered: 0, retried: 0 }, ['0.1']],
    // Its own delay takes the place of a day.
    ['after', { delivered: 1, filtered: 0, deadLettered: 0, retried: 1 }, ['0.1', '0.2']],
  ] as const)('the handler decides by its error: %s', async (how, counts, attempts) => {
    const jobs = await startJobs({ shards });
    jobs.publish('patient', 1, { how });
    expect(await end(jobs, 'patient')).toMatchObject(counts);
    expect(jobs.attempts).toEqual(attempts);
  });

  it.each(['sync', 'async', 'batched'] as const)('later events of the key wait behind a %s one, others do not', async (group) => {
    const jobs = await startJobs({ shards });
    jobs.publish(group, 1, { key: 1 });
    await jobs.begun(1);
    jobs.publish(group, 1, { key: 1 });
    jobs.publish(group, 0, { key: 1 });
    jobs.publish(group, 0, { key: 2 });
    expect(await end(jobs, group)).toMatchObject({ delivered: 4, retried: 2 });
    const own = jobs.attempts.filter((attempt) => !attempt.startsWith('3'));
    // A batch that holds both gives the handler both.
    const together = group === 'batched' && own.indexOf('2.1') < own.indexOf('1.2');
    expect(own).toEqual(['0.1', '0.2', '1.1', ...(together ? ['2.1', '1.2'] : ['1.2', '2.1'])]);
  });

  it('what fails together in a batch comes again in its order', async () => {
    const jobs = await startJobs({ shards });
    for (let count = 0; count < 3; count++) jobs.publish('batched', 2, { key: 7 });
    expect(await end(jobs, 'batched')).toMatchObject({ delivered: 3, retried: 6 });
    const again = jobs.attempts.filter((attempt) => attempt.endsWith('.3'));
    expect(again).toEqual(['0.3', '1.3', '2.3']);
  });

  it('with ordering "continue" they do not, and the event that failed waits on', async () => {
    const jobs = await startJobs({ shards }, ABANDONS);
    jobs.publish('overtaken', 1, { key: 1 });
    jobs.publish('overtaken', 0, { key: 1 });
    await jobs.begun(2);
    expect(jobs.attempts).toEqual(['0.1', '1.1']);
    expect(await jobs.runtime.close({ timeoutMs: 1 })).toMatchObject({ drained: false, abandoned: 1 });
  });

  it('retryIf says whether to try again, and its own failure is a yes', async () => {
    const jobs = await startJobs({ shards });
    jobs.publish('choosy', 99, { how: 'hopeless' });
    jobs.publish('choosy', 99, { how: 'hopeful' });
    jobs.publish('choosy', 99, { how: 'fault' });
    expect(await end(jobs, 'choosy')).toMatchObject({ deadLettered: 3, retried: 0 + 1 + 2 });
  });

  it('no attempt is begun that would be later than deadLetterAfterMs', async () => {
    const jobs = await startJobs({ shards });
    jobs.publish('stale', 1);
    expect(await end(jobs, 'stale')).toMatchObject({ delivered: 0, deadLettered: 1, retried: 0 });
  });

  it('retries stay within the budget; what fails beyond it is dead-lettered', async () => {
    const jobs = await startJobs({ shards, retry: { budget: { ratio: 0, perSecondMin: 0.5 } } });
    for (let count = 0; count < 100; count++) jobs.publish('sync', 1);
    const counts = await end(jobs, 'sync');
    // Ten seconds of the floor are there at the start; a slow machine adds some.
    expect(counts.retried).toBeGreaterThanOrEqual(5);
    expect(counts.retried).toBeLessThan(50);
    expect(counts).toMatchObject({ delivered: counts.retried, deadLettered: 100 - counts.retried });
  });

  it('what waits for its next attempt holds up no other key, and close says that it is left', async () => {
    const jobs = await startJobs({ shards }, ABANDONS);
    for (let count = 0; count < 50; count++) jobs.publish('patient', 1);
    await jobs.begun(50);
    for (let count = 0; count < 50; count++) jobs.publish('patient', 0);
    await jobs.begun(100);
    const report = await jobs.runtime.close({ timeoutMs: 1 });
    expect(report).toMatchObject({ drained: false });
    expect(report.metrics.groups.find(({ name }) => name === 'patient')).toMatchObject({ retried: 50 });
    expect(report.abandoned).toBeGreaterThanOrEqual(50);
  });
});

it.each([1, 2])('the death of a thread loses no retry and begins none anew: %i deaths', async (deaths) => {
  const jobs = await startJobs({ shards: 1, restart: { maxRestarts: 10 } });
  for (let count = 0; count < 20; count++) jobs.publish('async', 2, { key: count % 4 });
  await jobs.begun(1);
  for (let death = 0; death < deaths; death++) await jobs.runtime.restartShard(0);
  const counts = await end(jobs, 'async');
  expect(counts).toMatchObject({ published: 20, delivered: 20, deadLettered: 0 });
  for (let id = 0; id < 20; id++) {
    // A death counts as a delivery, not as a failed attempt; so none is repeated without one.
    const own = jobs.attempts.filter((attempt) => attempt.startsWith(`${id}.`));
    expect(own.length).toBeLessThanOrEqual(3 + deaths);
    expect(new Set(own).size).toBe(own.length);
  }
});

it('what waits for a day waits on in the successor', async () => {
  const jobs = await startJobs({ shards: 1 }, ABANDONS);
  jobs.publish('patient', 1);
  await jobs.begun(1);
  await jobs.runtime.restartShard(0);
  jobs.publish('patient', 0);
  await jobs.begun(2);
  const report = await jobs.runtime.close({ timeoutMs: 1 });
  expect(report.abandoned).toBe(1);
  expect(jobs.attempts).toEqual(['0.1', '1.1']);
});

describe('subscriber()', () => {
  const handle = (): void => {};
  it.each([
    ['a count', 3],
    ['an unknown name', { attempts: 3 }],
    ['no attempt', { maxAttempts: 0 }],
    ['too many attempts', { maxAttempts: 101 }],
    ['a fraction of an attempt', { maxAttempts: 1.5 }],
    ['an unknown backoff', { backoff: 'quadratic' }],
    ['no delays', { backoff: [] }],
    ['a negative delay', { backoff: [1, -1] }],
    ['too many delays', { backoff: Array.from({ length: 101 }, () => 1) }],
    ['a delay of more than a day', { initialMs: 86_400_001 }],
    ['a negative maximum', { maxMs: -1 }],
    ['an unknown jitter', { jitter: 'some' }],
    ['no age', { deadLetterAfterMs: 0 }],
    ['an unknown ordering', { ordering: 'random' }],
    ['a retryIf that is no function', { retryIf: true }],
  ])('refuses %s as retry', (_, retry) => {
    expect(() => subscriber({ pattern: 'a', handle, retry: retry as never })).toThrow(
      expect.objectContaining({ code: 'RINGMAIN_SUBSCRIBER_INVALID', message: expect.stringContaining('retry') as string }),
    );
  });

  it('keeps options as they were when it was called', () => {
    const backoff = [1, 2];
    const { retry } = subscriber({ pattern: 'a', handle, retry: { backoff } });
    backoff.push(3);
    expect(retry.backoff).toEqual([1, 2]);
  });
});
