/** Results of stress scenarios as an HTML page with plots. Thread: main. */
import { htmlPage, machineFactRows, type PageSection, samplePlots } from '@ringmain/cli/bench';
import type { StressRecord } from './stress-result.ts';
import { figureRows, outcomeRows, verdict } from './stress-table.ts';

/** Writes the page. */
export function stressPage(records: readonly StressRecord[]): string {
  const machine: PageSection = {
    heading: 'Machine',
    tables: [{ caption: 'Where it was measured', rows: machineFactRows() }],
    plots: [],
  };
  return htmlPage({
    title: 'ringmain stress benchmark',
    text: 'Open-loop load: every event is due at a time of its own, and its latency counts from then. Times are in microseconds unless the name says otherwise.',
    sections: [...records.flatMap(sectionsOf), machine],
  });
}

function sectionsOf({ result, phases }: StressRecord): PageSection[] {
  const { scenario, skipped, notes } = result;
  const text = [verdict(result), ...notes].join('; ');
  if (skipped !== undefined) return [{ heading: scenario, text, tables: [], plots: [] }];
  return [
    {
      heading: scenario,
      text,
      tables: [
        { caption: 'Figures', rows: figureRows(result) },
        { caption: 'What publishes were answered', rows: outcomeRows(result) },
      ],
      plots: [],
    },
    ...phases.map(({ name, samples }) => ({
      heading: `${scenario}: ${name}`,
      tables: [],
      plots: samplePlots(samples, { latency: 'due to handler, per look' }),
    })),
  ];
}
