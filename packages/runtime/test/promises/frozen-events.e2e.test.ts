/** Promise: a handler may freeze its event, its data and its context, deeply too; the delivery ends as any other, and the event still ends with it. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { WAYS, events } from './fixtures/freezing.ts';
import { start } from './fixtures/start.ts';

const payload = (how: string) => ({ how, inner: { n: 1 }, list: [7] });

describe.each([0, 1])('with %i shards', (shards) => {
  it.each(['frozen.struct', 'frozen.json'] as const)('handlers of %s freeze what they get, and threads live on', async (type) => {
    const runtime = await start(events, ['./freezing.ts'], { shards });
    const end = async (how: string): Promise<unknown> => {
      const sent = runtime.send(type, payload(how), { until: 'handled' });
      return sent.then(
        ({ status }) => status,
        (error: { code: unknown }) => error.code,
      );
    };
    for (const way of Object.keys(WAYS)) {
      expect([way, await end(way)]).toEqual([way, 'accepted']);
      expect([way, await end(`${way}, asynchronous`)]).toEqual([way, 'accepted']);
      expect([way, await end(`${way}, throws`)]).toEqual([way, 'RINGMAIN_DELIVERY_FAILED']);
    }
    const { metrics } = await closeAndCheck(runtime);
    const ways = Object.keys(WAYS).length;
    expect(metrics.groups.find(({ name }) => name === 'freezing')).toMatchObject({ delivered: ways * 2, deadLettered: ways });
    expect(metrics.restarts).toBe(0);
  });

  it('data that was frozen still throws once its delivery has settled', async () => {
    const runtime = await start(events, ['./freezing.ts'], { shards });
    const seen: string[] = [];
    await runtime.subscribe('frozen.seen', ({ data }) => void seen.push(data.later)).ready;
    for (const how of ['first', 'second']) await runtime.send('frozen.struct', payload(how), { until: 'handled' });
    await closeAndCheck(runtime);
    expect(seen).toEqual(['RINGMAIN_EVENT_RELEASED']);
  });

  it('a batch and its context may be frozen, and its events still settle one by one', async () => {
    const runtime = await start(events, ['./freezing.ts'], { shards });
    for (const how of ['well', 'fails', 'well']) runtime.publish('frozen.batched', payload(how));
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.groups.find(({ name }) => name === 'batches')).toMatchObject({ delivered: 2, deadLettered: 1 });
    expect(metrics.restarts).toBe(0);
  });
});
