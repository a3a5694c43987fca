/**
 * Which known name someone may have meant.
 * Thread: any.
 */
import { closest, distance } from 'fastest-levenshtein';

/** Longest unknown name for which a nearest one is sought; the comparison takes quadratic time. */
export const NAME_CHARS_MAX = 64;

/** Share of a name that may differ from the nearest one; beyond that a suggestion only misleads. */
const UNLIKE_MAX = 0.8;

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

/** True when the names are near enough for one to be meant by the other. */
export function isAlike(one: string, other: string): boolean {
  return nameDistance(one, other) / Math.max(one.length, other.length) <= UNLIKE_MAX;
}
