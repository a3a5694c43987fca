/**
 * What a run did, as `--report` writes it and the summary prints it.
 */
import type { FeedTotals } from '../run/feed.ts';
import type { CloseReport, GroupMetrics, MetricsSnapshot } from 'ringmain';
import type { PeakDepth } from './peak-depths.ts';

/** Deliveries of one group. */
export interface GroupReport {
  readonly name: string;
  readonly where: 'shard' | 'main';
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly redelivered: number;
  /** Attempts that failed and were followed by another. */
  readonly retried: number;
  readonly dropped: number;
  readonly latencyUs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
}

/** The report of a run. */
export interface RunReport {
  /** Events of the input that the runtime accepted. */
  readonly events: number;
  readonly eventsPerSecond: number;
  /** From the first read to the last settled delivery. */
  readonly seconds: number;
  /** Deliveries that were owed and neither happened nor were set aside, over all groups. */
  readonly lost: number;
  readonly dropped: number;
  readonly droppedBy: Readonly<Record<string, number>>;
  readonly deadLettered: number;
  /** Deliveries that may have run twice, because a shard died meanwhile. */
  readonly duplicates: number;
  readonly restarts: number;
  readonly shards: number;
  /** Events that matched no subscriber, those published by handlers included. */
  readonly unrouted: number;
  /** True when everything settled before the time for closing ran out. */
  readonly drained: boolean;
  readonly conservation: {
    readonly holds: boolean;
    readonly published: number;
    readonly accounted: number;
    readonly inFlight: number;
  };
  readonly groups: readonly GroupReport[];
  /** The fullest each priority's lanes were when they were sampled. */
  readonly queues: readonly PeakDepth[];
  readonly input: {
    readonly name: string;
    readonly bad: number;
    readonly firstBad: readonly { readonly position: number; readonly message: string }[];
    /** Times an event had to wait for room. */
    readonly waits: number;
    /** Why the input broke off, when it did. */
    readonly error: string | null;
  };
  /** Signal that stopped the run early. */
  readonly interruptedBy: string | null;
  /** Why the runtime failed, when it did. */
  readonly failure: string | null;
}

/** What a report is made of. */
export interface RunFacts {
  readonly close: CloseReport;
  readonly seconds: number;
  readonly totals: FeedTotals;
  readonly queues: readonly PeakDepth[];
  readonly inputName: string;
  readonly inputError: string | null;
  readonly interruptedBy: string | null;
  readonly failure: string | null;
}

/** Builds the report. */
export function buildReport(facts: RunFacts): RunReport {
  const { close, seconds, totals } = facts;
  const { metrics } = close;
  const sum = (value: (group: GroupMetrics) => number): number =>
    metrics.groups.reduce((total, group) => total + value(group), 0);
  return {
    events: totals.published,
    eventsPerSecond: seconds > 0 ? Math.round(totals.published / seconds) : 0,
    seconds: Math.round(seconds * 1e6) / 1e6,
    lost: sum(lostOf),
    dropped: sum(droppedOf),
    droppedBy: droppedBy(metrics),
    deadLettered: sum((group) => group.deadLettered),
    duplicates: sum((group) => group.redelivered),
    restarts: metrics.restarts,
    shards: metrics.shards,
    unrouted: metrics.unrouted,
    drained: close.drained,
    conservation: metrics.conservation,
    groups: metrics.groups.map(groupReport),
    queues: facts.queues,
    input: { name: facts.inputName, bad: totals.bad, firstBad: totals.firstBad, waits: totals.waits, error: facts.inputError },
    interruptedBy: facts.interruptedBy,
    failure: facts.failure,
  };
}

/** True when every accepted event was handled successfully and the books balance. Drops by a stated policy are no fault. */
export function isComplete(report: RunReport): boolean {
  return report.drained && report.lost === 0 && report.deadLettered === 0 && report.conservation.holds;
}

/** True when every line or entry of the input could be published. */
export function isInputClean(report: RunReport): boolean {
  return report.input.bad === 0 && report.input.error === null;
}

function lostOf(group: GroupMetrics): number {
  return Math.max(0, group.published - group.delivered - group.filtered - group.deadLettered - droppedOf(group));
}

function droppedOf(group: GroupMetrics): number {
  return Object.values(group.dropped).reduce((total, count) => total + count, 0);
}

function droppedBy(metrics: MetricsSnapshot): Record<string, number> {
  const counts = new Map<string, number>();
  for (const group of metrics.groups) {
    for (const [reason, count] of Object.entries(group.dropped)) {
      if (count > 0) counts.set(reason, (counts.get(reason) ?? 0) + count);
    }
  }
  return Object.fromEntries(counts);
}

function groupReport(group: GroupMetrics): GroupReport {
  const { p50, p95, p99, max } = group.latencyUs;
  return {
    name: group.name,
    where: group.where,
    delivered: group.delivered,
    filtered: group.filtered,
    deadLettered: group.deadLettered,
    redelivered: group.redelivered,
    retried: group.retried,
    dropped: droppedOf(group),
    latencyUs: { p50, p95, p99, max },
  };
}
