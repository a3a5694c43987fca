/**
 * `npm run bench -- recovery`: kills shards under load and measures from the thread's exit to the first delivery of its successor,
 * with the main thread publishing, and with the main thread blocked.
 * Thread: main. The times come from the shards and the coordinator; the main thread only reads them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createRuntime, type Runtime } from 'ringmain';
import { nowUs } from '../measure/clock.ts';
import { describeMoment, type MachineFacts, machineFacts, machineMoment } from '../measure/machine-facts.ts';
import { quantile, significant } from '../measure/statistics.ts';
import { writeJson } from '../report/json-report.ts';
import { Progress } from '../report/progress.ts';
import { numberText, textTable } from '../report/text-table.ts';
import { events } from './recovery-events.ts';

const SHARDS = 2;
const KEYS = 64;
const BURST = 256;
const BLOCKED_US = 2_000_000;
/** A recovery that takes longer than this is none. */
const PATIENCE_US = 30_000_000;

/** How the main thread behaves meanwhile. */
type MainThread = 'publishing' | 'blocked for 2 s';

/** One row of the report; times in milliseconds. */
export interface RecoveryResult {
  readonly mainThread: MainThread;
  readonly death: 'terminate' | 'process.exit';
  readonly faults: number;
  readonly recoveryMs: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null };
}

/** The JSON report. */
export interface RecoveryReport {
  readonly machine: MachineFacts;
  readonly node: string;
  readonly results: readonly RecoveryResult[];
}

type LoadedRuntime = Runtime<{ 'load.offered': { id: number; key: number }; 'fault.raised': { key: number } }>;

/** Runs the measurement, prints a table and writes the JSON report. */
export async function runRecovery(options: { readonly faults: number; readonly json: string | undefined }): Promise<void> {
  const progress = new Progress();
  const before = await machineMoment();
  console.log(`Node ${process.versions.node}\n${describeMoment('before', before)}`);
  const results: RecoveryResult[] = [];
  for (const death of ['terminate', 'process.exit'] as const) {
    results.push(await measure('publishing', death, options.faults, progress));
  }
  // The main thread can ask for a terminate only while it is not blocked.
  results.push(await measure('blocked for 2 s', 'process.exit', Math.ceil(options.faults / 10), progress));
  progress.clear();
  const after = await machineMoment();
  console.log(`\n${recoveryTable(results)}\n\n${describeMoment('after', after)}`);
  const report: RecoveryReport = { machine: machineFacts(before, after), node: process.versions.node, results };
  if (options.json !== undefined) writeJson(options.json, report);
}

async function measure(
  mainThread: MainThread,
  death: RecoveryResult['death'],
  faults: number,
  progress: Progress,
): Promise<RecoveryResult> {
  const runtime: LoadedRuntime = await createRuntime({
    events,
    config: { shards: SHARDS, log: { level: 'fatal' }, restart: { maxRestarts: 1_000_000 } },
    subscribers: [new URL('./recovery-handlers.js', import.meta.url)],
  });
  const timesUs: number[] = [];
  for (let fault = 0; fault < faults; fault++) {
    progress.update(`recovery: ${mainThread}, ${death}, fault ${fault + 1}/${faults}`);
    // Without a spare that waits, the measurement would be one of a cold start.
    do await offer(runtime, 20_000);
    while (!runtime.metrics().spareReady);
    const { restarts, recoveryUs } = runtime.metrics();
    const shard = fault % SHARDS;
    if (death === 'terminate') void runtime.restartShard(shard);
    else while (!runtime.publish('fault.raised', { key: fault }).accepted) await runtime.ready();
    if (mainThread !== 'publishing') block(runtime);
    timesUs.push(...(await recovered(runtime, restarts, recoveryUs)));
  }
  const { metrics } = await runtime.close();
  if (!metrics.conservation.holds || metrics.conservation.inFlight !== 0) throw new Error('events were lost');
  const times = timesUs.map((us) => us / 1000);
  const ms = (share: number): number | null => significant(quantile(times, share));
  return { mainThread, death, faults: times.length, recoveryMs: { p50: ms(0.5), p99: ms(0.99), max: ms(1) } };
}

/** Publishes for a while, and leaves the event loop its turns. */
async function offer(runtime: LoadedRuntime, lengthUs: number): Promise<void> {
  const end = nowUs() + lengthUs;
  for (let id = 0; nowUs() < end;) {
    for (let count = 0; count < BURST; count++, id++) {
      if (!runtime.publish('load.offered', { id, key: id % KEYS }).accepted) await runtime.ready();
    }
    await nextTurn();
  }
}

/** Keeps the main thread busy without a turn of its event loop, publishing a little to every shard as a long computation might. */
function block(runtime: LoadedRuntime): void {
  const end = nowUs() + BLOCKED_US;
  for (let id = 0, next = 0; nowUs() < end;) {
    if (nowUs() < next) continue;
    next = nowUs() + 1000;
    for (let count = 0; count < SHARDS * 4; count++, id++) runtime.publish('load.offered', { id, key: id % KEYS });
  }
}

/** Offers load until the shard that died has been replaced and delivers again; its recovery in microseconds. */
async function recovered(runtime: LoadedRuntime, restarts: number, before: readonly (number | null)[]): Promise<number[]> {
  const end = nowUs() + PATIENCE_US;
  while (nowUs() < end) {
    const { restarts: now, recoveryUs } = runtime.metrics();
    if (now > restarts && recoveryUs.every((us, shard) => us !== null || before[shard] === null)) {
      const changed = recoveryUs.filter((us, shard): us is number => us !== null && us !== before[shard]);
      if (changed.length > 0) return changed;
    }
    await offer(runtime, 2000);
  }
  throw new Error('a shard did not come back');
}

function recoveryTable(results: readonly RecoveryResult[]): string {
  return textTable(
    ['main thread', 'death', 'faults', 'p50 ms', 'p99 ms', 'max ms'],
    results.map(({ mainThread, death, faults, recoveryMs: { p50, p99, max } }) => [
      mainThread,
      death,
      String(faults),
      numberText(p50),
      numberText(p99),
      numberText(max),
    ]),
  );
}
