/**
 * Events as CloudEvents 1.0 objects and back.
 * Thread: any. Source: https://github.com/cloudevents/spec, version 1.0.2; extension names are lower-case letters as it demands.
 */
import { describeValue } from './describe-value.ts';
import { RingmainError } from './errors.ts';
import type { CloudEvent, EventAttributes, RingmainEvent } from './event.ts';
import { Priority, PRIORITY_NAMES, priorityLevel } from './priority.ts';
import type { PriorityName } from './priority.ts';

/** Digits of a sequence; text of this width sorts as the numbers do, up to 2^64 - 1. */
const SEQUENCE_DIGITS = 20;
const SCHEMA_PREFIX = 'urn:ringmain:';

/**
 * Copies an event into a plain CloudEvents object that stays valid after the delivery.
 *
 * @remarks Decodes the payload. Optional attributes that the event does not have are absent.
 */
export function toCloudEvent<Data>(event: RingmainEvent<string, Data>): CloudEvent<Data> {
  const data = event.decode();
  const {
    key,
    subject,
    correlationId,
    causationId,
    traceparent,
    deadline,
    metadata,
    sampledRate,
    mergedCount,
    redriveOf,
    redrives,
  } = event;
  return {
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    time: new Date(event.time).toISOString(),
    datacontenttype: data instanceof Uint8Array ? 'application/octet-stream' : 'application/json',
    dataschema: `${SCHEMA_PREFIX}${encodeURIComponent(event.type)}:${event.version}`,
    ...(subject !== undefined && { subject }),
    priority: Priority[event.priority],
    ...(key !== undefined && { partitionkey: key }),
    ...(correlationId !== undefined && { correlationid: correlationId }),
    ...(causationId !== undefined && { causationid: causationId }),
    ...(traceparent !== undefined && { traceparent }),
    sequence: String(event.sequence).padStart(SEQUENCE_DIGITS, '0'),
    ...(deadline !== undefined && { expirytime: new Date(deadline).toISOString() }),
    ...(Object.keys(metadata).length > 0 && { metadata: JSON.stringify(metadata) }),
    ...(sampledRate !== undefined && { sampledrate: sampledRate }),
    ...(mergedCount !== undefined && { mergedcount: mergedCount }),
    ...(redriveOf !== undefined && { redriveof: redriveOf }),
    ...(redrives !== undefined && { redrives }),
    data,
  };
}

/** Arguments for a publish that a CloudEvent stands for. */
export interface CloudEventPublish<Data = unknown> {
  readonly type: string;
  readonly data: Data;
  /** Attributes, and the priority when the object names one. `dedupeKey` is the CloudEvent's id, so that repeats of (source, id) can be recognised. */
  readonly options: EventAttributes & { priority?: PriorityName };
}

/**
 * Reads a CloudEvents object, for example a parsed line of NDJSON or a NATS message in structured mode.
 *
 * @remarks Checks the form of what it reads; topic, payload and lengths are checked by the publish. Unknown extensions are ignored, as are `time` and
 * `sequence`, which the publish stamps anew.
 * @throws {@link RingmainError} `RINGMAIN_INPUT_INVALID` naming the attribute; `RINGMAIN_PRIORITY_INVALID` for an unknown priority
 */
export function fromCloudEvent(ce: unknown): CloudEventPublish {
  if (typeof ce !== 'object' || ce === null || Array.isArray(ce)) throw refused('the CloudEvent', ce, 'an object');
  const given = ce as Readonly<Record<string, unknown>>;
  if (given.specversion !== '1.0') throw refused('specversion', given.specversion, '"1.0"');
  const options: CloudEventPublish['options'] = { dedupeKey: required(given, 'id'), source: required(given, 'source') };
  for (const [attribute, option] of TEXTS) {
    const value = given[attribute];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string') throw refused(attribute, value, 'text');
    options[option] = value;
  }
  if (given.expirytime !== undefined && given.expirytime !== null) options.deadline = readTime(given.expirytime);
  if (given.metadata !== undefined && given.metadata !== null) options.metadata = readMetadata(given.metadata);
  if (given.priority !== undefined && given.priority !== null) {
    // A level is an index of the names by construction.
    options.priority = PRIORITY_NAMES[priorityLevel(given.priority)] as PriorityName;
  }
  return { type: required(given, 'type'), data: given.data, options };
}

/** Text attributes and the options they become. */
const TEXTS = [
  ['subject', 'subject'],
  ['partitionkey', 'key'],
  ['correlationid', 'correlationId'],
  ['causationid', 'causationId'],
  ['traceparent', 'traceparent'],
] as const;

function required(given: Readonly<Record<string, unknown>>, attribute: string): string {
  const value = given[attribute];
  if (typeof value === 'string' && value.length > 0) return value;
  throw refused(attribute, value, 'text that is not empty');
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

function readTime(value: unknown): number {
  const time = typeof value === 'string' && RFC_3339.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw refused('expirytime', value, 'a time as RFC 3339 writes it');
  return time;
}

function readMetadata(value: unknown): Readonly<Record<string, string>> {
  const metadata = Object.create(null) as Record<string, string>;
  for (const [key, entry] of Object.entries(parseObject(value))) {
    if (typeof entry !== 'string') throw refused(`metadata[${describeValue(key)}]`, entry, 'text');
    metadata[key] = entry;
  }
  return Object.freeze(metadata);
}

function parseObject(value: unknown): object {
  if (typeof value !== 'string') throw refused('metadata', value, 'a JSON object as text');
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (cause) {
    throw refused('metadata', value, 'a JSON object as text', cause);
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw refused('metadata', parsed, 'a JSON object as text');
}

function refused(attribute: string, value: unknown, allowed: string, cause?: unknown): RingmainError {
  return new RingmainError('RINGMAIN_INPUT_INVALID', `${attribute} is ${describeValue(value)}`, {
    allowed,
    details: { attribute },
    cause,
  });
}
