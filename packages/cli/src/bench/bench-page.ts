/** The result of a bench as an HTML page. */
import { formatBytes, formatCount, formatUs } from '../report/format-values.ts';
import type { GroupReport } from '../report/run-report.ts';
import type { BenchReport } from './bench-report.ts';
import { loadFacts, outcomeRows } from './bench-summary.ts';
import { htmlPage } from './html/html-page.ts';
import { samplePlots } from './html/sample-plots.ts';
import { machineFactRows } from './machine-fact-rows.ts';

/** Writes the page. */
export function benchPage(name: string, report: BenchReport): string {
  const { run, samples } = report;
  const { conservation } = run;
  const verdict = conservation.holds ? 'The conservation check holds' : 'The conservation check is BROKEN';
  return htmlPage({
    title: `ringmain bench: ${name}`,
    text: `${verdict}: ${formatCount(conservation.published)} deliveries owed, ${formatCount(conservation.accounted)} accounted for, ${formatCount(conservation.inFlight)} in flight. Lost: ${formatCount(run.lost)}.`,
    sections: [
      {
        heading: 'Figures',
        tables: [
          { caption: 'Load', rows: [['what', ''], ...loadFacts(report)] },
          { caption: 'What publishes were answered', rows: outcomeRows(report) },
          { caption: 'Groups; latency from publish to handler', rows: [GROUP_HEADER, ...run.groups.map(groupRow)] },
          { caption: 'Queues at their fullest', rows: [['priority', 'peak', 'of'], ...run.queues.map(queueRow)] },
        ],
        plots: [],
      },
      {
        heading: 'Over time',
        text: 'Latencies of groups run from publish to handler and are counted since the start; how late the generator published is counted per look.',
        tables: [],
        plots: samplePlots(samples, { latency: 'publish to handler since the start' }),
      },
      { heading: 'Machine', tables: [{ caption: 'Where it was measured', rows: machineFactRows() }], plots: [] },
    ],
  });
}

const GROUP_HEADER = ['group', 'where', 'delivered', 'filtered', 'dropped', 'dead letters', 'p50', 'p95', 'p99', 'max'];

function groupRow({ name, where, delivered, filtered, dropped, deadLettered, latencyUs }: GroupReport): string[] {
  return [
    name,
    where,
    ...[delivered, filtered, dropped, deadLettered].map(formatCount),
    ...[latencyUs.p50, latencyUs.p95, latencyUs.p99, latencyUs.max].map(formatUs),
  ];
}

function queueRow({ priority, depthBytes, capacityBytes }: BenchReport['run']['queues'][number]): string[] {
  return [priority, formatBytes(depthBytes), formatBytes(capacityBytes)];
}
