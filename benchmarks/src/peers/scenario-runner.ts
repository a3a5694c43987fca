/**
 * Runs one scenario over all contenders.
 * Thread: main thread of the measuring process.
 *
 * 1. Every contender is started in a process of its own; those that wait for their turn sleep.
 * 2. Rounds of one slice per contender; each round begins one contender later, so that none always follows the same one.
 * 3. Ratios are taken within a round, because a shared machine changes by more than the contenders differ.
 *
 * The flood runs contender after contender, since its subject is memory over seconds; idle processes are all idle together.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../report/progress.ts';
import { rateText } from '../report/text-table.ts';
import { type Scenario, scenarios } from '../workload/scenarios.ts';
import { ContenderProcess } from './contender-process.ts';
import { Neighbour } from './neighbour.ts';
import { ContenderSeries, failedRow, floodRow, idleRow, type PeerResult, sliceRows } from './peer-results.ts';

const WARM_UP_SLICES = 3;
/** Lets the scheduler move threads after the neighbour comes or goes. */
const NEIGHBOUR_SETTLE_MS = 30;

export interface ScenarioPlan {
  readonly scenario: Scenario;
  readonly contenders: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly sliceMs: number;
  readonly spinIterations: number;
  readonly progress: Progress;
}

/** Measures one scenario. */
export function runScenario(plan: ScenarioPlan): Promise<PeerResult[]> {
  switch (plan.scenario.measurement) {
    case 'flood':
      return runFlood(plan);
    case 'idle':
      return runIdle(plan);
    default:
      return runSlices(plan);
  }
}

async function runSlices(plan: ScenarioPlan): Promise<PeerResult[]> {
  const { scenario, progress } = plan;
  const neighbour = scenario.measurement === 'neighbour' ? new Neighbour() : undefined;
  const runs = plan.contenders.map((name) => ({ series: new ContenderSeries(name), process: new ContenderProcess(name) }));
  try {
    for (const run of runs) {
      progress.update(`${scenario.name}: starting ${run.series.contender}`);
      await guarded(run, async () => {
        await run.process.start(scenario.name, plan.spinIterations);
        for (let slice = 0; slice < WARM_UP_SLICES; slice++) await measureSlice(plan, run.process);
      });
    }
    for (let round = 0; round < plan.rounds; round++) {
      for (let turn = 0; turn < runs.length; turn++) {
        const run = runs[(round + turn) % runs.length];
        if (run === undefined || run.series.failed !== undefined) continue;
        await guarded(run, () => takeTurn(plan, run, round, neighbour));
        const rate = rateText(run.series.rate.get(round) ?? null);
        progress.update(`${scenario.name}: round ${round + 1}/${plan.rounds}  ${run.series.contender} ${rate}/s`);
      }
    }
  } finally {
    await Promise.all(runs.map((run) => run.process.stop()));
    await neighbour?.end();
    progress.clear();
  }
  return sliceRows(
    scenario.name,
    runs.map((run) => run.series),
  );
}

interface Run {
  readonly series: ContenderSeries;
  readonly process: ContenderProcess;
}

async function takeTurn(plan: ScenarioPlan, run: Run, round: number, neighbour: Neighbour | undefined): Promise<void> {
  const first = await measureSlice(plan, run.process);
  if (neighbour === undefined) {
    run.series.add(round, first);
    return;
  }
  neighbour.resume();
  try {
    await sleep(NEIGHBOUR_SETTLE_MS);
    run.series.add(round, await measureSlice(plan, run.process), first);
  } finally {
    neighbour.pause();
  }
}

function measureSlice(plan: ScenarioPlan, process: ContenderProcess): ReturnType<ContenderProcess['slice']> {
  return process.slice(plan.scenario.measurement === 'paced' ? 'paced' : 'slice', plan.sliceMs);
}

/** A contender that fails is out of the scenario and reported; the others go on. */
async function guarded(run: Run, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    run.series.failed = error instanceof Error ? error.message : String(error);
    await run.process.kill();
  }
}

async function runFlood(plan: ScenarioPlan): Promise<PeerResult[]> {
  const rows: PeerResult[] = [];
  for (const name of plan.contenders) {
    plan.progress.update(`flood: ${name} for ${plan.seconds} s`);
    const process = new ContenderProcess(name);
    try {
      await process.start('flood', plan.spinIterations);
      rows.push(floodRow(name, await process.flood(plan.seconds, plan.sliceMs)));
    } catch (error) {
      rows.push(failedRow('flood', name, error instanceof Error ? error.message : String(error)));
    } finally {
      await process.kill();
    }
  }
  plan.progress.clear();
  return rows;
}

async function runIdle(plan: ScenarioPlan): Promise<PeerResult[]> {
  plan.progress.update(`idle: ${plan.contenders.join(', ')} for ${plan.seconds} s`);
  const rows = await Promise.all(
    plan.contenders.map(async (name) => {
      const process = new ContenderProcess(name);
      try {
        await process.start(scenarios.idle.name, plan.spinIterations);
        return idleRow(name, await process.idle(plan.seconds));
      } catch (error) {
        return failedRow('idle', name, error instanceof Error ? error.message : String(error));
      } finally {
        await process.stop();
      }
    }),
  );
  plan.progress.clear();
  return rows;
}
