/** What a batch handler says of single events holds whatever becomes of the batch, and nothing can be said once the batch has ended. */
import { describe, expect, it } from 'vitest';
import type { Call } from './hand-shard.ts';
import { HandShard } from './hand-shard.ts';

const TIMEOUT_MS = 1000;
const FAILURE = new Error('failed');

/** A batch of so many events. */
async function begin(
  size: number,
): Promise<{ readonly shard: HandShard; readonly call: Call; readonly of: (at: number) => Call['ctx'] }> {
  const shard = new HandShard((made) => [made.group('work', { batch: { size, timeoutMs: 0 }, timeoutMs: TIMEOUT_MS })]);
  for (let id = 0; id < size; id++) shard.publish('task.one', id);
  await shard.settle();
  const [call] = shard.calls as [Call];
  return { shard, call, of: ofBatch(call) };
}

const ofBatch =
  (call: Call) =>
  (at: number): Call['ctx'] =>
    call.batch?.of(call.events[at] as never) as Call['ctx'];

const ends: readonly (readonly [string, (call: Call, shard: HandShard) => void])[] = [
  ['rejects', (call) => call.end(FAILURE)],
  ['takes too long', (_, shard) => shard.pass(TIMEOUT_MS + 10)],
];

describe.each(ends)('A batch that %s', (_, end) => {
  it('fails no event that was acknowledged, and ends those for good that were given up', async () => {
    const { shard, call, of } = await begin(3);
    expect([of(0).ack(), of(1).deadLetter('no use')]).toEqual([true, true]);
    end(call, shard);
    await shard.settle();
    expect(shard.counted(0)).toEqual({ delivered: 1, deadLettered: 1, retried: 1 });
    shard.pass(200);
    await shard.settle();
    expect(shard.calls.slice(1).map(({ ids }) => ids)).toEqual([[2]]);
  });

  it('fails no event that was acknowledged when it came again alone', async () => {
    const { shard, call } = await begin(1);
    call.end(FAILURE);
    await shard.settle();
    shard.pass(200);
    await shard.settle();
    const again = shard.open[0] as Call;
    expect(again.attempts).toEqual([2]);
    expect(ofBatch(again)(0).ack()).toBe(true);
    // It goes on, and may publish.
    await shard.settle();
    expect(again.ctx.publish('noted', { id: 1 }).accepted).toBe(true);
    end(again, shard);
    await shard.settle();
    expect(shard.counted(0)).toEqual({ delivered: 1, deadLettered: 0, retried: 1 });
    expect(shard.noted).toEqual([1]);
  });
});

describe('BatchHandlerContext', () => {
  it('keeps what was said first, by whichever context', async () => {
    const { shard, call, of } = await begin(3);
    expect([of(0).ack(), of(0).nack(), of(1).nack(), of(1).ack()]).toEqual([true, false, true, false]);
    call.batch?.fail(call.events[0] as never, FAILURE);
    call.batch?.fail(call.events[2] as never, FAILURE);
    expect(of(2).ack()).toBe(false);
    call.end();
    await shard.settle();
    expect(shard.counted(0)).toEqual({ delivered: 1, deadLettered: 0, retried: 2 });
  });

  it.each(['has ended', 'was given up'])('and those of its events are of no use once the batch %s', async (how) => {
    const { shard, call, of } = await begin(2);
    const late = of(1);
    if (how === 'has ended') call.end();
    else shard.pass(TIMEOUT_MS + 10);
    await shard.settle();
    expect([late.ack(), late.nack(), late.deadLetter('late'), late.extend(5)]).toEqual([false, false, false, false]);
    const calls = [
      () => late.publish('noted', { id: 1 }),
      () => late.publishBatch([{ type: 'noted', data: { id: 1 } }]),
      () => of(0),
      () => call.batch?.fail(call.events[0] as never, FAILURE),
      () => call.ctx.publish('noted', { id: 1 }),
    ];
    for (const use of calls) expect(use).toThrowError(/^RINGMAIN_EVENT_RELEASED/);
    await expect(late.send('noted', { id: 1 })).rejects.toThrowError(/^RINGMAIN_EVENT_RELEASED/);
    await shard.settle();
    expect(shard.noted).toEqual([]);
  });
});

describe('An event of a batch that is tried again alone', () => {
  it('is charged to the share of the processor once', async () => {
    const bulkhead = { cpuShare: 0.5 };
    const shard = new HandShard((made) => [made.group('work', { batch: { size: 1, timeoutMs: 0 }, bulkhead })]);
    let us = 0;
    shard.onCall = () => shard.clock.advance(us);
    shard.publish('task.one', 0);
    await shard.settle();
    shard.open[0]?.end(FAILURE);
    await shard.settle();
    us = 60_000;
    shard.pass(100);
    await shard.settle();
    expect(shard.open.map(({ attempts }) => attempts)).toEqual([[2]]);
    // Of 50 ms of each tenth of a second 60 were taken, and it got 30 meanwhile, of which it keeps none: 10 are owed for 20 ms.
    us = 0;
    shard.open[0]?.end();
    shard.publish('task.one', 1);
    await shard.settle();
    shard.pass(19);
    await shard.settle();
    expect(shard.open).toEqual([]);
    shard.pass(2);
    await shard.settle();
    expect(shard.open.map(({ ids }) => ids)).toEqual([[1]]);
  });
});
