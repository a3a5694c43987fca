/** Promise: `priorityMin` and `where` keep events from a group, counted as filtered, and from no other; of subscriber modules and of the main thread. */
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

it.each([0, 1])('a subscription of the main thread may decline events too, with %i shards', async (shards) => {
  const runtime = await start(events, ['./urgent.ts'], { shards });
  const seen: string[] = [];
  const options = { group: 'watch', priorityMin: 'high', where: ({ data }: { data: { n: number } }) => data.n !== 2 } as const;
  await runtime.subscribe('alarm.raised', ({ priority, data }) => void seen.push(`${priority} ${data.n}`), options).ready;
  for (const priority of ['critical', 'high', 'normal', 'low'] as const)
    for (const n of [1, 2]) await runtime.send('alarm.raised', { n }, { priority, until: 'handled' });
  expect(seen).toEqual(['critical 1', 'high 1']);
  const { metrics } = await closeAndCheck(runtime);
  expect(metrics.groups.find(({ name }) => name === 'watch')).toMatchObject({ delivered: 2, filtered: 6 });
});

it('what is no filter is refused', async () => {
  const runtime = await start(events, ['./urgent.ts'], { shards: 0 });
  const subscribe = (options: object) => () => runtime.subscribe('alarm.raised', () => undefined, options);
  expect(subscribe({ priorityMin: 'hihg' })).toThrow(/RINGMAIN_PRIORITY_INVALID/);
  expect(subscribe({ where: 1 })).toThrow(/RINGMAIN_SUBSCRIBER_INVALID/);
  expect(subscribe({ wher: () => true })).toThrow(/RINGMAIN_OPTION_INVALID/);
});
