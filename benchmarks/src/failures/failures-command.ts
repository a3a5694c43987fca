/**
 * `npm run bench -- failures`: events whose handlers always fail, through all of their retries to dead letters.
 * Thread: main.
 *
 * 1. With a retry budget that is never empty: every event is tried as often as it may be and no more, every one leaves a letter, and neither the process nor the
 *    store of letters grows.
 * 2. With the default budget: retries stay within it, and everything else leaves its letter at once.
 */
import { createRuntime } from 'ringmain';
import { nowUs } from '../measure/clock.ts';
import { restingRssMb } from '../measure/collect-garbage.ts';
import { significant } from '../measure/statistics.ts';
import { writeJson } from '../report/json-report.ts';
import { Progress } from '../report/progress.ts';
import { numberText, textTable } from '../report/text-table.ts';
import { keysOfShards } from '../workload/keys-of-shards.ts';
import { events } from './failures-events.ts';
import { ATTEMPTS } from './failures-handlers.ts';

/** What to run. */
export interface FailuresOptions {
  /** Failures of each part; a multiple of the attempts is made of it. */
  readonly failures: number;
  readonly json: string | undefined;
}

/** What a part found. */
export interface FailuresPart {
  readonly budget: 'open' | 'default';
  readonly events: number;
  /** Calls of the handler, counted by itself. */
  readonly calls: number;
  readonly retried: number;
  /** Most retries that the budget allows. */
  readonly retriesMax: number;
  readonly deadLettered: number;
  readonly letters: number;
  readonly lettersMax: number;
  readonly seconds: number;
  /** Growth of the process from the first quarter to the last, at rest. */
  readonly grownMb: number;
  /** What the conservation law says. */
  readonly holds: boolean;
}

/** The JSON report. */
export interface FailuresReport {
  readonly node: string;
  readonly parts: readonly FailuresPart[];
  /** What did not hold; empty when everything did. */
  readonly problems: readonly string[];
}

const SHARDS = 2;
const QUARTERS = 4;
const LETTERS_MAX = 500;
const TEXT = 'x'.repeat(500);
/** Budget of the configuration, and how long it keeps what was not used. */
const BUDGET = { ratio: 0.2, perSecondMin: 10 };
const KEPT_SECONDS = 10;
/** What so many events publish in between is many times as much; a shorter run still warms up. */
const GROWN_MB_MAX = 24;
const JUDGED_EVENTS = 100_000;

/** Runs both parts, prints them and writes the JSON report; false when something did not hold. */
export async function runFailures({ failures, json }: FailuresOptions): Promise<boolean> {
  const progress = new Progress();
  const parts: FailuresPart[] = [];
  for (const budget of ['open', 'default'] as const) {
    progress.update(`failures: ${budget} budget`);
    parts.push(await runPart(budget, Math.ceil(failures / ATTEMPTS)));
  }
  progress.clear();
  const report: FailuresReport = { node: process.versions.node, parts, problems: parts.flatMap(problemsOf) };
  console.log(`Node ${report.node}\n${tableOf(parts)}`);
  for (const problem of report.problems) console.log(problem);
  if (json !== undefined) writeJson(json, report);
  return report.problems.length === 0;
}

/** Has so many events fail. */
export async function runPart(budget: FailuresPart['budget'], count: number): Promise<FailuresPart> {
  const runtime = await open(budget);
  const startedUs = nowUs();
  const rss: number[] = [];
  let published = 0;
  for (let quarter = 1; quarter <= QUARTERS; quarter++) {
    for (; published < (count * quarter) / QUARTERS; published++) {
      while (!runtime.publish('work.failing', { id: published, text: TEXT }).accepted) await runtime.ready('work.failing');
    }
    await runtime.drain();
    rss.push(await restingRssMb());
  }
  const seconds = (nowUs() - startedUs) / 1e6;
  const calls = await callsOf(runtime);
  const { metrics } = await runtime.close();
  const { retried = 0, deadLettered = 0 } = metrics.groups.find(({ name }) => name === 'failing') ?? {};
  return {
    budget,
    events: published,
    calls,
    retried,
    retriesMax:
      budget === 'open'
        ? published * (ATTEMPTS - 1)
        : Math.ceil(BUDGET.ratio * published + BUDGET.perSecondMin * (seconds + KEPT_SECONDS)),
    deadLettered,
    letters: metrics.deadLetters.count,
    lettersMax: LETTERS_MAX,
    seconds,
    grownMb: (rss.at(-1) ?? 0) - (rss[0] ?? 0),
    holds: metrics.conservation.holds,
  };
}

/** What of a part does not hold. */
export function problemsOf(part: FailuresPart): string[] {
  const { budget, calls, retried, retriesMax, deadLettered, letters, lettersMax, grownMb } = part;
  const checks: readonly (readonly [boolean, string])[] = [
    [calls === part.events + retried, `${calls} calls for ${part.events} events and ${retried} retries`],
    [budget !== 'open' || retried === retriesMax, `${retried} retries where ${retriesMax} were due`],
    [retried <= retriesMax, `${retried} retries where the budget allows ${retriesMax}`],
    [deadLettered === part.events, `${deadLettered} dead letters for ${part.events} events`],
    [letters <= lettersMax, `${letters} letters are kept`],
    [part.events < JUDGED_EVENTS || grownMb < GROWN_MB_MAX, `the process grew by ${numberText(grownMb)} MB`],
    [part.holds, 'published, handled and dead events do not add up'],
  ];
  return checks.filter(([holds]) => !holds).map(([, text]) => `${budget} budget: ${text}`);
}

async function open(budget: FailuresPart['budget']) {
  return createRuntime({
    events,
    config: {
      shards: SHARDS,
      log: { level: 'silent' },
      retry: { budget: budget === 'open' ? { ratio: ATTEMPTS, perSecondMin: 1_000_000 } : BUDGET },
      deadLetters: { max: LETTERS_MAX },
    },
    subscribers: [new URL('./failures-handlers.js', import.meta.url)],
  });
}

/** How often the handler was called. */
async function callsOf(runtime: Awaited<ReturnType<typeof open>>): Promise<number> {
  const counts: number[] = [];
  await new Promise<void>((resolve) => {
    const told = runtime.subscribe('calls.told', ({ data }) => void (counts.push(data.count) === SHARDS && resolve()));
    void told.ready.then(() => keysOfShards(SHARDS).forEach((key) => runtime.publish('calls.ask', { key })));
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

function tableOf(parts: readonly FailuresPart[]): string {
  return textTable(
    ['budget', 'events', 'calls', 'retries', 'allowed', 'dead letters', 'kept', 'seconds', 'MB grown'],
    parts.map((part) => [
      part.budget,
      ...[
        part.events,
        part.calls,
        part.retried,
        part.retriesMax,
        part.deadLettered,
        part.letters,
        part.seconds,
        part.grownMb,
      ].map((value) => numberText(significant(value))),
    ]),
  );
}
