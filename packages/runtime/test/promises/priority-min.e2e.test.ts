/** Promise: `priorityMin` keeps less urgent events from a group, counted as filtered, and from no other. */
import { expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { start } from './fixtures/start.ts';
import { events } from './fixtures/urgent.ts';

it.each([0, 1])('priorityMin lets a group take only what is at least as urgent, with %i shards', async (shards) => {
  const runtime = await start(events, ['./urgent.ts'], { shards });
  for (const priority of ['critical', 'high', 'normal', 'low'] as const)
    await runtime.send('alarm.raised', { n: 1 }, { priority, until: 'handled' });
  const { metrics } = await closeAndCheck(runtime);
  const groups = Object.fromEntries(metrics.groups.map(({ name, delivered, filtered }) => [name, [delivered, filtered]]));
  expect(groups).toEqual({ urgent: [2, 2], all: [4, 0] });
});
