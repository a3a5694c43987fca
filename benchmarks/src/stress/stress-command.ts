/**
 * `npm run bench -- stress`: ringmain under loads that do not wait for it.
 * Thread: main thread of the measuring process.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeMoment, machineMoment } from '../measure/machine-facts.ts';
import { writeJson } from '../report/json-report.ts';
import { Progress } from '../report/progress.ts';
import { stressScenarios } from './scenario-registry.ts';
import type { StressOptions, StressScenarioName } from './stress-options.ts';
import { stressPage } from './stress-page.ts';
import type { SampledPhase, StressRecord, StressResult } from './stress-result.ts';
import { stressTable } from './stress-table.ts';

/** Runs the scenarios, prints a table for each and writes the reports. Returns false when the books of one do not balance. */
export async function runStress({ scenarios, seconds, json, html }: StressOptions): Promise<boolean> {
  const progress = new Progress();
  console.log(`Node ${process.versions.node}\n${describeMoment('before', await machineMoment())}`);
  const records: StressRecord[] = [];
  for (const name of scenarios) {
    const record = await runScenario(name, seconds, progress);
    progress.clear();
    console.log(`\n${stressTable(record.result)}`);
    records.push(record);
  }
  console.log(`\n${describeMoment('after', await machineMoment())}`);
  const results = records.map(({ result }) => result);
  if (json !== undefined) writeJson(json, results.length === 1 ? results[0] : results);
  if (html !== undefined) {
    mkdirSync(dirname(html), { recursive: true });
    writeFileSync(html, stressPage(records));
  }
  return results.every(isSound);
}

/** True when everything accepted is accounted for. */
export function isSound({ conservation, lost }: Pick<StressResult, 'conservation' | 'lost'>): boolean {
  return conservation.holds && lost === 0;
}

async function runScenario(name: StressScenarioName, seconds: number, progress: Progress): Promise<StressRecord> {
  const phases: SampledPhase[] = [];
  const outcome = await stressScenarios[name]({
    seconds,
    say: (text) => progress.update(text),
    keep: (phase) => phases.push(phase),
  });
  return { result: { scenario: name, seconds, ...outcome }, phases };
}
