/** Promise: a handler publishes several events as one, and they carry on its event's correlation and causation. */
import type { HandlerContext } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { events } from './fixtures/batches.ts';
import { start } from './fixtures/start.ts';

async function watched(shards: number) {
  const runtime = await start(events, ['./batches.ts'], { shards });
  const parts = new Map<number, object>();
  const answers: string[] = [];
  const watch = runtime.subscribe('batch.part', ({ data, correlationId, causationId, priority, key }) => {
    parts.set(data.part, { correlationId, causationId, priority, key });
  });
  await Promise.all([watch.ready, runtime.subscribe('batch.answered', ({ data }) => answers.push(data.outcome)).ready]);
  return { runtime, parts, answers };
}

describe.each([0, 2])('ctx.publishBatch() with %i shards', (shards) => {
  it('inherits per entry what the entry does not name itself', async () => {
    const { runtime, parts, answers } = await watched(shards);
    const ids: string[] = [];
    await runtime.subscribe('batch.asked', (event) => ids.push(event.id)).ready;
    runtime.publish('batch.asked', { broken: false }, { correlationId: 'order 7' });
    await runtime.drain();
    expect(answers).toEqual(['accepted']);
    const inherited = (part: number) => ({
      correlationId: 'order 7',
      causationId: ids[0],
      priority: 'normal',
      key: String(part),
    });
    expect([...parts].sort(([one], [other]) => one - other)).toEqual([
      [0, inherited(0)],
      [1, inherited(1)],
      [2, inherited(2)],
      [3, { correlationId: 'own', causationId: 'mine', priority: 'high', key: 'k' }],
    ]);
    // An event without a correlation begins one with its id.
    runtime.publish('batch.asked', { broken: false });
    await runtime.drain();
    expect(parts.get(0)).toMatchObject({ correlationId: ids[1], causationId: ids[1] });
    await closeAndCheck(runtime);
  });

  it('publishes nothing when one entry is refused', async () => {
    const { runtime, parts, answers } = await watched(shards);
    runtime.publish('batch.asked', { broken: true });
    await runtime.drain();
    expect(answers).toEqual(['RINGMAIN_PAYLOAD_INVALID']);
    expect(parts.size).toBe(0);
    await closeAndCheck(runtime);
  });

  it('throws RINGMAIN_EVENT_RELEASED once the delivery has settled, also for an empty batch', async () => {
    const { runtime, parts } = await watched(shards);
    const kept: HandlerContext<undefined>[] = [];
    await runtime.subscribe('batch.asked', (_, ctx) => kept.push(ctx)).ready;
    runtime.publish('batch.asked', { broken: true });
    await runtime.drain();
    const released = expect.objectContaining({ code: 'RINGMAIN_EVENT_RELEASED' });
    expect(() => kept[0]?.publishBatch([])).toThrow(released);
    expect(() => kept[0]?.publishBatch([{ type: 'batch.part', data: { part: 9 } }])).toThrow(released);
    await runtime.drain();
    expect(parts.size).toBe(0);
    await closeAndCheck(runtime);
  });
});
