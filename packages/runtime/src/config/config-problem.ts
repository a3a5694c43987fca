/**
 * Turns what the schema complains about into problems a user can act on: path, actual value, allowed values, nearest name.
 * Thread: any.
 */
import { describeValue } from '@ringmain/core';
import type { core } from 'zod';
import { configKeys, describeAllowed, keyNames, schemaAt } from './config-reference.ts';
import { NAME_CHARS_MAX, isAlike, nameDistance, nearestName } from './nearest-name.ts';

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
  return isAlike(key, sibling) ? formatPath([...parent, sibling]) : undefined;
}

function describeFound(value: unknown): string {
  if (value === undefined) return 'missing';
  return Array.isArray(value) ? `an array of ${value.length}` : describeValue(value);
}
