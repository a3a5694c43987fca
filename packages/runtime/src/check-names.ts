/**
 * Refuses options that cannot be meant: no object, or a name that nothing reads.
 * Thread: any. Allocates nothing while all is right.
 */
import { RingmainError, describeValue } from '@ringmain/core';
import { isAlike, nearestName } from './config/nearest-name.ts';

/** Throws what the caller's users expect. */
export type Refuse = (what: string, allowed: string) => never;

const WHAT_CHARS_MAX = 80;

/** Throws `RINGMAIN_OPTION_INVALID`. */
export const refuseOption: Refuse = (what, allowed) => {
  throw new RingmainError('RINGMAIN_OPTION_INVALID', what, { allowed });
};

/**
 * Checks the names of an object.
 *
 * @param what - name of the object
 * @param part - what one of its names is called
 */
export function checkNames(
  what: string,
  given: unknown,
  known: ReadonlySet<string>,
  refuse: Refuse = refuseOption,
  part = 'option ',
): void {
  if (!isRecord(given)) refuse(`${what} is ${describeValue(given)}`, `an object with ${[...known].join(', ')}`);
  for (const name in given as object) if (!known.has(name)) refuseName(`${part}${name}`, name, known, refuse);
}

/** Refuses one name, with the nearest known one. */
export function refuseName(what: string, name: string, known: ReadonlySet<string>, refuse: Refuse = refuseOption): never {
  const nearest = nearestName(name, [...known]);
  const hint = nearest !== undefined && isAlike(name, nearest) ? `, the nearest known one is ${nearest}` : '';
  return refuse(`${what.slice(0, WHAT_CHARS_MAX)} is unknown${hint}`, [...known].join(', '));
}

/** True for an object that may have named members. */
export function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
