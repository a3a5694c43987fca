/** Promise: nothing is begun, tried again or waited for once the deadline of its event has passed, and what handlers publish has no later one. */
import type { GroupMetrics, RingmainEvent, Runtime } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { start } from '../promises/fixtures/start.ts';
import { events as jobs } from './fixtures/jobs.ts';
import { events as tasks } from './fixtures/tasks.ts';

const HOUR_MS = 3_600_000;

async function groupAtEnd<Events>(runtime: Runtime<Events>, name: string): Promise<GroupMetrics> {
  await runtime.drain();
  const { metrics } = await closeAndCheck(runtime);
  return metrics.groups.find((group) => group.name === name) as GroupMetrics;
}

describe.each([0, 1])('with %i shards', (shards) => {
  const startJobs = async () => {
    const runtime = await start(jobs, ['../../resilience/fixtures/jobs.ts'], { shards });
    const seen: RingmainEvent[] = [];
    const deadlines: (number | undefined)[] = [];
    await runtime.subscribe('job.seen', (event) => {
      seen.push(event);
      deadlines.push(event.deadline);
    }).ready;
    return { runtime, deadlines };
  };

  it.each(['sync', 'async', 'batched'] as const)('an event past its deadline is not handed to a %s handler', async (group) => {
    const { runtime, deadlines } = await startJobs();
    runtime.publish(`job.${group}`, { id: 1, key: 1, failures: 0, how: 'fails' }, { deadline: Date.now() - 1000 });
    runtime.publish(`job.${group}`, { id: 2, key: 1, failures: 0, how: 'fails' }, { deadline: Date.now() + HOUR_MS });
    expect(await groupAtEnd(runtime, group)).toMatchObject({ published: 2, delivered: 1, deadLettered: 1, retried: 0 });
    expect(deadlines).toHaveLength(1);
  });

  it('an attempt that would begin after the deadline does not follow', async () => {
    const { runtime, deadlines } = await startJobs();
    const deadline = Date.now() + HOUR_MS;
    runtime.publish('job.patient', { id: 1, key: 1, failures: 9, how: 'fails' }, { deadline });
    expect(await groupAtEnd(runtime, 'patient')).toMatchObject({ published: 1, deadLettered: 1, retried: 0 });
    expect(deadlines).toEqual([deadline]);
  });

  it('what a handler publishes has the deadline of its event', async () => {
    const { runtime, deadlines } = await startJobs();
    const deadline = Date.now() + HOUR_MS;
    runtime.publish('job.sync', { id: 1, key: 1, failures: 0, how: '' }, { deadline });
    runtime.publish('job.sync', { id: 2, key: 1, failures: 0, how: '' });
    await runtime.drain();
    expect(deadlines).toEqual([deadline, undefined]);
  });

  it('an attempt is given up at the deadline, though its group has no time limit', async () => {
    const runtime = await start(tasks, ['../../resilience/fixtures/tasks.ts'], { shards });
    runtime.publish('task.async', { id: 1, key: 1, how: 'then hangs' }, { deadline: Date.now() + 100 });
    runtime.publish('task.async', { id: 2, key: 1, how: 'handled' });
    expect(await groupAtEnd(runtime, 'async')).toMatchObject({ published: 2, delivered: 1, deadLettered: 1, retried: 0 });
  });
});
