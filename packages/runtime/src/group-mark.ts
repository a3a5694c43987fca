/**
 * How a record names the one group that it is for.
 * Thread: any. A number of the group would do in shards; on the main thread numbers of groups that left are given out again, names mean the same.
 */
import { fnv1a32 } from '@ringmain/core';

/** The mark of a group: a hash of its name, never 0. Two groups of one type with the same mark are refused where the mark is used. */
export function groupMark(name: string): number {
  return fnv1a32(name) | 1;
}
