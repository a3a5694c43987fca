/**
 * What a run amounts to, and whether it is what it should be.
 * Thread: main.
 */
import { isDeepStrictEqual } from 'node:util';
import type { GroupMetrics } from 'ringmain';
import { countByPackage } from './discover-files.ts';
import type { SourceFile } from './discover-files.ts';
import type { OneThreadRun } from './run-on-one-thread.ts';
import type { ShardsRun } from './run-on-shards.ts';

/** The report, as it is written to the file. */
export interface Report {
  /** Events published, by the main thread and by handlers. */
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly singleThreadSeconds: number;
  readonly singleThreadCpuSeconds: number;
  /** How many times faster than one thread. */
  readonly speedup: number;
  readonly shards: number;
  readonly files: number;
  readonly packages: number;
  /** Deliveries that the input demands and that did not happen, over all groups. */
  readonly lost: number;
  /** Publishes that found a lane full and had to wait. */
  readonly rejected: number;
  /** Deliveries begun again after a shard died. */
  readonly duplicates: number;
  readonly restarts: number;
  readonly conservation: { readonly holds: boolean };
  /** Shards and single thread found the same in every package. */
  readonly totalsAgree: boolean;
  readonly groups: readonly { readonly name: string; readonly delivered: number; readonly latencyUs: Latency }[];
}

interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Builds the report. */
export function buildReport(files: readonly SourceFile[], run: ShardsRun, single: OneThreadRun): Report {
  const { metrics } = run.close;
  const packages = countByPackage(files).size;
  return {
    events: metrics.published,
    eventsPerSecond: Math.round(metrics.published / run.seconds),
    seconds: run.seconds,
    cpuSeconds: run.cpuSeconds,
    singleThreadSeconds: single.seconds,
    singleThreadCpuSeconds: single.cpuSeconds,
    speedup: single.seconds / run.seconds,
    shards: metrics.shards,
    files: files.length,
    packages,
    lost: lostOf(metrics.groups, files.length, packages, run.telemetry.length),
    rejected: metrics.rejected,
    duplicates: metrics.groups.reduce((sum, { redelivered }) => sum + redelivered, 0),
    restarts: metrics.restarts,
    conservation: { holds: metrics.conservation.holds },
    totalsAgree: isDeepStrictEqual(byName(run.packages), byName(single.packages)),
    groups: metrics.groups.map(({ name, delivered, latencyUs: { p50, p95, p99 } }) => ({
      name,
      delivered,
      latencyUs: { p50, p95, p99 },
    })),
  };
}

/** Whether the run did what it promises. */
export function isGood({ lost, conservation, totalsAgree }: Report): boolean {
  return lost === 0 && conservation.holds && totalsAgree;
}

/** Counts against the input, not against the runtime's own idea of what was published. */
function lostOf(groups: readonly GroupMetrics[], files: number, packages: number, kinds: number): number {
  const owed: Readonly<Record<string, number>> = {
    parse: files,
    hash: files,
    count: files,
    aggregate: packages + 3 * files,
    telemetry: files + kinds,
    collect: packages + kinds,
  };
  const delivered = new Map(groups.map((group) => [group.name, group.delivered]));
  return Object.entries(owed).reduce((lost, [name, count]) => lost + Math.max(0, count - (delivered.get(name) ?? 0)), 0);
}

function byName(packages: ShardsRun['packages']): ShardsRun['packages'] {
  return [...packages].sort((a, b) => (a.package < b.package ? -1 : 1));
}
