/** The result of a bench as text: what the load was answered, then the summary of the run. */
import { formatBytes, formatCount, formatUs } from '../report/format-values.ts';
import { formatSummary } from '../report/summary.ts';
import { textTable } from '../report/text-table.ts';
import type { BenchLoad, BenchReport } from './bench-report.ts';
import type { HistogramSummary } from './histogram.ts';

/** Rows of names and texts on the load; the page shows the same. */
export function loadFacts(report: BenchReport): [name: string, text: string][] {
  const { latenessUs, mainCpu, degradation } = report;
  return [
    ['load', loadText(report.load)],
    ['published', `${formatCount(report.published)} of ${formatCount(report.scheduled)} scheduled`],
    ['late', latenessText(latenessUs)],
    ['memory', `${formatBytes(report.rssPeakBytes)} at most`],
    [
      'main thread',
      mainCpu === null ? 'not known on this system' : `${Math.round(mainCpu * 100)} % of a core, generator included`,
    ],
    ...(degradation.length === 0 ? [] : [['degradation', degradation.join(', ')] as [string, string]]),
  ];
}

/** Outcomes as a table: the first row is the header. */
export function outcomeRows({ outcomes, reasons, published }: BenchReport): string[][] {
  const share = (count: number): string => (published === 0 ? '-' : `${((100 * count) / published).toFixed(2)} %`);
  return [
    ['outcome', 'events', 'share'],
    ...Object.entries(outcomes).map(([name, count]) => [name, formatCount(count), share(count)]),
    ...Object.entries(reasons).map(([name, count]) => [`  refused: ${name}`, formatCount(count), share(count)]),
  ];
}

/** Writes the summary; ends with a line feed. */
export function formatBenchSummary(report: BenchReport): string {
  const facts = loadFacts(report);
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = [
    ...facts.map(([name, text]) => `${name.padEnd(width)}  ${text}`),
    '',
    ...textTable(outcomeRows(report)),
    '',
    formatSummary(report.run),
  ];
  return lines.join('\n');
}

function loadText({ rates, burst, seconds }: BenchLoad): string {
  const bursts = burst === 1 ? '' : `, ${formatCount(burst)} at once`;
  return `${rates.map(formatCount).join(', then ')} a second${bursts}, for ${seconds} s`;
}

function latenessText({ p50, p95, p99, max }: HistogramSummary): string {
  return `p50 ${formatUs(p50)}, p95 ${formatUs(p95)}, p99 ${formatUs(p99)}, max ${formatUs(max)} after the events were due`;
}
