/**
 * Which letters a call is about.
 * Thread: main.
 */
import { compilePattern, describeValue } from '@ringmain/core';
import { checkNames, refuseOption } from '../check-names.ts';
import { DEAD_LETTER_REASONS } from '../deliver/dead-letter-reason.ts';
import type { DeadLetterReason } from '../deliver/dead-letter-reason.ts';

/** Letters that fit everything that is given; all letters for an empty filter. */
export interface LetterFilter {
  /** Name of the group. */
  readonly group?: string;
  /** Event type, or a pattern of types. */
  readonly type?: string;
  readonly reason?: DeadLetterReason;
  /** Deliveries that ended at this time or later: milliseconds of the wall clock, or a date. */
  readonly since?: number | Date;
  /** Deliveries that ended before this time. */
  readonly until?: number | Date;
}

/** What a filter looks at. */
export interface Filtered {
  readonly group: string;
  readonly type: { readonly name: string };
  readonly reason: DeadLetterReason;
  readonly deadAt: number;
}

/** Names of a filter; as a record, so that the compiler misses none. */
const NAMES: Readonly<Record<keyof LetterFilter, true>> = { group: true, type: true, reason: true, since: true, until: true };

export const FILTER_NAMES: ReadonlySet<string> = new Set(Object.keys(NAMES));

/**
 * Checks a filter and makes a test of it.
 *
 * @param names - all names that the object may have
 * @throws `RingmainError` `RINGMAIN_OPTION_INVALID`, `RINGMAIN_PATTERN_INVALID`
 */
export function compileFilter(filter: LetterFilter, names: ReadonlySet<string> = FILTER_NAMES): (letter: Filtered) => boolean {
  checkNames('options', filter, names);
  const { group, type, reason } = filter;
  if (group !== undefined && (typeof group !== 'string' || group === '')) refuse('group', group, 'the name of a group');
  if (reason !== undefined && !DEAD_LETTER_REASONS.includes(reason)) refuse('reason', reason, DEAD_LETTER_REASONS.join(', '));
  const pattern = type === undefined ? undefined : compilePattern(type);
  const since = timeOf('since', filter.since, -Infinity);
  const until = timeOf('until', filter.until, Infinity);
  return (letter) =>
    (group === undefined || letter.group === group) &&
    (reason === undefined || letter.reason === reason) &&
    (pattern === undefined || pattern.matches(letter.type.name)) &&
    letter.deadAt >= since &&
    letter.deadAt < until;
}

/** Checks a number of an option. */
export function checkNumber(name: string, value: unknown, otherwise: number, min: number, max: number, whole = true): number {
  if (value === undefined) return otherwise;
  const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (!fits) refuse(name, value, `${whole ? 'an integer' : 'a number'} from ${min} to ${max}`);
  return value;
}

function timeOf(name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time !== 'number' || Number.isNaN(time)) refuse(name, value, 'milliseconds since 1970, or a date');
  return time;
}

function refuse(name: string, value: unknown, allowed: string): never {
  return refuseOption(`${name} is ${describeValue(value)}`, allowed);
}
