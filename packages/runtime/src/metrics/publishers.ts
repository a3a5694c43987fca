/**
 * What each thread published, by type, and what became of events that never reached a lane.
 * Thread: main. Reads cells that their owners write; exact once those are quiet.
 */
import { DictionaryReader, recordViews } from '@ringmain/codec';
import { LIMITS } from '@ringmain/core';
import type { PublishDrop, ThreadRegions } from '@ringmain/ring';
import { CELL_BYTES, DICTIONARY_BYTES, PUBLISH_DROPS, ThreadCell, ThreadWord, readCell } from '@ringmain/ring';
import type { EventType } from '../events/event-type.ts';
import type { ThreadContext } from '../thread-context.ts';

/** Figures of one thread as a publisher. */
export interface PublisherMetrics {
  /** `main`, `shard-0`, …; with `shards: 0` what handlers publish counts as `main-handlers`. */
  readonly name: string;
  /** Events published, those that were dropped on the way included; events that wait in the stage count once they leave it. */
  readonly published: number;
  /** Of these, events that no subscriber matched. */
  readonly unrouted: number;
  /** Publishes refused, the tries of waiting `send` calls and of batchers included. */
  readonly rejected: number;
  /** Events that wait in the stage. */
  readonly staged: number;
  /** Events dropped before they reached a lane, by reason. */
  readonly dropped: Readonly<Partial<Record<PublishDrop, number>>>;
  /** `published` by event type; types that were not published are left out. */
  readonly types: Readonly<Record<string, number>>;
}

/** Reads the figures of every thread that published. */
export function readPublishers(
  context: ThreadContext,
  types: readonly EventType[],
  nameOf: (thread: number) => string,
): PublisherMetrics[] {
  return context.seed.plan.threads.map((regions, thread) => readPublisher(context, regions, types, nameOf(thread)));
}

function readPublisher(
  context: ThreadContext,
  regions: ThreadRegions,
  types: readonly EventType[],
  name: string,
): PublisherMetrics {
  const { control } = context;
  const cellAt = (bytes: number, cell: number): number => readCell(control, (bytes + cell * CELL_BYTES) >> 2);
  const byType: [string, number][] = [];
  const dropped: Partial<Record<PublishDrop, number>> = {};
  let published = 0;
  const count = (cell: number, typeName: () => string): void => {
    let events = cellAt(regions.typeCells, cell);
    for (const [index, reason] of PUBLISH_DROPS.entries()) {
      const drops = cellAt(regions.dropCells, cell * PUBLISH_DROPS.length + index);
      if (drops === 0) continue;
      events += drops;
      dropped[reason] = (dropped[reason] ?? 0) + drops;
    }
    if (events === 0) return;
    published += events;
    byType.push([typeName(), events]);
  };
  for (const type of types) if (type.cell < LIMITS.typesMax) count(type.cell, () => type.name);
  const names = new DictionaryReader(
    recordViews(context.seed.memory.control, regions.dictionary, DICTIONARY_BYTES),
    0,
    DICTIONARY_BYTES,
  );
  // A count is only there after a commit, and so after the name.
  for (let open = 0; open < LIMITS.openTypesMax; open++)
    count(LIMITS.typesMax + open, () => names.name(LIMITS.openTypeIdBase + open));
  return {
    name,
    published,
    unrouted: cellAt(regions.cells, ThreadCell.unrouted),
    rejected: cellAt(regions.cells, ThreadCell.rejected),
    staged: control[(regions.words >> 2) + ThreadWord.staged] as number,
    dropped,
    types: Object.fromEntries(byType),
  };
}
