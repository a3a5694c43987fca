/** Options of the public calls: what cannot be meant is refused with a code, the actual value and what is allowed; nothing is published or started. */
// tidy: own runtime: those that are refused never start
import { createRuntime, defineEvents, subscriber } from 'ringmain';
import type { Runtime } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openRuntime } from '../open-runtime.ts';
import { events } from './fixtures/throwing-schemas.ts';
import { closeAndCheck } from './fixtures/harness.ts';

const schema = z.object({ n: z.int() });
const invalid = (message: string) =>
  expect.objectContaining({ code: 'RINGMAIN_OPTION_INVALID', message: expect.stringContaining(message) });
const start = (shards: number) =>
  openRuntime({ events, config: { shards }, subscribers: [new URL('./fixtures/throwing-schemas.ts', import.meta.url)] });
/** Calls with what their types forbid. */
const define = (definitions: unknown, options?: unknown) => () => defineEvents(definitions as never, options as never);

describe('defineEvents() refuses', () => {
  it.each([
    ['no definitions', define(null), 'definitions is null'],
    ['a list', define([]), 'definitions is'],
    ['options that are null', define({}, null), 'options is null'],
    ['an unknown option', define({}, { opn: {} }), 'option opn is unknown, the nearest known one is open'],
    ['open types that are no object', define({}, { open: 5 }), 'open is 5'],
    ['a definition that is null', define({ 'a.b': null }), 'event type a.b: the definition is null'],
    [
      'an unknown name',
      define({ 'a.b': { schema, prio: 'low' } }),
      'event type a.b: option prio is unknown, the nearest known one is priority',
    ],
    ['a codec that is null', define({ 'a.b': { schema, codec: null } }), 'event type a.b: codec is null'],
    [
      'a codec without methods',
      define({ 'a.b': { schema, codec: { id: 20, name: 'x' } } }),
      'event type a.b: codec has no method measure',
    ],
    ['validate that is text', define({ 'a.b': { schema, validate: 'no' } }), 'event type a.b: validate is'],
    [
      'an unknown name of an open type',
      define({}, { open: { 'a.*': { schema } } }),
      'open pattern a.*: option schema is unknown',
    ],
    [
      'a struct as codec of an open type',
      define({}, { open: { 'a.*': { codec: 'struct' } } }),
      'open pattern a.*: codec is struct',
    ],
    [
      'an open codec without methods',
      define({}, { open: { 'a.*': { codec: { id: 20 } } } }),
      'open pattern a.*: codec has no method measure',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(invalid(message));
  });

  it('a schema that a struct cannot hold, naming the type and the path', () => {
    const unsuitable = z.object({ at: z.object({ when: z.date() }) });
    expect(define({ 'a.b': { schema: unsuitable, codec: 'struct' } })).toThrow(
      expect.objectContaining({
        code: 'RINGMAIN_SCHEMA_UNSUPPORTED',
        message: expect.stringMatching(/event type a\.b: .*at\.when/),
      }),
    );
  });
});

describe('subscriber() refuses', () => {
  const definition = { pattern: 'a.b', handle: () => {} };
  it.each([
    ['an unknown name', { ...definition, grp: 'x' }, 'option grp is unknown, the nearest known one is group'],
    ['a filter that is a number', { ...definition, where: 5 }, 'where is 5'],
    ['a setup that is a number', { ...definition, setup: 5 }, 'setup is 5'],
    ['a teardown that is null', { ...definition, teardown: null }, 'teardown is null'],
    ['null', null, 'the definition is null'],
  ])('%s', (_, given, message) => {
    expect(() => subscriber(given as never)).toThrow(
      expect.objectContaining({ code: 'RINGMAIN_SUBSCRIBER_INVALID', message: expect.stringContaining(message) }),
    );
  });
});

describe('createRuntime() refuses', () => {
  it.each([
    ['null', null, 'options is null'],
    ['an unknown name', { subscriber: [] }, 'option subscriber is unknown, the nearest known one is subscribers'],
    ['subscribers that are text', { events, subscribers: 'x' }, 'subscribers is'],
    ['a subscriber that is no URL', { events, subscribers: [5] }, 'subscribers is'],
  ])('%s', async (_, options, message) => {
    await expect(createRuntime(options as never)).rejects.toEqual(invalid(message));
  });
});

it('calls of a runtime refuse with a code, and publish nothing', async () => {
  const runtime = (await start(0)) as unknown as Runtime;
  const signal = {} as AbortSignal;
  const data = { n: 1 };
  await expect(runtime.send('plain.made', data, { signal })).rejects.toEqual(invalid('signal is'));
  await expect(runtime.ready('plain.made', { signal })).rejects.toEqual(invalid('signal is'));
  await expect(runtime.ready('plain.made', null as never)).rejects.toEqual(invalid('options is null'));
  expect(() => runtime.writable('plain.made', { signal })).toThrow(invalid('signal is'));
  await expect(runtime.drain(null as never)).rejects.toEqual(invalid('options is null'));
  await expect(runtime.close(null as never)).rejects.toEqual(invalid('options is null'));
  await expect(runtime.close({ timeout: 1 } as never)).rejects.toEqual(invalid('the nearest known one is timeoutMs'));
  expect(() => runtime.batcher('plain.made', { priority: 'x' as never })).toThrow(
    expect.objectContaining({ code: 'RINGMAIN_PRIORITY_INVALID' }),
  );
  expect(runtime.metrics().published).toBe(0);
  await closeAndCheck(runtime);
});

describe('a schema whose checks throw, or answer later,', () => {
  it.each(['throwing.made', 'late.made'] as const)('refuses the payload with a code and the cause: %s', async (type) => {
    const runtime = await start(0);
    const refused = expect.objectContaining({ code: 'RINGMAIN_PAYLOAD_INVALID', cause: expect.any(Error) });
    expect(() => runtime.publish(type, { n: 1 })).toThrow(refused);
    await expect(runtime.send(type, { n: 1 })).rejects.toEqual(refused);
    expect(runtime.publish('plain.made', { n: 1 }).status).toBe('accepted');
    await closeAndCheck(runtime);
  });
});

describe('restartShard() says why not', () => {
  it.each([
    [0, 0, 'allowed: a runtime with shards'],
    [1, 1, 'allowed: an integer from 0 to 0'],
    [1, -1, 'shard -1 of 1'],
  ])('with %i shards: %i', async (shards, index, message) => {
    const runtime = await start(shards);
    await expect(runtime.restartShard(index)).rejects.toEqual(invalid(message));
    await closeAndCheck(runtime);
    await expect(runtime.restartShard(0)).rejects.toMatchObject({ code: 'RINGMAIN_CLOSED' });
  });
});
