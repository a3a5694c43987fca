/**
 * Which bulkheads there are, and which numbers they have in shared memory: the same in all threads, as they follow from the groups.
 * Thread: any.
 */
import type { BulkheadOptions } from '../bulkhead-options.ts';
import type { RuntimeConfig } from '../config/config-schema.ts';

/** A group as far as its bulkhead goes. */
export interface BulkheadUser {
  /** Number of the subscriber. */
  readonly number: number;
  readonly name: string;
  readonly bulkhead?: string | BulkheadOptions;
}

/** A bulkhead of the runtime. */
export interface BulkheadSeat {
  /** Number of its first subscriber. */
  readonly number: number;
  /** Its name in the configuration, or that of its only group. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly options: BulkheadOptions;
}

/** The bulkheads of groups, in the order of their numbers. */
export function bulkheadSeats({ bulkheads }: Pick<RuntimeConfig, 'bulkheads'>, users: readonly BulkheadUser[]): BulkheadSeat[] {
  const seats: (BulkheadSeat & { readonly groups: string[] })[] = [];
  const named = new Map<string, (typeof seats)[number]>();
  const own = new Set<string>();
  for (const { number, name, bulkhead } of users.toSorted((one, other) => one.number - other.number)) {
    if (bulkhead === undefined) continue;
    if (typeof bulkhead !== 'string') {
      // One group has one bulkhead, whichever of its subscribers says so.
      if (own.has(name)) continue;
      own.add(name);
      seats.push({ number, name, groups: [name], options: bulkhead });
      continue;
    }
    const known = named.get(bulkhead);
    if (known !== undefined) {
      if (!known.groups.includes(name)) known.groups.push(name);
      continue;
    }
    const seat = { number, name: bulkhead, groups: [name], options: bulkheads[bulkhead] ?? {} };
    named.set(bulkhead, seat);
    seats.push(seat);
  }
  return seats;
}
