/** Events as CloudEvents and back. */
import { describe, expect, it } from 'vitest';
import { fromCloudEvent, toCloudEvent } from '@ringmain/core';
import type { RingmainEvent } from '@ringmain/core';
import { codeOf } from './refusal.ts';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function eventOf(fields: Partial<RingmainEvent>): RingmainEvent {
  const data = { amount: 9.5 };
  return {
    id: '12345678-9abc-8def-8000-000000000001',
    source: 'shop',
    type: 'order.placed',
    version: 2,
    time: Date.UTC(2026, 6, 1, 12, 30, 5, 7),
    priority: 'high',
    key: undefined,
    sequence: 42n,
    subject: undefined,
    correlationId: undefined,
    causationId: undefined,
    traceparent: undefined,
    deadline: undefined,
    dedupeKey: undefined,
    metadata: Object.create(null),
    sampledRate: undefined,
    mergedCount: undefined,
    redriveOf: undefined,
    redrives: undefined,
    datacontenttype: 'application/json',
    attempt: 1,
    redelivered: false,
    data,
    decode: () => ({ ...data }),
    toCloudEvent: () => {
      throw new Error('not under test');
    },
    ...fields,
  };
}

describe('toCloudEvent()', () => {
  it('writes the required attributes and leaves absent ones out', () => {
    expect(toCloudEvent(eventOf({}))).toEqual({
      specversion: '1.0',
      id: '12345678-9abc-8def-8000-000000000001',
      source: 'shop',
      type: 'order.placed',
      time: '2026-07-01T12:30:05.007Z',
      datacontenttype: 'application/json',
      dataschema: 'urn:ringmain:order.placed:2',
      priority: 1,
      sequence: '00000000000000000042',
      data: { amount: 9.5 },
    });
  });

  it('writes names in lower case, times as RFC 3339 and metadata as JSON', () => {
    const ce = toCloudEvent(
      eventOf({
        key: 'k',
        subject: 's',
        correlationId: 'c',
        causationId: 'd',
        traceparent: TRACE,
        deadline: 0,
        metadata: { a: 'b' },
      }),
    );
    expect(ce).toMatchObject({
      partitionkey: 'k',
      subject: 's',
      correlationid: 'c',
      causationid: 'd',
      traceparent: TRACE,
      expirytime: '1970-01-01T00:00:00.000Z',
      metadata: '{"a":"b"}',
    });
    for (const name of Object.keys(ce)) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
  });

  it('pads the longest sequence to the same width', () => {
    expect(toCloudEvent(eventOf({ sequence: 2n ** 64n - 1n })).sequence).toBe('18446744073709551615');
  });

  it('names bytes by their media type', () => {
    expect(toCloudEvent(eventOf({ decode: () => new Uint8Array(1) })).datacontenttype).toBe('application/octet-stream');
  });
});

describe('fromCloudEvent()', () => {
  it('reads back what toCloudEvent() wrote', () => {
    const event = eventOf({
      key: 'k',
      subject: 's',
      correlationId: 'c',
      causationId: 'd',
      traceparent: TRACE,
      deadline: 5000,
      metadata: { a: 'b' },
    });
    expect(fromCloudEvent(JSON.parse(JSON.stringify(toCloudEvent(event))))).toEqual({
      type: 'order.placed',
      data: { amount: 9.5 },
      options: {
        dedupeKey: event.id,
        source: 'shop',
        priority: 'high',
        key: 'k',
        subject: 's',
        correlationId: 'c',
        causationId: 'd',
        traceparent: TRACE,
        deadline: 5000,
        metadata: { a: 'b' },
      },
    });
  });

  const minimal = { specversion: '1.0', id: '1', source: 's', type: 't' };
  it('needs the four required attributes only', () => {
    expect(fromCloudEvent(minimal)).toEqual({ type: 't', data: undefined, options: { dedupeKey: '1', source: 's' } });
  });

  const hostile: [string, unknown][] = [
    ['null', null],
    ['an array', []],
    ['text', 'x'],
    ['no version', { ...minimal, specversion: '0.3' }],
    ['no id', { ...minimal, id: undefined }],
    ['an empty id', { ...minimal, id: '' }],
    ['a numeric source', { ...minimal, source: 1 }],
    ['no type', { ...minimal, type: null }],
    ['a numeric key', { ...minimal, partitionkey: 1 }],
    ['a date in words', { ...minimal, expirytime: 'tomorrow' }],
    ['a date without zone', { ...minimal, expirytime: '2026-07-01T12:30:05' }],
    ['a date that does not exist', { ...minimal, expirytime: '2026-13-01T12:30:05Z' }],
    ['a date as number', { ...minimal, expirytime: 5 }],
    ['metadata as object', { ...minimal, metadata: {} }],
    ['metadata as list', { ...minimal, metadata: '[]' }],
    ['metadata as broken JSON', { ...minimal, metadata: '{' }],
    ['metadata with numbers', { ...minimal, metadata: '{"a":1}' }],
  ];
  it.each(hostile)('refuses %s', (_name, ce) => {
    expect(codeOf(() => fromCloudEvent(ce))).toBe('RINGMAIN_INPUT_INVALID');
  });

  it('refuses an unknown priority', () => {
    expect(codeOf(() => fromCloudEvent({ ...minimal, priority: 9 }))).toBe('RINGMAIN_PRIORITY_INVALID');
  });

  it('keeps a forged prototype an ordinary key of the metadata', () => {
    const { metadata } = fromCloudEvent({ ...minimal, metadata: '{"__proto__":"x"}' }).options;
    expect(Object.getPrototypeOf(metadata)).toBeNull();
    expect(Object.keys(metadata ?? {})).toEqual(['__proto__']);
  });
});
