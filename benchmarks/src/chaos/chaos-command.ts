/**
 * `npm run chaos`: has shards die in every way and at every moment there is, under load, and settles the books to the event.
 * Thread: main thread of the process. The same seed gives the same faults; at which instruction a thread is when it ends is up to the machine.
 */
import { seededRandom } from '@ringmain/core';
import { accountFor } from '@ringmain/testkit';
import type { MetricsSnapshot, Runtime } from 'ringmain';
import { createRuntime } from 'ringmain';
import { quantile } from '../measure/statistics.ts';
import { writeJson } from '../report/json-report.ts';
import { Progress } from '../report/progress.ts';
import { ChaosBoard } from './chaos-board.ts';
import type { ChaosEvents } from './chaos-events.ts';
import { events } from './chaos-events.ts';
import { planFaults } from './chaos-faults.ts';
import type { ChaosReport } from './chaos-report.ts';
import { chaosProblems, chaosTable } from './chaos-report.ts';
import { ChaosRun } from './chaos-run.ts';

/** Options of the command. */
export interface ChaosOptions {
  readonly faults: number;
  readonly seed: number;
  /** Mean number of events between two faults. */
  readonly load: number;
  readonly json: string | undefined;
}

const SHARDS = 2;
const BAY_SLOTS = 1024;
/** Deliveries of one thread that can be open at its death: all slots of its bay, and the one being handled. */
const IN_FLIGHT_MAX = BAY_SLOTS + 1;
const SETTLE_MS = 120_000;

/** Runs the faults and prints what was found. Returns false when anything that must hold did not. */
export async function runChaos({ faults, seed, load, json }: ChaosOptions): Promise<boolean> {
  const progress = new Progress();
  console.log(`${faults} faults, seed ${seed}, Node ${process.versions.node}`);
  const board = ChaosBoard.create();
  const account = accountFor(await start());
  const { runtime } = account;
  const random = seededRandom(seed);
  const plan = planFaults(faults, load, random);
  const run = new ChaosRun(runtime, board, random);
  try {
    for (const [index, fault] of plan.entries()) {
      progress.update(`chaos: fault ${index + 1} of ${faults}: ${fault.poison ? 'poison' : `${fault.mode}, ${fault.moment}`}`);
      await run.carryOut(fault, index + 1);
    }
  } catch (error) {
    // What it was doing then is of no use to anybody; its threads would keep the process alive.
    await runtime.close({ timeoutMs: 0 });
    throw error;
  }
  await runtime.drain({ timeoutMs: SETTLE_MS });
  progress.clear();
  const closed = await runtime.close({ timeoutMs: SETTLE_MS });
  const problems: string[] = [];
  try {
    account.check(closed);
  } catch (error) {
    problems.push((error as Error).message);
  }
  const cells: Record<string, number> = {};
  for (const { mode, moment } of plan) cells[`${mode}, ${moment}`] = (cells[`${mode}, ${moment}`] ?? 0) + 1;
  const ms = (timesUs: readonly number[], share: number): number | null => {
    const us = quantile(timesUs, share);
    return us === null ? null : us / 1000;
  };
  const deaths = closed.metrics.restarts;
  const found = {
    node: process.versions.node,
    seed,
    faults,
    deaths,
    published: run.published.reduce((sum, count) => sum + count, 0),
    ...board.audit(run.published),
    duplicateBound: deaths * IN_FLIGHT_MAX,
    ...quarantine(closed.metrics),
    poison: plan.filter(({ poison }) => poison).length,
    recoveryMs: { p50: ms(run.recoveriesUs, 0.5), p99: ms(run.recoveriesUs, 0.99) },
    coldRecoveryMs: ms(run.coldUs, 1),
    cells,
  };
  const report: ChaosReport = { ...found, problems: [...problems, ...chaosProblems(found)] };
  console.log(chaosTable(report));
  if (json !== undefined) writeJson(json, report);
  return report.problems.length === 0;
}

function start(): Promise<Runtime<ChaosEvents>> {
  return createRuntime<ChaosEvents>({
    events,
    config: {
      shards: SHARDS,
      log: { level: 'silent' },
      output: { bytesPerSecondMax: 0 },
      restart: { maxRestarts: 1_000_000 },
      bay: { slots: BAY_SLOTS },
      flow: { ladder: { enabled: false } },
      watchdog: { replaceAfterChecks: 20 },
      // Small, so that a handler that grows without end dies of it soon.
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    },
    subscribers: [new URL('./workers/chaos-handlers.js', import.meta.url)],
  });
}

function quarantine({ groups }: MetricsSnapshot): { quarantined: number; innocents: number } {
  let [quarantined, innocents] = [0, 0];
  for (const { name, deadLettered } of groups) {
    if (name === 'faults') quarantined += deadLettered;
    else innocents += deadLettered;
  }
  return { quarantined, innocents };
}
