/**
 * What a chaos run found.
 * Thread: main.
 */
import { significant } from '../measure/statistics.ts';
import { numberText, textTable } from '../report/text-table.ts';

/** The JSON report. */
export interface ChaosReport {
  readonly node: string;
  readonly seed: number;
  /** Faults that were planned and carried out. */
  readonly faults: number;
  /** Threads that ended; an event that kills every time ends several. */
  readonly deaths: number;
  /** Events published, each for two groups. */
  readonly published: number;
  /** Deliveries, repeats left out. */
  readonly delivered: number;
  readonly lost: number;
  readonly duplicates: number;
  /** What can be open at a death, times the deaths. */
  readonly duplicateBound: number;
  readonly orderViolations: number;
  /** Events that killed every time and were set aside. */
  readonly quarantined: number;
  readonly poison: number;
  /** Others that were set aside, which must not be. */
  readonly innocents: number;
  /** From the exit of a thread to the first delivery of its successor, which stood by. */
  readonly recoveryMs: { readonly p50: number | null; readonly p99: number | null };
  /** The longest of those that died again at once, so that their successor had to be started first. */
  readonly coldRecoveryMs: number | null;
  /** Faults by cell, as `mode, moment`. */
  readonly cells: Readonly<Record<string, number>>;
  /** What must hold and does not. */
  readonly problems: readonly string[];
}

/** What must hold. */
export function chaosProblems(report: Omit<ChaosReport, 'problems'>): string[] {
  const { lost, duplicates, duplicateBound, orderViolations, quarantined, poison, innocents } = report;
  const problems: string[] = [];
  if (lost !== 0) problems.push(`${lost} deliveries were lost`);
  if (orderViolations !== 0) problems.push(`${orderViolations} deliveries came too early`);
  if (duplicates > duplicateBound) problems.push(`${duplicates} repeats, at most ${duplicateBound} are possible`);
  if (quarantined !== poison) problems.push(`${quarantined} of ${poison} events that kill were set aside`);
  if (innocents !== 0) problems.push(`${innocents} innocent events were set aside`);
  return problems;
}

/** The report as a table. */
export function chaosTable({ cells, problems, recoveryMs, coldRecoveryMs, node, ...figures }: ChaosReport): string {
  const rows = Object.entries(figures).map(([name, value]) => [name, String(value)]);
  const times = [
    ['recovery p50 ms', numberText(significantOf(recoveryMs.p50))],
    ['recovery p99 ms', numberText(significantOf(recoveryMs.p99))],
    ['cold recovery max ms', numberText(significantOf(coldRecoveryMs))],
    ['cells', String(Object.keys(cells).length)],
  ];
  const found = problems.length === 0 ? 'everything holds' : problems.map((problem) => `PROBLEM: ${problem}`).join('\n');
  return `${textTable([`Node ${node}`, ''], [...rows, ...times])}\n\n${found}`;
}

function significantOf(value: number | null): number | null {
  return value === null ? null : significant(value);
}
