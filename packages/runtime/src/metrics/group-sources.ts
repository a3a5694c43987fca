/**
 * Which groups a snapshot speaks of: those of subscriber modules by name, and the subscriptions of the main thread.
 * Thread: main.
 */
import type { BulkheadUser } from '../limits/bulkhead-seats.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { GroupSource } from './snapshot.ts';

/** A subscription of the main thread. */
interface LocalGroup {
  readonly group: { readonly name: string; readonly id: number };
  readonly patterns: readonly string[];
}

/** The groups, hosted ones first; several subscribers of one group count as one. */
export function groupSources(hosted: readonly GroupDescription[], local: readonly LocalGroup[]): GroupSource[] {
  const byName = new Map<
    string,
    { patterns: string[]; ids: number[]; isolation: GroupSource['isolation']; bulkheads: BulkheadUser[] }
  >();
  hosted.forEach(({ name, patterns, isolation, bulkhead }, id) => {
    const entry = byName.get(name) ?? { patterns: [], ids: [], isolation, bulkheads: [] };
    entry.patterns.push(...patterns);
    entry.ids.push(id);
    if (bulkhead !== undefined) entry.bulkheads.push({ number: id, name, bulkhead });
    if (isolation === 'thread') entry.isolation = isolation;
    byName.set(name, entry);
  });
  return [
    ...[...byName].map(([name, entry]) => ({ name, where: 'shard', ...entry }) as const),
    ...local.map(
      ({ group, patterns }) =>
        ({ name: group.name, where: 'main', patterns, ids: [group.id], isolation: 'inline', bulkheads: [] }) as const,
    ),
  ];
}
