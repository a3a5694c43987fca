/**
 * Reads all counters of a runtime out of shared memory. No thread is asked; it works while a shard hangs.
 * Thread: main. Figures of running threads may be a moment old; once the runtime is quiet they are exact.
 */
import { DictionaryReader, recordViews } from '@ringmain/codec';
import type { PriorityName } from '@ringmain/core';
import { LIMITS, PRIORITY_NAMES, compilePattern } from '@ringmain/core';
import type { LatencySummary, PublishDrop, ThreadRegions } from '@ringmain/ring';
import {
  ANSWER_LANE,
  CELL_BYTES,
  DICTIONARY_BYTES,
  DROP_REASONS,
  GROUP_CELLS,
  GroupCell,
  HISTOGRAM_BYTES,
  LANE_COUNT,
  LinkWord,
  MAIN_THREAD,
  PUBLISH_DROPS,
  ThreadCell,
  ThreadWord,
  laneRegion,
  linkIndex,
  readCell,
  readSeats,
  summarizeLatency,
} from '@ringmain/ring';
import type { EventType } from '../events/event-type.ts';
import type { RuntimeHealth } from '../health/health-report.ts';
import type { IsolationKind } from '../isolation/isolation-options.ts';
import type { DeadLetterMetrics } from './dead-letters.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { BreakerMetrics } from './breakers.ts';
import type { BulkheadFigures } from './bulkheads.ts';
import { readBulkheads } from './bulkheads.ts';
import { breakerPart } from './breakers.ts';
import type { GroupSource } from './group-sources.ts';
import type { PublisherMetrics } from './publishers.ts';
import { readPublishers } from './publishers.ts';
import type { SteeringMetrics } from './steering.ts';
import { readSteering } from './steering.ts';

/** Figures of one group over all threads that run it. */
export interface GroupMetrics {
  readonly name: string;
  readonly where: 'shard' | 'main';
  /** Events routed to the group. */
  readonly published: number;
  readonly delivered: number;
  /** Events that the group's `where` or `priorityMin` declined. */
  readonly filtered: number;
  /** Deliveries that ended without success, poison events included. */
  readonly deadLettered: number;
  /** Deliveries begun again after a thread died. Not part of the conservation law. */
  readonly redelivered: number;
  /** Attempts that failed and were followed by another. Not part of the conservation law. */
  readonly retried: number;
  /** Drops by reason. `shed`: the group had no credit when the event was published, and sheds. `breaker-open`: see `onOpen`. `duplicate`: see `dedupe`. `superseded`, `failed`, `lost`: see `delivery`. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly inFlight: number;
  /** Where its handlers run. */
  readonly isolation: IsolationKind;
  /** Threads of an isolated group that are up now; 0 for others. */
  readonly threads: number;
  /** Such threads that ended before their time: by a time limit, a memory limit, an exit or an error that nobody caught. */
  readonly threadsLost: number;
  /** Publish to handler start, in microseconds. */
  readonly latencyUs: LatencySummary;
  /** Circuit breaker around its handlers; absent where it has none. */
  readonly breaker?: BreakerMetrics;
}

/** Fill of one lane that is or was in use. */
export interface LaneMetrics {
  readonly producer: string;
  readonly consumer: string;
  readonly priority: PriorityName;
  readonly depthBytes: number;
  readonly capacityBytes: number;
}

/** All figures of a runtime at one moment. */
export interface MetricsSnapshot extends SteeringMetrics, BulkheadFigures {
  readonly uptimeMs: number;
  /** Shards that have a thread now. */
  readonly shards: number;
  /** Shards replaced after their thread ended. */
  readonly restarts: number;
  /** True while a spare shard has loaded the subscriber modules and waits; a replacement takes some milliseconds then. */
  readonly spareReady: boolean;
  /**
   * Per shard: microseconds from the exit of its last thread to the first delivery of the successor; null for a shard that was never
   * replaced, or whose successor had nothing to deliver yet.
   */
  readonly recoveryUs: readonly (number | null)[];
  /** Events accepted, in all threads. */
  readonly published: number;
  /** Of these, events that no subscriber matched. */
  readonly unrouted: number;
  /** Publishes refused: no room, no credit, a limit, or the degradation ladder. */
  readonly rejected: number;
  /** Events that wait in the stages of publishers. */
  readonly staged: number;
  /** Times that waiting critical events had used up their share of a thread and others came first. */
  readonly criticalCapped: number;
  /** Services of a lane whose oldest event had waited too long. */
  readonly servedOutOfTurn: number;
  readonly deadLetters: DeadLetterMetrics;
  /** How all is doing, at most `health.lookMs` ago. */
  readonly health: RuntimeHealth;
  readonly groups: readonly GroupMetrics[];
  /** One for each thread. */
  readonly publishers: readonly PublisherMetrics[];
  readonly lanes: readonly LaneMetrics[];
  /** `published = delivered + filtered + dropped + deadLettered + inFlight`, summed over the groups. */
  readonly conservation: {
    readonly holds: boolean;
    readonly published: number;
    readonly accounted: number;
    readonly inFlight: number;
  };
}

const NO_DROPS: ReadonlyMap<PublishDrop, number> = new Map();

function recoveryUs({ atomics, control, seed }: ThreadContext, shard: number): number | null {
  const words = (seed.plan.threads[shard + 1]?.words ?? 0) >> 2;
  const first = atomics.load(control, words + ThreadWord.firstWorkUs);
  const exit = atomics.load(control, words + ThreadWord.chargeExitUs);
  return first === 0 || exit === 0 ? null : (first - exit) | 0;
}

/** Takes a snapshot. */
export function takeSnapshot(
  context: ThreadContext,
  groups: readonly GroupSource[],
  types: readonly EventType[],
  deadLetters: DeadLetterMetrics,
): Omit<MetricsSnapshot, 'health'> {
  const { control, seed } = context;
  const { threads } = seed.plan;
  const ofThreads = (cell: number): number =>
    threads.reduce((sum, { cells }) => sum + readCell(control, (cells + cell * CELL_BYTES) >> 2), 0);
  const lanes = readLanes(context);
  const quiet = isQuiet(context);
  const figures = groups.map((group) => readGroup(context, group, types));
  const sum = (of: (group: GroupMetrics) => number): number => figures.reduce((total, group) => total + of(group), 0);
  const publishers = readPublishers(context, types, (thread) => threadName(context, thread));
  const ofPublishers = (of: (publisher: PublisherMetrics) => number): number =>
    publishers.reduce((total, publisher) => total + of(publisher), 0);
  const published = sum((group) => group.published);
  const inFlight = sum((group) => group.inFlight);
  return {
    uptimeMs: runtimeUs(context) / 1000,
    shards: readSeats(control, seed.plan),
    restarts: threads.reduce((total, { words }) => total + (control[(words >> 2) + ThreadWord.chargeRestarts] as number), 0),
    spareReady: control[((threads[MAIN_THREAD]?.words ?? 0) >> 2) + ThreadWord.spareReady] === 1,
    recoveryUs: Array.from({ length: readSeats(control, seed.plan) }, (_, shard) => recoveryUs(context, shard)),
    published: ofPublishers((publisher) => publisher.published),
    unrouted: ofPublishers((publisher) => publisher.unrouted),
    rejected: ofPublishers((publisher) => publisher.rejected),
    staged: ofPublishers((publisher) => publisher.staged),
    criticalCapped: ofThreads(ThreadCell.criticalCapped),
    servedOutOfTurn: ofThreads(ThreadCell.outOfTurn),
    ...readSteering(context, (thread) => threadName(context, thread)),
    ...readBulkheads(context, groups, (thread) => threadName(context, thread)),
    deadLetters,
    groups: figures,
    publishers,
    lanes,
    conservation: {
      // In flight is what is missing; when nothing is under way, nothing may be missing.
      holds: figures.every((group) => group.inFlight >= 0) && (!quiet || inFlight === 0),
      published,
      accounted: published - inFlight,
      inFlight,
    },
  };
}

/** True when every lane, bay and stage is empty: all that was accepted has settled. */
export function isQuiet(context: ThreadContext): boolean {
  return workSum(context) === 0;
}

/** Sum of all tails: changes whenever anything is published. */
export function tailSum(context: ThreadContext): number {
  let sum = 0;
  forEachLane(context, (base, _, __, priority) => {
    sum = (sum + context.atomics.load(context.control, base + LinkWord.tail + priority)) | 0;
  });
  return sum;
}

function workSum(context: ThreadContext): number {
  const { atomics, control, seed } = context;
  let work = 0;
  forEachLane(context, (base, _, __, priority) => {
    const head = atomics.load(control, base + LinkWord.head + priority);
    work += (atomics.load(control, base + LinkWord.tail + priority) - head) | 0;
  });
  for (const { words } of seed.plan.threads) {
    work += atomics.load(control, (words >> 2) + ThreadWord.inFlight) + atomics.load(control, (words >> 2) + ThreadWord.staged);
  }
  return work;
}

function forEachLane(
  context: ThreadContext,
  visit: (base: number, producer: number, consumer: number, priority: number) => void,
): void {
  const { plan } = context.seed;
  for (let producer = 0; producer < plan.threadCount; producer++) {
    for (let consumer = 0; consumer < plan.threadCount; consumer++) {
      const base = linkIndex(plan, producer, consumer);
      const inUse = context.atomics.load(context.control, base + LinkWord.lanesInUse);
      for (let priority = 0; priority < LANE_COUNT; priority++)
        if ((inUse & (1 << priority)) !== 0) visit(base, producer, consumer, priority);
    }
  }
}

function readLanes(context: ThreadContext): LaneMetrics[] {
  const lanes: LaneMetrics[] = [];
  forEachLane(context, (base, producer, consumer, priority) => {
    if (priority >= ANSWER_LANE) return;
    const head = context.atomics.load(context.control, base + LinkWord.head + priority);
    const tail = context.atomics.load(context.control, base + LinkWord.tail + priority);
    lanes.push({
      producer: threadName(context, producer),
      consumer: threadName(context, consumer),
      priority: PRIORITY_NAMES[priority] as PriorityName,
      depthBytes: ((tail - head) | 0) * 8,
      capacityBytes: laneRegion(context.seed.plan, producer, consumer, priority).bytes,
    });
  });
  return lanes;
}

function threadName(context: ThreadContext, thread: number): string {
  if (thread === MAIN_THREAD) return 'main';
  return context.seed.config.shards === 0 ? 'main-handlers' : `shard-${thread - 1}`;
}

function readGroup(context: ThreadContext, group: GroupSource, types: readonly EventType[]): GroupMetrics {
  const { control, seed } = context;
  const inline = seed.config.shards === 0;
  const threads = seed.plan.threads.filter((_, thread) => (group.where === 'shard' && !inline) === (thread !== MAIN_THREAD));
  const sum = (cell: number): number => {
    let total = 0;
    for (const { groupCells } of threads) {
      for (const id of group.ids) total += readCell(control, (groupCells + (id * GROUP_CELLS + cell) * CELL_BYTES) >> 2);
    }
    return total;
  };
  // Settled counts are read before published ones, so that a running runtime never seems to have settled too much.
  const delivered = sum(GroupCell.delivered);
  const filtered = sum(GroupCell.filtered);
  const deadLettered = sum(GroupCell.deadLettered);
  const dropped: Record<string, number> = {};
  let drops = 0;
  for (const [reason, name] of DROP_REASONS.entries()) {
    const count = sum(GroupCell.dropped + reason);
    drops += count;
    if (count > 0) dropped[name] = count;
  }
  // Publishers count what they drop by type; a subscription of the main thread counts only what arrives.
  const byPublishers = group.where === 'main' ? NO_DROPS : dropsOf(context, group.patterns, types);
  for (const [reason, count] of byPublishers) {
    drops += count;
    dropped[reason] = (dropped[reason] ?? 0) + count;
  }
  const committed = group.where === 'main' ? sum(GroupCell.offered) : publishedTo(context, group.patterns, types);
  const published = committed + [...byPublishers.values()].reduce((total, count) => total + count, 0);
  const histograms = threads.flatMap((regions) => group.ids.map((id) => (regions.histograms + id * HISTOGRAM_BYTES) >> 2));
  return {
    name: group.name,
    where: group.where,
    published,
    delivered,
    filtered,
    deadLettered,
    redelivered: sum(GroupCell.redelivered),
    retried: sum(GroupCell.retried),
    dropped,
    inFlight: published - delivered - filtered - deadLettered - drops,
    isolation: group.isolation,
    threads: sum(GroupCell.isolationThreads),
    threadsLost: sum(GroupCell.isolationThreadsLost),
    latencyUs: summarizeLatency(control, histograms),
    ...(group.where === 'shard' && breakerPart(context, group.ids[0] ?? 0)),
  };
}

/** What publishers dropped of the types that the patterns take, by reason. */
function dropsOf(context: ThreadContext, sources: readonly string[], types: readonly EventType[]): Map<PublishDrop, number> {
  const drops = new Map<PublishDrop, number>();
  for (const [index, reason] of PUBLISH_DROPS.entries()) {
    const count = countedFor(context, sources, types, ({ dropCells }, cell) =>
      readCell(context.control, (dropCells + (cell * PUBLISH_DROPS.length + index) * CELL_BYTES) >> 2),
    );
    if (count > 0) drops.set(reason, count);
  }
  return drops;
}

/** Committed events of all types that the patterns take. */
function publishedTo(context: ThreadContext, sources: readonly string[], types: readonly EventType[]): number {
  return countedFor(context, sources, types, ({ typeCells }, cell) =>
    readCell(context.control, (typeCells + cell * CELL_BYTES) >> 2),
  );
}

/** Sum of a count over all types that the patterns take; open types have numbers of their own in every producer. */
function countedFor(
  context: ThreadContext,
  sources: readonly string[],
  types: readonly EventType[],
  counted: (thread: ThreadRegions, cell: number) => number,
): number {
  const patterns = sources.map((source) => compilePattern(source));
  const taken = (name: string): boolean => patterns.some((pattern) => pattern.matches(name));
  const closed = types.filter((type) => type.cell < LIMITS.typesMax && taken(type.name));
  let total = 0;
  for (const thread of context.seed.plan.threads) {
    const count = (cell: number): number => counted(thread, cell);
    for (const { cell } of closed) total += count(cell);
    const names = new DictionaryReader(
      recordViews(context.seed.memory.control, thread.dictionary, DICTIONARY_BYTES),
      0,
      DICTIONARY_BYTES,
    );
    for (let open = 0; open < LIMITS.openTypesMax; open++) {
      const published = count(LIMITS.typesMax + open);
      // A count is only there after a commit, and so after the name.
      if (published > 0 && taken(names.name(LIMITS.openTypeIdBase + open))) total += published;
    }
  }
  return total;
}
