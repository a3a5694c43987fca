/** The summary of a run as text, printed to standard output at its end. */
import { formatBytes, formatCount, formatSeconds, formatUs } from './format-values.ts';
import type { PeakDepth } from './peak-depths.ts';
import type { GroupReport, RunReport } from './run-report.ts';
import { textTable } from './text-table.ts';

/** Characters of a group name shown. */
const NAME_CHARS_MAX = 40;

/** Writes the summary; ends with a line feed. */
export function formatSummary(report: RunReport): string {
  const lines = [
    ...facts(report),
    ...(report.groups.length === 0 ? [] : ['', ...textTable([GROUP_HEADER, ...report.groups.map(groupRow)])]),
    ...(report.queues.length === 0 ? [] : ['', ...textTable([QUEUE_HEADER, ...report.queues.map(queueRow)])]),
  ];
  return `${lines.join('\n')}\n`;
}

function facts(report: RunReport): string[] {
  const { conservation, input } = report;
  const rows: [string, string][] = [
    [
      'events',
      `${formatCount(report.events)} in ${formatSeconds(report.seconds)}, ${formatCount(report.eventsPerSecond)}/s, ${shardsText(report)}`,
    ],
    ['input', inputText(report)],
    ['restarts', formatCount(report.restarts)],
    ['drops', dropsText(report)],
    ['conservation', conservationText(conservation)],
    ['verdict', verdictText(report)],
  ];
  if (report.unrouted > 0) rows.splice(2, 0, ['unrouted', `${formatCount(report.unrouted)} events matched no subscriber`]);
  if (input.error !== null) rows.push(['input ended', input.error]);
  if (report.interruptedBy !== null) rows.push(['interrupted', `by ${report.interruptedBy}`]);
  if (report.failure !== null) rows.push(['failure', report.failure]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
}

function shardsText({ shards }: RunReport): string {
  if (shards === 0) return 'inline';
  return shards === 1 ? '1 shard' : `${shards} shards`;
}

function inputText({ input }: RunReport): string {
  const bad = input.bad === 0 ? 'no bad entries' : `${formatCount(input.bad)} bad`;
  return `${input.name}, ${bad}, waited for room ${formatCount(input.waits)} times`;
}

function dropsText({ droppedBy }: RunReport): string {
  const reasons = Object.entries(droppedBy);
  return reasons.length === 0 ? 'none' : reasons.map(([reason, count]) => `${reason} ${formatCount(count)}`).join(', ');
}

function conservationText({ holds, published, accounted, inFlight }: RunReport['conservation']): string {
  const numbers = `${formatCount(published)} published, ${formatCount(accounted)} accounted for, ${formatCount(inFlight)} in flight`;
  return `${holds ? 'holds' : 'BROKEN'}: ${numbers}`;
}

function verdictText(report: RunReport): string {
  const { lost, deadLettered, duplicates, drained } = report;
  const numbers = `lost ${formatCount(lost)}, dead letters ${formatCount(deadLettered)}, delivered again ${formatCount(duplicates)}`;
  return drained ? numbers : `${numbers}; closed before everything settled`;
}

const GROUP_HEADER = [
  'group',
  'where',
  'delivered',
  'filtered',
  'dead letters',
  'again',
  'retried',
  'dropped',
  'p50',
  'p95',
  'p99',
  'max',
];

function groupRow(group: GroupReport): string[] {
  const { latencyUs } = group;
  return [
    group.name.length > NAME_CHARS_MAX ? `${group.name.slice(0, NAME_CHARS_MAX - 1)}…` : group.name,
    group.where,
    ...[group.delivered, group.filtered, group.deadLettered, group.redelivered, group.retried, group.dropped].map(formatCount),
    ...[latencyUs.p50, latencyUs.p95, latencyUs.p99, latencyUs.max].map((us) => (latencyUs.max === 0 ? '-' : formatUs(us))),
  ];
}

const QUEUE_HEADER = ['queue', 'fullest lane', 'peak', 'of', 'at the end'];

function queueRow(peak: PeakDepth): string[] {
  return [
    peak.priority,
    peak.depthBytes === 0 ? '-' : `${peak.producer} to ${peak.consumer}`,
    formatBytes(peak.depthBytes),
    formatBytes(peak.capacityBytes),
    formatBytes(peak.lastDepthBytes),
  ];
}
