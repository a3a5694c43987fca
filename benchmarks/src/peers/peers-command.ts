/**
 * `npm run bench -- peers`: ringmain beside what Node users would pick instead.
 * Thread: main thread of the measuring process.
 */
import { describeMoment, type MachineFacts, machineFacts, machineMoment } from '../measure/machine-facts.ts';
import { writeJson } from '../report/json-report.ts';
import { Progress } from '../report/progress.ts';
import { type ScenarioName, scenarios } from '../workload/scenarios.ts';
import { calibrateSpin } from '../workload/spin-work.ts';
import { contenderEntry } from './contender-registry.ts';
import type { PeerResult } from './peer-results.ts';
import { peersTable } from './peers-table.ts';
import { runScenario } from './scenario-runner.ts';

export interface PeersOptions {
  readonly scenarios: readonly ScenarioName[];
  readonly contenders: readonly string[];
  readonly rounds: number;
  /** Length of the `flood` and `idle` measurements. */
  readonly seconds: number;
  readonly sliceMs: number;
  readonly json: string | undefined;
}

/** The JSON report. */
export interface PeersReport {
  readonly machine: MachineFacts;
  readonly node: string;
  readonly rounds: number;
  readonly results: readonly PeerResult[];
}

/** Runs the suite, prints a table per scenario and writes the JSON report. Returns false when a contender failed. */
export async function runPeers(options: PeersOptions): Promise<boolean> {
  const progress = new Progress();
  const before = await machineMoment();
  console.log(`Node ${process.versions.node}, ${options.rounds} rounds of ${options.sliceMs} ms slices`);
  console.log(describeMoment('before', before));
  const spinIterations = calibrateSpin();
  const results: PeerResult[] = [];
  for (const name of options.scenarios) {
    const scenario = scenarios[name];
    const contenders = options.contenders.filter((contender) => contenderEntry(contender)?.supports(name));
    if (contenders.length === 0) continue;
    const rows = await runScenario({ ...options, scenario, contenders, spinIterations, progress });
    results.push(...rows);
    console.log(`\n${peersTable(scenario, rows)}`);
  }
  const after = await machineMoment();
  console.log(`\n${describeMoment('after', after)}`);
  const report: PeersReport = {
    machine: machineFacts(before, after),
    node: process.versions.node,
    rounds: options.rounds,
    results,
  };
  if (options.json !== undefined) writeJson(options.json, report);
  return results.every((row) => row.failed === undefined);
}
