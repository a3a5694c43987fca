/** What a soak found, as JSON and for people. Thread: main. */
import type { GroupMetrics, MetricsSnapshot } from 'ringmain';
import { numberText, textTable } from '../report/text-table.ts';
import type { SendEnds } from './soak-load.ts';
import type { Growth } from './soak-watch.ts';

/** The report of a soak. */
export interface SoakReport {
  readonly seconds: number;
  readonly seed: number;
  /** What the handlers can do. */
  readonly capacityPerSecond: number;
  readonly offeredPerSecond: number;
  readonly offered: number;
  /** Answers of `publish`, by status. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Rejections, by reason. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly sends: SendEnds;
  readonly bursts: number;
  /** Times the group behind the gate was stopped. */
  readonly stops: number;
  readonly restarts: number;
  readonly echoes: number;
  /** Times the bounds were looked at. */
  readonly looks: number;
  readonly rungMax: number;
  readonly stagedMax: number;
  readonly stageBound: number;
  readonly groups: readonly GroupMetrics[];
  readonly conservation: MetricsSnapshot['conservation'];
  readonly memory: { readonly rss: Growth; readonly mainHeap: Growth; readonly shardHeap: Growth };
  /** What did not hold; empty when everything did. */
  readonly problems: readonly string[];
}

/** A run this long says something about the slope of memory; a shorter one still warms up. */
const JUDGED_SECONDS = 120;
/** Growth between the first and the last quarter that is still flat. What was offered meanwhile is many times as much. */
const RSS_GROWTH_MB = 32;
const HEAP_GROWTH_MB = 8;

/** What memory has to say, in runs that are long enough. */
export function memoryProblems({ seconds, memory }: Pick<SoakReport, 'seconds' | 'memory'>): string[] {
  const grown = ({ firstMb, lastMb }: Growth): number => lastMb - firstMb;
  const problems: string[] = [];
  // The heap of the main thread is looked at after its garbage was collected, so it is judged in short runs too.
  if (grown(memory.mainHeap) > HEAP_GROWTH_MB)
    problems.push(`the heap of the main thread grew by ${numberText(grown(memory.mainHeap))} MB`);
  if (seconds >= JUDGED_SECONDS && grown(memory.rss) > RSS_GROWTH_MB)
    problems.push(`the process grew by ${numberText(grown(memory.rss))} MB`);
  return problems;
}

/** The report for people. */
export function soakTable(report: SoakReport): string {
  const dropped = (group: GroupMetrics): number => Object.values(group.dropped).reduce((sum, count) => sum + count, 0);
  const groups = report.groups.map((group) =>
    [group.published, group.delivered, group.filtered, dropped(group), group.deadLettered, group.inFlight].map(String),
  );
  const counts = (record: Readonly<Record<string, number>>): string =>
    Object.entries(record)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const growth = (name: string, { firstMb, lastMb, mbPerMinute }: Growth): string[] => [
    name,
    numberText(firstMb),
    numberText(lastMb),
    numberText(mbPerMinute),
  ];
  return [
    `offered ${report.offered} events, ${report.offeredPerSecond} a second to handlers that do ${report.capacityPerSecond}`,
    `outcomes: ${counts(report.outcomes)}`,
    `refusals: ${counts(report.refusals)}`,
    `sends: ${report.sends.started} started, ${report.sends.settled} settled: ${counts(report.sends.by)}`,
    `${report.bursts} bursts, ${report.restarts} restarts, ${report.stops} stops, rung up to ${report.rungMax}, stage up to ${report.stagedMax} of ${report.stageBound}`,
    '',
    textTable(
      ['group', 'published', 'delivered', 'filtered', 'dropped', 'dead', 'in flight'],
      report.groups.map(({ name }, index) => [name, ...(groups[index] ?? [])]),
    ),
    '',
    textTable(
      ['memory', 'first MB', 'last MB', 'MB a minute'],
      [
        growth('process', report.memory.rss),
        growth('heap of main', report.memory.mainHeap),
        growth('heaps of shards', report.memory.shardHeap),
      ],
    ),
    '',
    report.problems.length === 0 ? 'everything held' : `DID NOT HOLD:\n${report.problems.join('\n')}`,
  ].join('\n');
}
