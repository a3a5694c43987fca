/** Handlers of several threads that wait for each other's answers while all lanes between them are full. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from './fixtures/harness.ts';
import { QUESTIONS_PER_ROUND, events } from './fixtures/questions.ts';
import { openRuntime } from '../open-runtime.ts';

const ROUNDS = 40;
const ORDERS = 3000;
/** Answers that fit their lane. */
const ANSWERS_MAX = 2047;
const LINE = 2500;
/** Should they ever be fewer. */
const LOOKS_MAX = 5000;

function start(shards: number) {
  return openRuntime({
    events,
    config: {
      shards,
      mesh: { capacityBytes: 4096 },
      lanes: { normal: { capacityBytes: 16_384 } },
      bay: { slots: 256, bytes: 65_536 },
      recordBytesMax: 1024,
    },
    subscribers: [new URL('./fixtures/questions.ts', import.meta.url)],
  });
}

describe('answers', () => {
  it.each([0, 2])(
    'arrive although shards that ask each other have filled all lanes (%i shards)',
    { timeout: 120_000 },
    async (shards) => {
      const runtime = await start(shards);
      for (let round = 0; round < ROUNDS; round++) {
        while (!runtime.publish('round.begun', { key: round * 7 }).accepted) await runtime.ready();
      }
      await runtime.drain({ timeoutMs: 100_000 });
      const { metrics } = await closeAndCheck(runtime);
      const delivered = Object.fromEntries(metrics.groups.map((group) => [group.name, group.delivered]));
      expect(delivered).toMatchObject({ askers: ROUNDS, answerers: ROUNDS * QUESTIONS_PER_ROUND });
    },
  );

  it('of the main thread overtake the events that wait for them', { timeout: 120_000 }, async () => {
    const runtime = await start(1);
    await runtime.subscribe('bill.made', () => {}, { group: 'main' }).ready;
    for (let key = 0; key < ORDERS; key++) {
      while (!runtime.publish('order.placed', { key }).accepted) await runtime.ready();
    }
    await runtime.drain({ timeoutMs: 100_000 });
    const { metrics } = await closeAndCheck(runtime);
    const delivered = Object.fromEntries(metrics.groups.map((group) => [group.name, group.delivered]));
    expect(delivered).toMatchObject({ billing: ORDERS, main: ORDERS });
  });

  it('that find no room are sent later, and their events counted as what they were', async () => {
    const runtime = await openRuntime({
      events,
      // Credit for the whole line, with what is kept for higher priorities.
      config: { shards: 1, bay: { slots: 65_536, bytes: 64 * 1024 * 1024 } },
      subscribers: [new URL('./fixtures/questions.ts', import.meta.url)],
    });
    const sends = Array.from({ length: LINE }, (_, key) =>
      runtime.send('line.joined', { key }, { until: 'handled', timeoutMs: 100_000 }),
    );
    await runtime.send('line.joined', { key: 0 }, { until: 'accepted' });
    const line = () => runtime.metrics().groups.find(({ name }) => name === 'line');
    expect(runtime.publish('line.opened', { key: 1 }).accepted).toBe(true);
    // Reads no answer meanwhile: the shard fills the lane of the answers in one go.
    for (let look = 0; look < LOOKS_MAX && (line()?.filtered ?? 0) < ANSWERS_MAX; look++);
    await Promise.all(sends);
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.groups.find(({ name }) => name === 'line')).toMatchObject({
      delivered: 2,
      filtered: LINE - 1,
      deadLettered: 0,
    });
  });
});
