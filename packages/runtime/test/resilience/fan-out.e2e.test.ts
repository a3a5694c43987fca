/** Promise: however many events and groups there are, no more handlers run at a time than their bulkheads allow together. */
import { expect, it } from 'vitest';
import { start } from '../promises/fixtures/start.ts';
import { events } from './fixtures/fan-out.ts';

const EVENTS = 300;
const GROUPS = 50;
const CONCURRENCY = 2;

it('fifty groups of every event run as many handlers as configured, and not one more', async () => {
  const runtime = await start(events, ['../../resilience/fixtures/fan-out.ts'], { shards: 0 });
  const told: { readonly most: readonly number[]; readonly mostOfAll: number }[] = [];
  await runtime.subscribe('fan.told', ({ data }) => void told.push({ most: [...data.most], mostOfAll: data.mostOfAll })).ready;
  for (let n = 0; n < EVENTS; n++) await runtime.send('fan.out', { n }, { timeoutMs: 60_000 });
  await runtime.drain();
  await runtime.send('fan.asked', {}, { until: 'handled' });
  await runtime.drain();
  expect(told[0]?.most).toEqual(Array<number>(GROUPS).fill(CONCURRENCY));
  expect(told[0]?.mostOfAll).toBeLessThanOrEqual(GROUPS * CONCURRENCY);
  const delivered = runtime
    .metrics()
    .groups.filter(({ name }) => name.startsWith('group '))
    .map((group) => group.delivered);
  expect(delivered).toEqual(Array<number>(GROUPS).fill(EVENTS));
});
