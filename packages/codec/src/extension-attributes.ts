/**
 * Checks the optional envelope fields of an event and takes them out of the caller's object, each read once.
 * Thread: any, on producers; runs only for events that carry such fields.
 * Invariant: what passes here fits the extension block, and the block never holds text the caller's getters could still change.
 */
import { LIMITS, RingmainError, describeValue } from '@ringmain/core';
import type { EventAttributes, RingmainErrorCode } from '@ringmain/core';

/** The text attributes in the order of their bits in the block. */
export const TEXT_ATTRIBUTES = ['key', 'subject', 'source', 'correlationId', 'causationId', 'dedupeKey', 'redriveOf'] as const;

/** The counts in the order of their bits in the block. */
export const COUNT_ATTRIBUTES = ['sampledRate', 'mergedCount', 'redrives'] as const;

/** Attributes as they will be written. */
export interface CheckedAttributes {
  /** One entry per {@link TEXT_ATTRIBUTES}. */
  readonly texts: readonly (string | undefined)[];
  /** 52 hexadecimal digits: version, trace id, span id, flags. */
  readonly traceparent: string | undefined;
  readonly deadline: number | undefined;
  /** Whole numbers from 1 in the order of {@link COUNT_ATTRIBUTES}. */
  readonly counts: readonly (number | undefined)[];
  /** Keys and values in turn. */
  readonly metadata: readonly string[];
}

/** Keys that reach a prototype when someone merges metadata naively. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** The last time a `Date` can name. */
const TIME_MS_MAX = 8.64e15;
const COUNT_MAX = 2 ** 31 - 1;
const NO_METADATA: readonly string[] = Object.freeze([]);

/**
 * Checks attributes; keys it does not know are ignored.
 *
 * @throws {@link RingmainError} `RINGMAIN_KEY_INVALID`, `RINGMAIN_METADATA_INVALID`, or `RINGMAIN_OPTION_INVALID` for the other fields
 */
export function checkAttributes(attributes: EventAttributes): CheckedAttributes {
  const { metadata } = attributes;
  return {
    texts: TEXT_ATTRIBUTES.map((name) => checkText(name, attributes[name])),
    traceparent: checkTraceparent(attributes.traceparent),
    deadline: checkDeadline(attributes.deadline),
    counts: COUNT_ATTRIBUTES.map((name) => checkCount(name, attributes[name])),
    metadata: metadata === undefined ? NO_METADATA : checkMetadata(metadata),
  };
}

function checkText(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const isKey = name === 'key';
  const max = isKey ? LIMITS.keyChars : LIMITS.attributeChars;
  if (typeof value === 'string' && value.length > 0 && value.length <= max) return value;
  throw refused(isKey ? 'RINGMAIN_KEY_INVALID' : 'RINGMAIN_OPTION_INVALID', name, value, `text of 1 to ${max} characters`);
}

function checkTraceparent(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const allowed = '00-<32 hex digits>-<16 hex digits>-<2 hex digits>, lower case, ids not all zero';
  if (typeof value !== 'string' || !TRACEPARENT.test(value))
    throw refused('RINGMAIN_OPTION_INVALID', 'traceparent', value, allowed);
  const trace = value.slice(3, 35);
  const span = value.slice(36, 52);
  if (value.startsWith('ff') || trace === '0'.repeat(32) || span === '0'.repeat(16)) {
    throw refused('RINGMAIN_OPTION_INVALID', 'traceparent', value, allowed);
  }
  return value.slice(0, 2) + trace + span + value.slice(53);
}

function checkDeadline(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0 && value <= TIME_MS_MAX) return value;
  throw refused('RINGMAIN_OPTION_INVALID', 'deadline', value, `milliseconds since 1970, 0 to ${TIME_MS_MAX}`);
}

function checkCount(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= COUNT_MAX) return value;
  throw refused('RINGMAIN_OPTION_INVALID', name, value, `an integer from 1 to ${COUNT_MAX}`);
}

function checkMetadata(metadata: unknown): readonly string[] {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw refused('RINGMAIN_METADATA_INVALID', 'metadata', metadata, 'a record of strings');
  }
  const pairs: string[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(metadata)) {
    if (key === '' || FORBIDDEN_KEYS.has(key))
      throw refused('RINGMAIN_METADATA_INVALID', 'a metadata key', key, 'keys that do not name prototypes');
    if (typeof value !== 'string')
      throw refused('RINGMAIN_METADATA_INVALID', `metadata[${describeValue(key)}]`, value, 'strings');
    bytes += Buffer.byteLength(key, 'utf8') + Buffer.byteLength(value, 'utf8');
    pairs.push(key, value);
  }
  // An own key `__proto__` can come from JSON.parse; Object.entries lists it, so the loop has refused it.
  if (pairs.length > 2 * LIMITS.metadataEntries || bytes > LIMITS.metadataBytes) {
    throw new RingmainError('RINGMAIN_METADATA_INVALID', `metadata has ${pairs.length / 2} entries and ${bytes} bytes`, {
      allowed: `${LIMITS.metadataEntries} entries and ${LIMITS.metadataBytes} bytes`,
    });
  }
  return pairs;
}

function refused(code: RingmainErrorCode, name: string, value: unknown, allowed: string): RingmainError {
  return new RingmainError(code, `${name} is ${describeValue(value)}`, { allowed, details: { name } });
}
