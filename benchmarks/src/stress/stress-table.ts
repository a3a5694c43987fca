/** Results of stress scenarios as text. Thread: main. */
import { numberText, textTable } from '../report/text-table.ts';
import type { StressResult } from './stress-result.ts';

/** Rows of name, figure, baseline and their ratio; the first is the header. */
export function figureRows({ figures, baseline }: StressResult): string[][] {
  const rows = Object.entries(figures).map(([name, value]) => {
    const base = baseline[name];
    const ratio = value === null || base === undefined || base === null || base === 0 ? null : value / base;
    return [name, numberText(value), numberText(base), ratio === null ? '-' : `${ratio.toFixed(2)}x`];
  });
  return [['figure', 'measured', 'baseline', 'ratio'], ...rows];
}

/** Outcomes, by priority where they were mixed; the first row is the header. */
export function outcomeRows({ outcomes, outcomesByPriority }: StressResult): string[][] {
  const rows = [['all', outcomes] as const, ...Object.entries(outcomesByPriority ?? {})];
  const statuses = Object.keys(outcomes);
  return [
    ['events', ...statuses],
    ...rows.map(([name, counts]) => [name, ...statuses.map((status) => String(counts[status] ?? 0))]),
  ];
}

/** One sentence on whether anything is missing. */
export function verdict({ conservation, lost, skipped }: StressResult): string {
  if (skipped !== undefined) return `skipped: ${skipped}`;
  return `conservation ${conservation.holds ? 'holds' : 'is BROKEN'}, lost ${lost}`;
}

/** Writes one result. */
export function stressTable(result: StressResult): string {
  const { scenario, seconds, notes, skipped } = result;
  const heading = `${scenario} (${seconds} s): ${verdict(result)}`;
  if (skipped !== undefined) return heading;
  return [heading, ...notes.map((note) => `  ${note}`), table(figureRows(result)), table(outcomeRows(result))].join('\n');
}

function table([header = [], ...rows]: string[][]): string {
  return textTable(header, rows);
}
