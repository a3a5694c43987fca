/**
 * The publishing side of a main thread whose shards stand still: lanes and credit fill up, partitions move, and room comes, when the test says so.
 * There are no threads, and the clock is the test's.
 */
import type { PriorityName } from '@ringmain/core';
import { fnv1a32Integer, partitionOf, priorityLevel } from '@ringmain/core';
import {
  CreditWindow,
  CreditWord,
  LinkWord,
  PartitionMap,
  ThreadCell,
  ThreadWord,
  creditIndex,
  linkIndex,
  partitionWords,
  readCell,
  systemAtomics,
} from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import type { RuntimeConfigInput } from '../../dist/config/config-schema.js';
import { InLink } from '../../dist/deliver/in-link.js';
import type { EventRegistry } from '../../dist/events/define-events.js';
import { writableOf } from '../../dist/publish/event-stream.js';
import type { ReadyOptions } from '../../dist/publish/options.js';
import { createPublishing } from '../../dist/publish/publishing.js';
import { RouteTable } from '../../dist/publish/route-table.js';
import { untilReady } from '../../dist/publish/until-ready.js';
import { threadContext } from '../../dist/thread-context.js';
import { seedOf } from '../seed-of.ts';

const SHARDS = 2;
const LANE_BYTES = 4096;
const LANE = { capacityBytes: LANE_BYTES };
const BAY = { slots: 4096, bytes: 1_048_576 };
/** Credit of each group until the test says otherwise: more than a lane holds. */
const PLENTY = 10_000;
const CELL_WORDS = 2;

/** Groups by name, each with the topics that it takes. */
export type StillGroups = Readonly<Record<string, readonly string[]>>;

/** A publisher of two shards that stand still. */
export function startStill(events: EventRegistry, groups: StillGroups, config: RuntimeConfigInput = {}) {
  const lanes = { critical: LANE, high: LANE, normal: LANE, low: LANE };
  const seed = seedOf({ shards: SHARDS, lanes, mesh: LANE, bay: BAY, recordBytesMax: 1024, ...config }, events);
  const { plan } = seed;
  const clock = manualClock();
  const context = threadContext(seed, 0, { clock });
  const { control } = context;
  const names = Object.keys(groups);
  /** Lets a group have so many units more of the main thread. */
  const grant = (shard: number, group: string, units: number): void => {
    const base = creditIndex(plan, 0, shard + 1);
    const number = names.indexOf(group);
    control[base + CreditWord.window + number] = Math.max(1, units);
    control[base + CreditWord.limit + number] = ((control[base + CreditWord.published + number] as number) + units) | 0;
  };
  for (let shard = 0; shard < SHARDS; shard++) for (const group of names) grant(shard, group, PLENTY);
  const publishing = createPublishing(context, events);
  const hosted = names.map((name) => ({
    name,
    patterns: groups[name] as readonly string[],
    whenFull: 'backpressure' as const,
    isolation: 'inline' as const,
  }));
  publishing.types.route(new RouteTable(hosted, []).routeOf);
  const map = new PartitionMap(systemAtomics, partitionWords(plan, control));
  const look = (): void => publishing.publisher.partitions.look();
  const ready = (type?: string, options: ReadyOptions = {}): Promise<void> =>
    untilReady({ publishing, look: () => void publishing.room.check(), refusal: () => undefined }, type, options);
  return {
    publishing,
    publisher: publishing.publisher,
    clock,
    grant,
    ready,
    writable: (type: string) =>
      writableOf(
        publishing.publisher,
        type,
        {},
        () => {},
        (options) => ready(type, options),
      ),
    /** Refusals so far: one for each try that came to nothing. */
    rejected: (): number => readCell(control, (plan.threads[0]!.cells >> 2) + ThreadCell.rejected * CELL_WORDS), // main has cells
    /** Has the shard take all that its lane of a priority holds, and ring. */
    drain: (shard: number, priority: PriorityName = 'normal'): void => {
      const link = linkIndex(plan, 0, shard + 1);
      const lane = priorityLevel(priority);
      control[link + LinkWord.head + lane] = control[link + LinkWord.tail + lane] as number;
      publishing.room.check();
    },
    /** Bytes that a shard sees in its lane of a priority. */
    visible: (shard: number, priority: PriorityName = 'normal'): number => {
      const link = linkIndex(plan, 0, shard + 1);
      const lane = priorityLevel(priority);
      return ((control[link + LinkWord.tail + lane] as number) - (control[link + LinkWord.head + lane] as number)) | 0;
    },
    /** Puts the main thread on a rung of the ladder, as the coordinator does. */
    setRung: (rung: number): void => {
      control[((plan.threads[0]?.words ?? 0) >> 2) + ThreadWord.rung] = rung;
    },
    /** Has the shard return what is outstanding of a group, and grant it a window of so many units; true when that rings the bell of the main thread. */
    settle: (shard: number, group: string, window: number): boolean => {
      const base = creditIndex(plan, 0, shard + 1);
      const number = names.indexOf(group);
      const pool = { free: PLENTY };
      const credit = new CreditWindow({
        atomics: systemAtomics,
        control,
        base,
        groups: names.length,
        shareDefault: window,
        pool,
      });
      control[credit.returned + number] = control[base + CreditWord.published + number] as number;
      const bell = ((plan.threads[0]?.words ?? 0) >> 2) + ThreadWord.bell;
      control[bell] = 1;
      new InLink({ ...context, thread: shard + 1 }, 0, credit).grant();
      return control[bell] === 0;
    },
    /** What the bell of the main thread leads to. */
    ring: (): void => void publishing.room.check(),
    /** The partition of a key begins to move. */
    move: (key: number): void => {
      map.begin([partitionOf(fnv1a32Integer(key))]);
      look();
    },
    /** It arrives at a shard. */
    arrive: (key: number, shard: number): void => {
      map.finish([{ partition: partitionOf(fnv1a32Integer(key)), to: shard + 1 }]);
      look();
    },
  };
}

/** Lets the event loop turn. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A key of which the partition is that of a shard, as long as nothing has moved. */
export function keyOf(shard: number, from = 0): number {
  for (let key = from; ; key++) if (partitionOf(fnv1a32Integer(key)) % SHARDS === shard) return key;
}
