/** Turns the rows of one scenario into a table with the columns that scenario measures. Thread: any. */
import { numberText, rateText, textTable } from '../report/text-table.ts';
import type { Measurement, Scenario } from '../workload/scenarios.ts';
import type { PeerResult } from './peer-results.ts';

type Column = readonly [heading: string, cell: (row: PeerResult) => string];

const rate: Column = ['events/s', (row) => rateText(row.eventsPerSecond)];
const mainCpu: Column = ['main us/ev', (row) => numberText(row.mainCpuUsPerEvent)];
const toPostMessage: Column = ['x postMessage', (row) => numberText(row.ratioToPostMessage)];
const quartiles: Column = [
  'quartiles',
  (row) => row.ratioToPostMessageQuartiles?.map((quartile) => numberText(quartile)).join('..') ?? '-',
];

const columns: Readonly<Record<Measurement, readonly Column[]>> = {
  throughput: [
    rate,
    mainCpu,
    ['overhead us', (row) => numberText(row.overheadUs)],
    toPostMessage,
    quartiles,
    ['x array100', (row) => numberText(row.ratioToArray100)],
    ['x piscina', (row) => numberText(row.ratioToPiscina)],
  ],
  paced: [
    rate,
    mainCpu,
    ['p50 us', (row) => numberText(row.latencyUs?.p50)],
    ['p95 us', (row) => numberText(row.latencyUs?.p95)],
    ['p99 us', (row) => numberText(row.latencyUs?.p99)],
    ['p50 x postMessage', (row) => numberText(row.p50RatioToPostMessage)],
    ['main x postMessage', (row) => numberText(row.mainCpuRatioToPostMessage)],
  ],
  flood: [
    ['accepted/s', (row) => rateText(row.eventsPerSecond)],
    mainCpu,
    ['RSS growth MB', (row) => `${numberText(row.rssGrowthMb)}${row.rssCapReached === true ? ' (cap)' : ''}`],
    ['accepted', (row) => numberText(row.accepted)],
    ['refused', (row) => numberText(row.refused)],
    ['all handled', (row) => (row.handled === null || row.handled === undefined ? 'no' : 'yes')],
  ],
  neighbour: [
    rate,
    mainCpu,
    toPostMessage,
    quartiles,
    ['share of own', (row) => numberText(row.busyNeighbourShare)],
    ['share x postMessage', (row) => numberText(row.busyNeighbourShareRatioToPostMessage)],
  ],
  idle: [['% of a core', (row) => numberText(row.idleCpuShare === undefined ? null : row.idleCpuShare * 100)]],
};

/** The table of one scenario, failures below it. */
export function peersTable(scenario: Scenario, rows: readonly PeerResult[]): string {
  const shown = columns[scenario.measurement].filter(
    ([heading]) => heading !== 'overhead us' || rows.some((row) => row.overheadUs !== null),
  );
  const table = textTable(
    [`${scenario.name} (${scenario.about})`, ...shown.map(([heading]) => heading)],
    rows.filter((row) => row.failed === undefined).map((row) => [row.contender, ...shown.map(([, cell]) => cell(row))]),
  );
  const failures = rows.flatMap((row) => (row.failed === undefined ? [] : [`${row.contender} FAILED: ${row.failed}`]));
  return [table, ...failures].join('\n');
}
