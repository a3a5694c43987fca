/**
 * `npm run bench -- micro`: the parts of the data path one by one (tinybench), and the raw ring against a hand-written loop.
 * Thread: main.
 */
import { Bench } from 'tinybench';
import { describeMoment, type MachineFacts, machineFacts, machineMoment } from '../measure/machine-facts.ts';
import { significant } from '../measure/statistics.ts';
import { writeJson } from '../report/json-report.ts';
import { Progress } from '../report/progress.ts';
import { numberText, rateText, textTable } from '../report/text-table.ts';
import { codecTasks } from './codec-tasks.ts';
import type { MicroTask } from './micro-task.ts';
import { patternTasks } from './pattern-tasks.ts';
import { publishTasks, startRuntime } from './publish-tasks.ts';
import { ringTasks } from './ring-tasks.ts';
import { compareRings, type RingComparison } from './two-thread-rings.ts';

const TASK_MS = 300;
const WARM_UP_MS = 150;

export interface MicroResult {
  readonly name: string;
  /** Median. */
  readonly nsPerOperation: number | null;
  readonly operationsPerSecond: number | null;
  /** Relative margin of error of the mean, in percent. */
  readonly marginPercent: number | null;
}

/** The JSON report. */
export interface MicroReport {
  readonly machine: MachineFacts;
  readonly node: string;
  readonly results: readonly MicroResult[];
  readonly rawRing: RingComparison;
}

/** Runs the suite, prints a table and writes the JSON report. */
export async function runMicro(options: { readonly rounds: number; readonly json: string | undefined }): Promise<void> {
  const progress = new Progress();
  const before = await machineMoment();
  console.log(`Node ${process.versions.node}\n${describeMoment('before', before)}`);
  const results = await runTasks([...ringTasks(), ...codecTasks(), ...patternTasks()], progress);
  const runtime = await startRuntime();
  try {
    results.push(...(await runTasks(publishTasks(runtime), progress)));
  } finally {
    await runtime.close();
  }
  const rawRing = await compareRings(options.rounds, progress);
  const after = await machineMoment();
  console.log(`\n${microTable(results)}\n\n${describeRings(rawRing)}\n\n${describeMoment('after', after)}`);
  const report: MicroReport = { machine: machineFacts(before, after), node: process.versions.node, results, rawRing };
  if (options.json !== undefined) writeJson(options.json, report);
}

/** Each task gets a bench of its own and runs to its end before the next is built. */
async function runTasks(tasks: readonly MicroTask[], progress: Progress): Promise<MicroResult[]> {
  const results: MicroResult[] = [];
  for (const task of tasks) {
    progress.update(`micro: ${task.name}`);
    const bench = new Bench({ time: TASK_MS, warmupTime: WARM_UP_MS, throws: true });
    bench.add(task.name, () => task.run());
    const [measured] = await bench.run();
    results.push(resultOf(task, measured?.result));
  }
  progress.clear();
  return results;
}

function resultOf(task: MicroTask, result: unknown): MicroResult {
  const latency = (result as { latency?: { p50: number; rme: number } } | undefined)?.latency;
  const ns = latency === undefined ? null : (latency.p50 * 1e6) / task.operations;
  return {
    name: task.name,
    nsPerOperation: significant(ns),
    operationsPerSecond: ns === null ? null : significant(1e9 / ns),
    marginPercent: latency === undefined ? null : significant(latency.rme, 3),
  };
}

function microTable(results: readonly MicroResult[]): string {
  return textTable(
    ['part', 'ns/op', 'op/s', '± %'],
    results.map((row) => [
      row.name,
      numberText(row.nsPerOperation),
      rateText(row.operationsPerSecond),
      numberText(row.marginPercent),
    ]),
  );
}

function describeRings(rings: RingComparison): string {
  const [low, high] = rings.ratioQuartiles;
  return (
    `raw ring with batch commit, two threads: ${rateText(rings.rawRecordsPerSecond)}/s, ` +
    `plain typed-array loop: ${rateText(rings.plainRecordsPerSecond)}/s, ` +
    `ratio ${numberText(rings.ratio)} (quartiles ${numberText(low)}..${numberText(high)}, ${rings.rounds} rounds)`
  );
}
