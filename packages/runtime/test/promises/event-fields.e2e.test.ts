/** Promise: every field of an event can be read in every thread that handles it, and says what the publisher gave. */
import { inspect } from 'node:util';
import type { HandlerContext, RingmainEvent } from 'ringmain';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import type { EventCopy } from './fixtures/fields.ts';
import { copyOf, events } from './fixtures/fields.ts';
import { start } from './fixtures/start.ts';

const UUID_8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const DEADLINE = Date.UTC(2030, 0, 1);

async function watched(shards: number) {
  const runtime = await start(events, ['./fields.ts'], { shards, source: 'here', restart: { maxRestarts: 1000 } });
  /** What the main thread read of the same events. */
  const here: EventCopy[] = [];
  const copies: {
    readonly id: string;
    readonly sequence: bigint;
    readonly causationId: string | undefined;
    readonly copy: EventCopy;
  }[] = [];
  await Promise.all([
    runtime.subscribe('field.*', (event) => here.push(copyOf(event)), { group: 'here' }).ready,
    runtime.subscribe('copy.made', ({ id, sequence, causationId, data }) => {
      copies.push({ id, sequence, causationId, copy: data.copy });
    }).ready,
  ]);
  return { runtime, here, copies };
}

/** Producer and sequence out of an id. */
const producerOf = (id: unknown): number => Number.parseInt(String(id).slice(15, 18), 16);
const sequenceOf = (id: unknown): bigint => BigInt(`0x${String(id).replaceAll('-', '').slice(16)}`) & (2n ** 62n - 1n);

describe.each([0, 2])('the fields of an event with %i shards', (shards) => {
  it('are what the publisher gave, in every thread', async () => {
    const { runtime, here, copies } = await watched(shards);
    const metadata = { tenant: 'blue', näme: '€' };
    const given = { subject: 'cart', source: 'shop', correlationId: 'c-1', causationId: 'p-1', traceparent: TRACE };
    runtime.publish(
      'field.full',
      { n: 7 },
      { ...given, key: 'cart-9', priority: 'critical', deadline: DEADLINE, dedupeKey: 'd-1', metadata },
    );
    await runtime.drain();
    const all = {
      ...given,
      key: 'cart-9',
      priority: 'critical',
      deadline: DEADLINE,
      dedupeKey: 'd-1',
      metadata,
      type: 'field.full',
      version: 3,
      datacontenttype: 'application/json',
      attempt: 1,
      redelivered: false,
      data: { n: 7 },
      decoded: { n: 7 },
      id: expect.stringMatching(UUID_8),
      time: expect.any(Number),
      sequence: expect.stringMatching(/^\d+$/),
      cloud: {
        specversion: '1.0',
        id: here[0]?.['id'],
        source: 'shop',
        type: 'field.full',
        time: new Date(Number(here[0]?.['time'])).toISOString(),
        datacontenttype: 'application/json',
        dataschema: 'urn:ringmain:field.full:3',
        subject: 'cart',
        priority: 0,
        partitionkey: 'cart-9',
        correlationid: 'c-1',
        causationid: 'p-1',
        traceparent: TRACE,
        sequence: String(here[0]?.['sequence']).padStart(20, '0'),
        expirytime: '2030-01-01T00:00:00.000Z',
        metadata: JSON.stringify(metadata),
        data: { n: 7 },
      },
    };
    expect(here).toEqual([all]);
    expect(copies.map(({ copy }) => copy)).toEqual(here);
    expect(copies[0]?.causationId).toBe(here[0]?.['id']);
    await closeAndCheck(runtime);
  });

  it('are those of the definition and the configuration where the publisher gave none', async () => {
    const { runtime, here, copies } = await watched(shards);
    runtime.publish('field.full', { n: 7 });
    runtime.publish('field.plain', { n: 8 });
    runtime.publish('field.blob', new Uint8Array([1, 2, 3]));
    await runtime.drain();
    const fields = { source: 'here', metadata: {}, attempt: 1, redelivered: false };
    const byType = new Map(here.map((copy) => [copy['type'], copy]));
    expect(byType.get('field.full')).toMatchObject({ ...fields, version: 3, priority: 'high', key: '7', data: { n: 7 } });
    expect(byType.get('field.plain')).toMatchObject({ ...fields, version: 1, priority: 'normal', data: { n: 8 } });
    expect(byType.get('field.blob')).toMatchObject({ ...fields, datacontenttype: 'application/octet-stream' });
    const optional = new Set(['subject', 'correlationId', 'causationId', 'traceparent', 'deadline', 'dedupeKey']);
    for (const copy of here) expect(Object.keys(copy).filter((name) => optional.has(name))).toEqual([]);
    expect(byType.get('field.plain')).not.toHaveProperty('key');
    const sorted = (list: readonly EventCopy[]): readonly EventCopy[] =>
      [...list].sort((one, other) => Number(one['sequence']) - Number(other['sequence']));
    expect(sorted(copies.map(({ copy }) => copy))).toEqual(sorted(here));
    await closeAndCheck(runtime);
  });

  it('id, sequence and time count on per producer, and no id comes twice', async () => {
    const { runtime, here, copies } = await watched(shards);
    for (let n = 0; n < 300; n++) {
      const outcome =
        n % 3 === 0 ? runtime.publishBatch([{ type: 'field.plain', data: { n } }]) : runtime.publish('field.plain', { n });
      expect(outcome.accepted).toBe(true);
      // Time is stamped anew in each turn.
      if (n % 50 === 0) await new Promise(setImmediate);
    }
    await runtime.drain();
    const all = [...here.map(({ id, sequence }) => ({ id, sequence: BigInt(String(sequence)) })), ...copies];
    expect(new Set(all.map(({ id }) => id)).size).toBe(600);
    for (const { id, sequence } of all) {
      expect(id).toMatch(UUID_8);
      expect(sequenceOf(id)).toBe(sequence);
    }
    expect(new Set(here.map(({ id }) => producerOf(id)))).toEqual(new Set([0]));
    expect(new Set(copies.map(({ id }) => producerOf(id)))).toEqual(new Set(shards === 0 ? [1] : [1, 2]));
    for (const producer of [0, 1, 2]) {
      const sequences = all.filter(({ id }) => producerOf(id) === producer).map(({ sequence }) => sequence);
      expect(sequences).toEqual([...sequences].sort((one, other) => Number(one - other)));
    }
    const times = here.map(({ time }) => Number(time));
    expect(times).toEqual([...times].sort((one, other) => one - other));
    // The clock of the wall, not one that starts with the process.
    expect(Math.abs((times[0] ?? 0) - Date.now())).toBeLessThan(86_400_000);
    await closeAndCheck(runtime);
  });
});

it('attempt and redelivered tell of the thread that died before', async () => {
  const { runtime, copies } = await watched(1);
  runtime.publish('field.fatal', { n: 1 });
  runtime.publish('field.plain', { n: 2 });
  await runtime.drain();
  expect(copies.map(({ copy: { type, attempt, redelivered } }) => [type, attempt, redelivered])).toEqual([
    ['field.fatal', 2, true],
    ['field.plain', 1, false],
  ]);
  const { metrics } = await closeAndCheck(runtime);
  expect(metrics.restarts).toBe(1);
  expect(metrics.groups.find(({ name }) => name === 'copies')).toMatchObject({ delivered: 2, redelivered: 1 });
});

it.each(['at once', 'in the bay'])(
  'an event and its context are printed and logged as what they mean, and hold no memory: %s',
  async (when) => {
    const runtime = await start(events, ['./fields.ts'], { shards: 0, source: 'here' });
    const lines: string[] = [];
    const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
    const texts: Record<string, unknown>[] = [];
    let kept: object = {};
    const show = (event: RingmainEvent, ctx: HandlerContext<undefined>): void => {
      kept = event;
      logger.info({ event, ctx }, 'seen');
      const { event: logged, ctx: loggedContext } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
      const cloud = event.toCloudEvent();
      const context = { shard: -1, group: 'here', attempt: 1 };
      texts.push({ cloud, json: JSON.parse(JSON.stringify(event)), logged, printed: inspect(event) === inspect(cloud) });
      texts.push({
        context,
        json: JSON.parse(JSON.stringify(ctx)),
        logged: loggedContext,
        printed: inspect(ctx) === inspect(context),
      });
    };
    const later = async (event: RingmainEvent, ctx: HandlerContext<undefined>): Promise<void> => {
      await Promise.resolve();
      show(event, ctx);
    };
    runtime.subscribe('field.full', when === 'at once' ? show : later, { group: 'here' });
    await runtime.send('field.full', { n: 7 }, { until: 'handled', metadata: { tenant: 'blue' } });
    const [event, context] = texts;
    expect(event).toEqual({ cloud: event?.['json'], json: event?.['cloud'], logged: event?.['cloud'], printed: true });
    expect(context).toEqual({
      context: context?.['json'],
      json: context?.['context'],
      logged: context?.['context'],
      printed: true,
    });
    expect(event?.['cloud']).toMatchObject({ type: 'field.full', source: 'here', data: { n: 7 } });
    expect(inspect({ kept })).toBe('{ kept: [RINGMAIN_EVENT_RELEASED] }');
    expect(() => JSON.stringify(kept)).toThrow(expect.objectContaining({ code: 'RINGMAIN_EVENT_RELEASED' }));
    await closeAndCheck(runtime);
  },
);
