/** Options of `ringmain dlq` that choose letters. */
import { RingmainError } from '@ringmain/core';
import type { LetterFilter } from 'ringmain';

/** What the command line says, as text. */
export interface LetterOptions {
  readonly group?: string;
  readonly type?: string;
  readonly reason?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: string;
  readonly verbose?: boolean;
}

/** The filter of the options; its values are checked by whoever takes it. */
export function filterOf({ group, type, reason, since, until }: LetterOptions): LetterFilter {
  return {
    ...(group !== undefined && { group }),
    ...(type !== undefined && { type }),
    ...(reason !== undefined && { reason: reason as NonNullable<LetterFilter['reason']> }),
    ...(since !== undefined && { since: timeOf('--since', since) }),
    ...(until !== undefined && { until: timeOf('--until', until) }),
  };
}

/** A positive number of an option. */
export function numberOf(name: string, text: string | undefined, otherwise: number, whole: boolean): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && Number.isFinite(value) && (!whole || Number.isInteger(value))) return value;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `${name} is ${JSON.stringify(text)}`, {
    allowed: whole ? 'an integer from 1' : 'a number above 0',
  });
}

function timeOf(name: string, text: string): number {
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `${name} is ${JSON.stringify(text)}`, {
    allowed: 'a time such as 2025-01-31T12:00:00Z',
  });
}
