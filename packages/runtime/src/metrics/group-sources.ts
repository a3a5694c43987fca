/**
 * Which groups a snapshot speaks of: those of subscriber modules by name, and the subscriptions of the main thread.
 * Thread: main.
 */
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { IsolationKind } from '../isolation/isolation-options.ts';

/** A group whose figures are wanted. */
export interface GroupSource {
  readonly name: string;
  readonly where: 'shard' | 'main';
  readonly patterns: readonly string[];
  readonly ids: readonly number[];
  /** Those of the ids that have one thread of their own beside each shard. */
  readonly withThread: readonly number[];
  readonly isolation: IsolationKind;
}

/** A subscription of the main thread. */
interface LocalGroup {
  readonly group: { readonly name: string; readonly id: number };
  readonly patterns: readonly string[];
}

/** The groups, hosted ones first; several subscribers of one group count as one. */
export function groupSources(hosted: readonly GroupDescription[], local: readonly LocalGroup[]): GroupSource[] {
  const byName = new Map<
    string,
    { patterns: string[]; ids: number[]; withThread: number[]; isolation: GroupSource['isolation'] }
  >();
  hosted.forEach(({ name, patterns, isolation }, id) => {
    const entry = byName.get(name) ?? { patterns: [], ids: [], withThread: [], isolation };
    entry.patterns.push(...patterns);
    entry.ids.push(id);
    if (isolation === 'shard') entry.withThread.push(id);
    if (isolation !== 'inline') entry.isolation = isolation;
    byName.set(name, entry);
  });
  return [
    ...[...byName].map(([name, entry]) => ({ name, where: 'shard', ...entry }) as const),
    ...local.map(
      ({ group, patterns }) =>
        ({ name: group.name, where: 'main', patterns, ids: [group.id], withThread: [], isolation: 'inline' }) as const,
    ),
  ];
}
