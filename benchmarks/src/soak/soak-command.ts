/**
 * `npm run soak`: hours or seconds of overload, with everything that can be asserted asserted.
 * Thread: main thread of the process.
 *
 * 1. Measures how many events a second the handlers can do. 2. Offers three times as many, see `SoakLoader`, and looks at the bounds again and
 * again. 3. Stops, lets everything settle, waits for the ladder to come down, closes, and settles the account to the event.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { seededRandom } from '@ringmain/core';
import { accountFor } from '@ringmain/testkit';
import type { MetricsSnapshot, Runtime } from 'ringmain';
import { createRuntime } from 'ringmain';
import { nowUs } from '../measure/clock.ts';
import { Progress } from '../report/progress.ts';
import { writeJson } from '../report/json-report.ts';
import { spinIterationsFor } from '../stress/measure-capacity.ts';
import { SoakBoard } from './soak-board.ts';
import type { SoakEvents } from './soak-events.ts';
import { events } from './soak-events.ts';
import { SoakLoader } from './soak-load.ts';
import type { SoakReport } from './soak-report.ts';
import { memoryProblems, soakTable } from './soak-report.ts';
import { SoakWatch } from './soak-watch.ts';

/** Options of the command. */
export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly json: string | undefined;
}

const SHARDS = 2;
const HANDLER_US = 100;
const OVERLOAD = 3;
const STAGE_EVENTS = 256;
const CAPACITY_US = 2_000_000;
const LOOK_US = 250_000;
const SAMPLE_US = 1_000_000;
const SETTLE_MS = 120_000;
const CALM_US = 60_000_000;

/** Runs the soak and prints what it found. Returns false when anything that must hold did not. */
export async function runSoak({ seconds, seed, json }: SoakOptions): Promise<boolean> {
  const progress = new Progress();
  console.log(`soak of ${seconds} s, seed ${seed}, Node ${process.versions.node}`);
  const board = SoakBoard.create(spinIterationsFor(HANDLER_US));
  const account = accountFor(await start());
  const { runtime } = account;
  let echoes = 0;
  await runtime.subscribe('echo.made', () => void echoes++, { group: 'echoes' }).ready;
  const capacity = await measureCapacity(runtime);
  const loader = new SoakLoader(runtime, board, seededRandom(seed), capacity * OVERLOAD);
  const watch = new SoakWatch(STAGE_EVENTS);
  await overload({ runtime, board, loader, watch, seconds, progress });
  const problems = await calmDown(runtime, board, loader);
  progress.clear();
  const report = await runtime.close({ timeoutMs: SETTLE_MS });
  try {
    account.check(report);
  } catch (error) {
    problems.push((error as Error).message);
  }
  const result = resultOf({ seconds, seed, capacity, loader, watch, metrics: report.metrics, echoes });
  const found = [...problems, ...watch.problems, ...verdicts(loader), ...memoryProblems(result)];
  const full: SoakReport = { ...result, problems: found };
  console.log(soakTable(full));
  if (json !== undefined) writeJson(json, full);
  return found.length === 0;
}

function start(): Promise<Runtime<SoakEvents>> {
  return createRuntime<SoakEvents>({
    events,
    config: {
      shards: SHARDS,
      log: { level: 'fatal' },
      coordinator: { tickMs: 20, idleTickMs: 100 },
      restart: { maxRestarts: 1_000_000 },
      stage: { events: STAGE_EVENTS, maxWaitMs: 500 },
      lanes: { low: { capacityBytes: 65_536 }, normal: { capacityBytes: 65_536 }, high: { capacityBytes: 65_536 } },
      mesh: { capacityBytes: 65_536 },
      bay: { slots: 4096, bytes: 1_048_576 },
      recordBytesMax: 4096,
      flow: { targetMs: 10, ladder: { stepUpMs: 100, stepDownMs: 300 } },
    },
    subscribers: [new URL('./workers/soak-handlers.js', import.meta.url)],
  });
}

/** Events a second that the slowest group does when it always has something to do. */
async function measureCapacity(runtime: Runtime<SoakEvents>): Promise<number> {
  const delivered = (): number => runtime.metrics().groups.find(({ name }) => name === 'work')?.delivered ?? 0;
  const [startUs, before] = [nowUs(), delivered()];
  for (let n = 1; nowUs() < startUs + CAPACITY_US; n += 2) {
    if (!runtime.publish('load.reject', { key: n, n }).accepted) await runtime.ready('load.reject');
  }
  return ((delivered() - before) * 1e6) / (nowUs() - startUs);
}

interface Overload {
  readonly runtime: Runtime<SoakEvents>;
  readonly board: SoakBoard;
  readonly loader: SoakLoader;
  readonly watch: SoakWatch;
  readonly seconds: number;
  readonly progress: Progress;
}

async function overload({ runtime, board, loader, watch, seconds, progress }: Overload): Promise<void> {
  const startUs = nowUs();
  let [lastUs, lookUs, sampleUs] = [startUs, startUs, startUs];
  while (lastUs < startUs + seconds * 1e6) {
    const now = nowUs();
    loader.step((now - lastUs) / 1e6);
    lastUs = now;
    if (now >= lookUs) {
      watch.look(runtime.metrics());
      lookUs = now + LOOK_US;
    }
    if (now >= sampleUs) {
      watch.sample((now - startUs) / 1e6, board.heapKb(SHARDS) / 1024);
      sampleUs = now + SAMPLE_US;
      const { degradation, restarts } = runtime.metrics();
      progress.update(`soak: ${Math.round((now - startUs) / 1e6)} of ${seconds} s, ${degradation.name}, ${restarts} restarts`);
    }
    await nextTurn();
  }
}

/** Ends the load; everything settles and the ladder comes down. */
async function calmDown(runtime: Runtime<SoakEvents>, board: SoakBoard, loader: SoakLoader): Promise<string[]> {
  board.stopped = false;
  await Promise.all(loader.restartsAsked);
  await runtime.drain({ timeoutMs: SETTLE_MS });
  const endUs = nowUs() + CALM_US;
  const isCalm = (): boolean => runtime.metrics().degradation.rung === 0 && loader.sends.settled === loader.sends.started;
  while (!isCalm() && nowUs() < endUs) await nextTurn();
  const { rung, name } = runtime.metrics().degradation;
  return rung === 0 ? [] : [`the ladder stands at ${name} a minute after the load ended`];
}

function verdicts({ sends, criticalShed, stagedMax }: SoakLoader): string[] {
  const problems: string[] = [];
  if (sends.settled !== sends.started) problems.push(`${sends.started - sends.settled} sends did not settle`);
  if (criticalShed > 0) problems.push(`${criticalShed} critical events were shed`);
  if (stagedMax > STAGE_EVENTS) problems.push(`an outcome told of ${stagedMax} staged events`);
  return problems;
}

interface Facts {
  readonly seconds: number;
  readonly seed: number;
  readonly capacity: number;
  readonly loader: SoakLoader;
  readonly watch: SoakWatch;
  readonly metrics: MetricsSnapshot;
  readonly echoes: number;
}

function resultOf({ seconds, seed, capacity, loader, watch, metrics, echoes }: Facts): Omit<SoakReport, 'problems'> {
  return {
    seconds,
    seed,
    capacityPerSecond: Math.round(capacity),
    offeredPerSecond: Math.round(loader.offered / seconds),
    offered: loader.offered,
    outcomes: loader.outcomes.byStatus(),
    refusals: loader.outcomes.reasons(),
    sends: loader.sends,
    bursts: loader.bursts,
    stops: loader.stops,
    restarts: metrics.restarts,
    echoes,
    looks: watch.looks,
    rungMax: watch.rungMax,
    stagedMax: Math.max(watch.stagedMax, loader.stagedMax),
    stageBound: STAGE_EVENTS,
    groups: metrics.groups,
    conservation: metrics.conservation,
    memory: {
      rss: watch.growth(({ rssMb }) => rssMb),
      mainHeap: watch.growth(({ mainHeapMb }) => mainHeapMb),
      shardHeap: watch.growth(({ shardHeapMb }) => shardHeapMb),
    },
  };
}
