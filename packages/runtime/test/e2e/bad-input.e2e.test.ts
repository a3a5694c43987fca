import { describe, expect, it } from 'vitest';
import { closeAndCheck, startOrders } from './fixtures/harness.ts';

const ORDER = { id: 1, key: 1, step: 0 };

const table: readonly (readonly [string, string, unknown, unknown, string])[] = [
  ['an unknown type', 'order.unheard', ORDER, undefined, 'RINGMAIN_TOPIC_UNKNOWN'],
  ['a type that is no text', 7 as never, ORDER, undefined, 'RINGMAIN_TOPIC_INVALID'],
  ['a prototype name', '__proto__', ORDER, undefined, 'RINGMAIN_TOPIC_UNKNOWN'],
  ['a payload of the wrong type', 'order.placed', { ...ORDER, id: 'one' }, undefined, 'RINGMAIN_PAYLOAD_INVALID'],
  ['no payload', 'order.placed', null, undefined, 'RINGMAIN_PAYLOAD_INVALID'],
  ['NaN where an integer stands', 'order.placed', { ...ORDER, step: Number.NaN }, undefined, 'RINGMAIN_PAYLOAD_INVALID'],
  ['a schema violation in JSON', 'order.note', { text: 5 }, undefined, 'RINGMAIN_PAYLOAD_INVALID'],
  ['too large a payload', 'order.note', { text: 'x'.repeat(100_000) }, undefined, 'RINGMAIN_PAYLOAD_TOO_LARGE'],
  ['too many bytes', 'order.blob', new Uint8Array(100_000), undefined, 'RINGMAIN_PAYLOAD_TOO_LARGE'],
  ['priority NaN', 'order.placed', ORDER, { priority: Number.NaN }, 'RINGMAIN_PRIORITY_INVALID'],
  ['priority 1.5', 'order.placed', ORDER, { priority: 1.5 }, 'RINGMAIN_PRIORITY_INVALID'],
  ['priority null', 'order.placed', ORDER, { priority: null }, 'RINGMAIN_PRIORITY_INVALID'],
  ['a key that is too long', 'order.placed', ORDER, { key: 'k'.repeat(1000) }, 'RINGMAIN_KEY_INVALID'],
  ['a fractional key', 'order.placed', ORDER, { key: 0.5 }, 'RINGMAIN_KEY_INVALID'],
  [
    'metadata with a prototype key',
    'order.placed',
    ORDER,
    { metadata: JSON.parse('{"__proto__": "x"}') },
    'RINGMAIN_METADATA_INVALID',
  ],
  ['metadata that is no text', 'order.placed', ORDER, { metadata: { a: 1 } }, 'RINGMAIN_METADATA_INVALID'],
  ['options that are null', 'order.placed', ORDER, null, 'RINGMAIN_OPTION_INVALID'],
  ['options that are no object', 'order.placed', ORDER, 5, 'RINGMAIN_OPTION_INVALID'],
  ['options that are a list', 'order.placed', ORDER, [], 'RINGMAIN_OPTION_INVALID'],
  ['an unknown option', 'order.placed', ORDER, { prio: 'high' }, 'RINGMAIN_OPTION_INVALID'],
  ['a bad trace context', 'order.placed', ORDER, { traceparent: 'nonsense' }, 'RINGMAIN_OPTION_INVALID'],
];

const entries: readonly (readonly [string, unknown, string])[] = [
  ['null', null, 'entries is null'],
  ['no list', { type: 'order.placed', data: ORDER }, 'entries is an object'],
  ['an entry that is null', [{ type: 'order.placed', data: ORDER }, null], 'entries[1] is null'],
  ['an entry that is text', ['order.placed'], 'entries[0] is "order.placed"'],
  [
    'an unknown option',
    [{ type: 'order.placed', data: ORDER, correlationID: 'c' }],
    'entries[0].correlationID is unknown, the nearest known one is correlationId',
  ],
];

/** The code of what a call throws or rejects with. */
async function codeOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return 'no error';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe.each([1])('bad input with %i shards', (shards) => {
  it('is refused with its code, and nothing else is lost', async () => {
    const { runtime, sightings } = await startOrders({ shards });
    const codes: unknown[] = [];
    const told: unknown[] = [];
    // A handler's own publish refuses the same.
    const within = runtime.subscribe('metric.tried', async (_, ctx) => {
      for (const [what, type, data, options] of table) {
        const published = await codeOf(() => ctx.publish(type, data, options as never));
        told.push([what, published, await codeOf(() => ctx.send(type, data, options as never))]);
      }
    });
    await within.ready;
    for (const [what, type, data, options] of table) {
      const published = await codeOf(() => runtime.publish(type as never, data, options as never));
      const sent = await codeOf(() => runtime.send(type as never, data, options as never));
      codes.push([what, published, sent, runtime.publish('order.placed', ORDER).status]);
    }
    expect(codes).toEqual(table.map(([what, , , , code]) => [what, code, code, 'accepted']));
    await runtime.send('metric.tried', 1, { until: 'handled' });
    await runtime.drain();
    expect(told).toEqual(table.map(([what, , , , code]) => [what, code, code]));
    expect(sightings.count).toBe(2 * table.length);
    await closeAndCheck(runtime);
  });

  it('options that nothing reads are refused with the nearest known name', async () => {
    const { runtime } = await startOrders({ shards });
    const publish = (options: object) => () => runtime.publish('order.placed', ORDER, options);
    expect(publish({ correlationID: 'c' })).toThrow('option correlationID is unknown, the nearest known one is correlationId');
    expect(publish({ zzzzzzzz: 1 })).toThrow('option zzzzzzzz is unknown (allowed: priority, key,');
    expect(publish({ timeoutMs: 1 })).toThrow('option timeoutMs is unknown');
    await expect(runtime.send('order.placed', ORDER, { timeoutMS: 1 } as never)).rejects.toThrow(
      'the nearest known one is timeoutMs',
    );
    await closeAndCheck(runtime);
  });

  it.each(entries)('a batch that is refused publishes nothing: %s', async (_, batch, message) => {
    const { runtime, sightings } = await startOrders({ shards });
    const inHandler: unknown[] = [];
    runtime.subscribe('order.note', (__, ctx) => {
      try {
        ctx.publishBatch(batch as never);
      } catch (error) {
        inHandler.push((error as Error).message);
      }
    });
    expect(() => runtime.publishBatch(batch as never)).toThrow(`RINGMAIN_OPTION_INVALID: ${message}`);
    await runtime.send('order.note', { text: '' }, { until: 'handled' });
    expect(inHandler).toEqual([expect.stringContaining(`RINGMAIN_OPTION_INVALID: ${message}`)]);
    await runtime.drain();
    expect(sightings.count).toBe(0);
    await closeAndCheck(runtime);
  });

  it.each([
    ['a number', 5, undefined, 'RINGMAIN_SUBSCRIBER_INVALID'],
    ['null', null, undefined, 'RINGMAIN_SUBSCRIBER_INVALID'],
    ['no pattern', [], undefined, 'RINGMAIN_SUBSCRIBER_INVALID'],
    ['a list with a number', ['order.*', 5], undefined, 'RINGMAIN_PATTERN_INVALID'],
    ['a bad pattern', 'order..*', undefined, 'RINGMAIN_PATTERN_INVALID'],
    ['options that are null', 'order.*', null, 'RINGMAIN_OPTION_INVALID'],
    ['an unknown option', 'order.*', { name: 'x' }, 'RINGMAIN_OPTION_INVALID'],
    ['a group that is a number', 'order.*', { group: 5 }, 'RINGMAIN_SUBSCRIBER_INVALID'],
  ])('subscribe() refuses with a code: %s', async (_, pattern, options, code) => {
    const { runtime } = await startOrders({ shards });
    expect(await codeOf(() => runtime.subscribe(pattern as never, () => {}, options as never))).toBe(code);
    await closeAndCheck(runtime);
  });

  it('an event that is used after its delivery throws RINGMAIN_EVENT_RELEASED', async () => {
    const { runtime } = await startOrders({ shards });
    const kept: { data: { step: number }; id: string; decode(): unknown }[] = [];
    const data: { step: number }[] = [];
    runtime.subscribe('order.placed', (event) => {
      data.push(event.data);
      kept.push(event);
    });
    await runtime.send('order.placed', ORDER, { until: 'handled' });
    const released = expect.objectContaining({ code: 'RINGMAIN_EVENT_RELEASED' });
    expect(() => kept[0]?.data).toThrow(released);
    expect(() => kept[0]?.id).toThrow(released);
    expect(() => kept[0]?.decode()).toThrow(released);
    expect(() => data[0]?.step).toThrow(released);
    await closeAndCheck(runtime);
  });

  it('a payload that publishes while it is published is refused, and the lane stays whole', async () => {
    const { runtime, sightings } = await startOrders({ shards });
    const nested = {
      key: 1,
      step: 1,
      get id(): number {
        runtime.publish('order.placed', ORDER);
        return 1;
      },
    };
    expect(() => runtime.publish('order.placed', nested)).toThrow(/RINGMAIN_/);
    expect(runtime.publish('order.placed', ORDER).accepted).toBe(true);
    await runtime.drain();
    expect(sightings.count).toBe(2);
    await closeAndCheck(runtime);
  });
});
