/**
 * One run from an open runtime to its report: feed, settle, close.
 *
 * 1. The source is published until it ends, a signal comes, or the runtime fails.
 * 2. Everything accepted settles; a signal bounds this by the time for closing.
 * 3. The runtime closes; a second signal cuts this short.
 * 4. The report is built from the metrics of the closed runtime.
 *
 * Thread: main.
 */
import type { Clock } from '@ringmain/core';
import { describeError, isRingmainError } from '@ringmain/core';
import type { CloseReport, MetricsSnapshot } from 'ringmain';
import type { InputSource } from '../input/input-source.ts';
import { unlessStopped } from '../input/unless-stopped.ts';
import { PeakDepths } from '../report/peak-depths.ts';
import type { Progress, ProgressState } from '../report/progress.ts';
import { buildReport } from '../report/run-report.ts';
import type { RunReport } from '../report/run-report.ts';
import { feed, feedTotals } from './feed.ts';
import type { FeedTotals } from './feed.ts';
import type { Interrupts } from './interrupts.ts';
import type { RuntimePort } from './runtime-port.ts';
import { settle } from './settle.ts';

/** Milliseconds between two looks at the queues. */
const SAMPLE_MS = 100;

/** What a run needs. */
export interface RunParts {
  readonly runtime: RuntimePort;
  readonly source: InputSource;
  readonly progress: Progress;
  readonly interrupts: Pick<Interrupts, 'stop' | 'abandon' | 'signal'>;
  readonly clock: Clock;
  readonly strict: boolean;
}

/** How a run ended. */
export interface RunResult {
  readonly report: RunReport;
  /** The error of the runtime, when it failed. */
  readonly failure: unknown;
  /** True when the runtime did not close, so that its threads still run. */
  readonly abandoned: boolean;
}

/** What is known when everything fed has settled or never will. */
interface Fed {
  readonly inputError: string | null;
  readonly failure: unknown;
  readonly endUs: number;
}

/** Runs to the end. Does not throw for what happens during the run; that is part of the result. */
export async function executeRun(parts: RunParts): Promise<RunResult> {
  const { runtime, source, progress, interrupts, clock } = parts;
  const totals = feedTotals();
  const depths = new PeakDepths();
  const startUs = clock.monotonicUs();
  const stopper = new AbortController();
  const stop = (): void => stopper.abort();
  interrupts.stop.addEventListener('abort', stop, { once: true });
  if (interrupts.stop.aborted) stop();
  let samples = 0;
  const sampler = setInterval(() => {
    samples += 1;
    const metrics = runtime.metrics();
    depths.sample(metrics.lanes);
    if (samples % Math.ceil(progress.periodMs / SAMPLE_MS) === 0)
      progress.tick(progressState(metrics, totals, source), clock.monotonicUs());
    // The source may be waiting for input that no longer matters.
    if (runtime.failed !== undefined) stop();
  }, SAMPLE_MS);
  const fed = await feedAndSettle(parts, totals, stopper.signal);
  const closed = await closeUnlessAbandoned(parts);
  clearInterval(sampler);
  interrupts.stop.removeEventListener('abort', stop);
  progress.stop();
  const close = closed ?? unfinished(runtime);
  depths.sample(close.metrics.lanes);
  const report = buildReport({
    close,
    seconds: (fed.endUs - startUs) / 1e6,
    totals,
    queues: depths.list(),
    inputName: source.name,
    inputError: fed.inputError,
    interruptedBy: interrupts.signal ?? null,
    failure: fed.failure === undefined ? null : messageOf(fed.failure),
  });
  return { report, failure: fed.failure, abandoned: closed === undefined };
}

async function feedAndSettle(parts: RunParts, totals: FeedTotals, stop: AbortSignal): Promise<Fed> {
  const { runtime, interrupts, clock } = parts;
  let inputError: string | null = null;
  let failure: unknown;
  try {
    inputError = await feedAll(parts, totals, stop);
    if (runtime.failed === undefined) await settle(runtime, interrupts.stop);
  } catch (error) {
    failure = error;
  }
  // The reason why the runtime failed says more than the refusal of the next publish.
  return { inputError, failure: runtime.failed ?? failure, endUs: clock.monotonicUs() };
}

/** Feeds everything; returns why the input broke off, if it did. Failures of the runtime are thrown. */
async function feedAll(
  { source, runtime, progress, strict }: RunParts,
  totals: FeedTotals,
  stop: AbortSignal,
): Promise<string | null> {
  try {
    await feed({ source, runtime, totals, strict, stop, onBad: (error) => progress.note(error.message) });
    return null;
  } catch (error) {
    if (!isRingmainError(error, 'RINGMAIN_INPUT_INVALID')) throw error;
    progress.note(error.message);
    return error.message;
  }
}

async function closeUnlessAbandoned({ runtime, interrupts }: RunParts): Promise<CloseReport | undefined> {
  try {
    return await unlessStopped(runtime.close(), interrupts.abandon);
  } catch {
    // A close that fails leaves the same situation as one that was cut short: threads may still run.
    return undefined;
  }
}

/** Stands in for the report of a close that did not come to its end. */
function unfinished(runtime: RuntimePort): CloseReport {
  const metrics = runtime.metrics();
  return {
    drained: false,
    seconds: metrics.uptimeMs / 1000,
    metrics,
    abandoned: metrics.conservation.inFlight,
    unpublished: 0,
    phases: [],
  };
}

function progressState(metrics: MetricsSnapshot, totals: FeedTotals, source: InputSource): ProgressState {
  return {
    events: totals.published,
    bad: totals.bad,
    inFlight: metrics.conservation.inFlight,
    depthBytes: metrics.lanes.reduce((sum, lane) => sum + lane.depthBytes, 0),
    bytesRead: source.bytesRead,
  };
}

function messageOf(error: unknown): string {
  return describeError(error).message;
}
