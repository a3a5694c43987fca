/**
 * The whole shared memory of a runtime, as offsets computed from a few numbers: every thread computes the same plan.
 *
 * ```
 *   control buffer   | partition table, breakers    | thread block 0 … T-1 | link 0→0, 0→1, … T-1→T-1 |
 *   outbox buffer p  | lanes of producer p to consumer 0 | … to consumer T-1 | letters to main |    one per producer thread
 *   bay buffer c     | slots | bodies | repeats |                                  one per consumer thread
 * ```
 *
 * Thread 0 is the main thread; shard `s` is thread `s + 1`. Buffers are reserved at start and never grow; the operating system
 * commits a page when it is first touched, so lanes that nobody uses cost address space only.
 */
import { LIMITS, PARTITION_COUNT, PRIORITY_COUNT, RingmainError } from '@ringmain/core';
import { BAY_SLOT_BYTES } from './bay-descriptor.ts';
import { BREAKER_BOARD_BYTES, BREAKER_THREAD_BYTES } from './breaker-descriptor.ts';
import { CELL_BYTES, GROUP_CELLS, PUBLISH_DROPS, THREAD_CELLS } from './counter-cells.ts';
import { HISTOGRAM_BYTES } from './latency-histogram.ts';
import { LayoutBuilder } from './layout-builder.ts';
import { LETTER_LANE, LINK_BYTES } from './link-descriptor.ts';
import { PARTITION_TABLE_BYTES } from './partition-table-descriptor.ts';
import { repeatWindowBytes } from './repeat-window.ts';
import { THREAD_BYTES } from './thread-descriptor.ts';

/** Index of the main thread among a runtime's threads. */
export const MAIN_THREAD = 0;

/** What the plan depends on. */
export interface MemoryPlanOptions {
  /** Most shard threads there can be, from 0. */
  readonly shards: number;
  /** Capacity in bytes of a lane from the main thread, by priority. */
  readonly laneBytes: readonly number[];
  /** Capacity in bytes of a lane from a shard, whatever its priority. */
  readonly meshLaneBytes: number;
  /** Capacity in bytes of the lane in which a shard sends dead letters to the main thread. @defaultValue 32 KiB */
  readonly letterBytes?: number;
  /** Deliveries one bay holds. */
  readonly baySlots: number;
  /** Bytes of event bodies one bay holds; a power of two. */
  readonly bayBytes: number;
  /** Handled events that one consumer remembers, to recognise repeats. @defaultValue 0 */
  readonly repeatsMax?: number;
}

/** Byte offsets of one thread's regions in the control buffer. */
export interface ThreadRegions {
  readonly words: number;
  readonly cells: number;
  readonly typeCells: number;
  /** Cells that count drops: by type, then by reason. */
  readonly dropCells: number;
  readonly groupCells: number;
  readonly dictionary: number;
  readonly histograms: number;
  /** Time spent on each partition, one word each. */
  readonly partitionLoads: number;
  /** Words of circuit breakers; see `BreakerWord`. */
  readonly breakers: number;
}

/** Byte offset and size of one lane's data in its producer's outbox buffer. */
export interface LaneRegion {
  readonly offset: number;
  readonly bytes: number;
}

/** All offsets; see the picture above. */
export interface MemoryPlan {
  readonly options: MemoryPlanOptions;
  readonly threadCount: number;
  readonly controlBytes: number;
  readonly partitionTable: number;
  /** Words of circuit breakers that belong to no thread; see `BreakerBoardWord`. */
  readonly breakers: number;
  readonly threads: readonly ThreadRegions[];
  /** Byte offset of the first link; link (p, c) stands at `links + (p * threadCount + c) * LINK_BYTES`. */
  readonly links: number;
  readonly outboxBytes: readonly number[];
  readonly bayBytes: number;
  readonly bayBodies: number;
  /** Byte offset of the window of repeats in a bay buffer. */
  readonly bayRepeats: number;
}

/** Bytes of a lane for answers: 2,048 of them. */
const ANSWER_LANE_BYTES = 64 * 1024;

const LETTER_LANE_BYTES = 32 * 1024;

/** Number of event types with a cell of their own per producer: closed types first, then the producer's open types. */
export const TYPE_CELLS = LIMITS.typesMax + LIMITS.openTypesMax;

/** Bytes of one producer's dictionary of open types. */
export const DICTIONARY_BYTES = 128 + LIMITS.openTypesMax * (LIMITS.topicChars + 8);

/** The buffers of one runtime; a plain object that can be posted to a thread. */
export interface SharedMemory {
  readonly control: SharedArrayBuffer;
  readonly outboxes: readonly SharedArrayBuffer[];
  readonly bays: readonly SharedArrayBuffer[];
}

/** Computes the plan. */
export function planMemory(options: MemoryPlanOptions): MemoryPlan {
  const threadCount = options.shards + 1;
  const control = new LayoutBuilder();
  const partitionTable = control.region(PARTITION_TABLE_BYTES);
  const breakers = control.region(BREAKER_BOARD_BYTES);
  const threads = Array.from({ length: threadCount }, () => ({
    words: control.region(THREAD_BYTES),
    cells: control.region(THREAD_CELLS * CELL_BYTES),
    typeCells: control.region(TYPE_CELLS * CELL_BYTES),
    dropCells: control.region(TYPE_CELLS * PUBLISH_DROPS.length * CELL_BYTES),
    groupCells: control.region(LIMITS.groupsMax * GROUP_CELLS * CELL_BYTES),
    dictionary: control.region(DICTIONARY_BYTES),
    histograms: control.region(LIMITS.groupsMax * HISTOGRAM_BYTES),
    partitionLoads: control.region(PARTITION_COUNT * 4),
    breakers: control.region(BREAKER_THREAD_BYTES),
  }));
  const links = control.region(threadCount * threadCount * LINK_BYTES);
  const bay = new LayoutBuilder();
  bay.region(options.baySlots * BAY_SLOT_BYTES);
  const bayBodies = bay.region(options.bayBytes);
  const bayRepeats = bay.region(repeatWindowBytes(options.repeatsMax ?? 0));
  const outboxBytes = threads.map((_, producer) => {
    const perConsumer = laneSizes(options, producer).reduce((sum, bytes) => sum + bytes, 0);
    return perConsumer * threadCount + letterBytes(options, producer, MAIN_THREAD);
  });
  return {
    options,
    threadCount,
    controlBytes: control.bytes,
    partitionTable,
    breakers,
    threads,
    links,
    outboxBytes,
    bayBytes: bay.bytes,
    bayBodies,
    bayRepeats,
  };
}

/** The region of lane (producer, consumer, priority) in the producer's outbox; that of letters stands behind all others. */
export function laneRegion(plan: MemoryPlan, producer: number, consumer: number, priority: number): LaneRegion {
  const sizes = laneSizes(plan.options, producer);
  const perConsumer = sizes.reduce((sum, bytes) => sum + bytes, 0);
  if (priority === LETTER_LANE)
    return { offset: perConsumer * plan.threadCount, bytes: letterBytes(plan.options, producer, consumer) };
  const before = sizes.slice(0, priority).reduce((sum, bytes) => sum + bytes, 0);
  return { offset: consumer * perConsumer + before, bytes: sizes[priority] ?? 0 };
}

/** Reserves all buffers of a plan; every word starts at 0. */
export function allocateMemory(plan: MemoryPlan): SharedMemory {
  const reserve = (bytes: number): SharedArrayBuffer => {
    try {
      return new SharedArrayBuffer(bytes);
    } catch (cause) {
      throw new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `${bytes} bytes of shared memory could not be reserved`, {
        allowed: 'smaller lanes, a smaller bay or fewer shards',
        details: { bytes },
        cause,
      });
    }
  };
  return {
    control: reserve(plan.controlBytes),
    outboxes: plan.outboxBytes.map(reserve),
    bays: plan.threads.map(() => reserve(plan.bayBytes)),
  };
}

function laneSizes(options: MemoryPlanOptions, producer: number): readonly number[] {
  const bytes =
    producer === MAIN_THREAD ? options.laneBytes : Array.from({ length: PRIORITY_COUNT }, () => options.meshLaneBytes);
  return [...bytes, ANSWER_LANE_BYTES];
}

/** Letters go from shards to the main thread. */
function letterBytes(options: MemoryPlanOptions, producer: number, consumer: number): number {
  if (producer === MAIN_THREAD || consumer !== MAIN_THREAD) return 0;
  return options.letterBytes ?? LETTER_LANE_BYTES;
}
