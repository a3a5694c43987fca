/**
 * Turns what the schema complains about into problems a user can act on: path, actual value, allowed values, nearest name.
 * Thread: any.
 */
import { describeValue } from '@ringmain/core';
import { closest, distance } from 'fastest-levenshtein';
import type { core } from 'zod';
import { configKeys, describeAllowed, keyNames, schemaAt } from './config-reference.ts';

/** One thing wrong with a configuration. */
export interface ConfigProblem {
  /** Where: `lanes.normal.capacityBytes`, `subscribers[0]`, or `$` for the whole. */
  readonly path: string;
  /** The same as keys and array positions. */
  readonly keys: readonly PropertyKey[];
  /** What was found, in words. */
  readonly found: string;
  /** What is allowed, in words. */
  readonly allowed: string;
  /** For unknown keys: the path of the known key nearest to it. */
  readonly nearest?: string;
}

/** Longest unknown name for which a nearest one is sought; the comparison takes quadratic time. */
const NAME_CHARS_MAX = 64;

/** Share of a name that may differ from the nearest one; beyond that a suggestion only misleads. */
const UNLIKE_MAX = 0.8;

/** Turns an issue of the schema into problems; an issue about unknown keys makes one for each. */
export function problemsOf(issue: core.$ZodIssue): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue.path, key));
  const schema = schemaAt(issue.path);
  return [
    {
      path: formatPath(issue.path),
      keys: issue.path,
      found: `is ${describeFound(issue.input)}`,
      allowed: schema === undefined ? issue.message : describeAllowed(schema),
    },
  ];
}

/** Writes a path of keys the way JavaScript would. */
export function formatPath(keys: readonly PropertyKey[]): string {
  if (keys.length === 0) return '$';
  return keys
    .map((key, position) => {
      if (typeof key === 'number') return `[${key}]`;
      const name = String(key);
      if (/^[A-Za-z_$][\w$]*$/.test(name) && name.length <= NAME_CHARS_MAX) return position === 0 ? name : `.${name}`;
      return `[${describeValue(name)}]`;
    })
    .join('');
}

/** The known name nearest to an unknown one, whatever its case; undefined for names too long to compare. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > NAME_CHARS_MAX || known.length === 0) return undefined;
  const folded = known.map((candidate) => candidate.toLowerCase());
  return known[folded.indexOf(closest(name.toLowerCase(), folded))];
}

/** Edits that turn one name into the other, whatever their case. */
export function nameDistance(one: string, other: string): number {
  return distance(one.toLowerCase(), other.toLowerCase());
}

function unknownKey(parent: readonly PropertyKey[], key: string): ConfigProblem {
  const known = keyNames(schemaAt(parent) ?? {});
  const nearest = nearestKey(parent, key, known);
  return {
    path: formatPath([...parent, key]),
    keys: [...parent, key],
    found: nearest === undefined ? 'is an unknown key' : `is an unknown key, the nearest known one is "${nearest}"`,
    allowed: known.join(', '),
    ...(nearest === undefined ? {} : { nearest }),
  };
}

/** A key of the right name at another place, such as `tickMs` at the top, is nearer than a similar name at this place. */
function nearestKey(parent: readonly PropertyKey[], key: string, known: readonly string[]): string | undefined {
  const sibling = nearestName(key, known);
  if (sibling !== undefined && nameDistance(key, sibling) <= 2) return formatPath([...parent, sibling]);
  const moved = configKeys().find((candidate) => candidate.keys.at(-1) === key || candidate.path === key);
  if (moved !== undefined) return moved.path;
  if (sibling === undefined) return undefined;
  const unlike = nameDistance(key, sibling) / Math.max(key.length, sibling.length);
  return unlike > UNLIKE_MAX ? undefined : formatPath([...parent, sibling]);
}

function describeFound(value: unknown): string {
  if (value === undefined) return 'missing';
  return Array.isArray(value) ? `an array of ${value.length}` : describeValue(value);
}
