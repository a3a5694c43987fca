/**
 * One bench from an open runtime to its report: load, settle, close.
 *
 * 1. The items are published, over and over, when the schedule says; a signal or a failure of the runtime ends it.
 * 2. Everything accepted settles, and the runtime closes, as after a run.
 *
 * Thread: main.
 */
import type { Clock } from '@ringmain/core';
import { isRingmainError } from '@ringmain/core';
import type { CloseReport, MetricsSnapshot } from 'ringmain';
import { unlessStopped } from '../input/unless-stopped.ts';
import { PeakDepths } from '../report/peak-depths.ts';
import type { Progress } from '../report/progress.ts';
import { buildReport } from '../report/run-report.ts';
import { BAD_INPUT_KEPT_MAX, EVENT_ERRORS } from '../run/feed.ts';
import type { Interrupts } from '../run/interrupts.ts';
import type { RuntimePort } from '../run/runtime-port.ts';
import { settle } from '../run/settle.ts';
import type { BenchLoad, BenchReport } from './bench-report.ts';
import { sampleFigures } from './bench-report.ts';
import { generateLoad } from './generate-load.ts';
import type { LoadPace } from './generate-load.ts';
import { Histogram } from './histogram.ts';
import { LoadSampler, SAMPLE_MS } from './load-sampler.ts';
import type { LoadSchedule } from './load-schedule.ts';
import type { LoadOutcome } from './outcome-counts.ts';
import { OutcomeCounts } from './outcome-counts.ts';
import type { ReplayItems } from './replay-items.ts';

/** What a bench needs. */
export interface BenchParts {
  readonly runtime: RuntimePort;
  readonly items: ReplayItems;
  readonly inputName: string;
  readonly load: BenchLoad;
  readonly schedule: LoadSchedule;
  readonly progress: Progress;
  readonly interrupts: Pick<Interrupts, 'stop' | 'abandon' | 'signal'>;
  readonly clock: Clock;
  /** @defaultValue the pace that publishes promptly */
  readonly pace?: LoadPace;
}

/** How a bench ended. */
export interface BenchResult {
  readonly report: BenchReport;
  /** The error of the runtime, when it failed. */
  readonly failure: unknown;
  /** True when the runtime did not close, so that its threads still run. */
  readonly abandoned: boolean;
}

/** Counts that the parts of a bench share. */
class BenchTally {
  readonly outcomes = new OutcomeCounts();
  readonly lateness = new Histogram();
  readonly depths = new PeakDepths();
  readonly firstBad: { readonly position: number; readonly message: string }[];
  /** Bad lines, and events that can never be published. */
  bad: number;

  constructor({ bad }: ReplayItems) {
    this.bad = bad.length;
    this.firstBad = bad.slice(0, BAD_INPUT_KEPT_MAX);
  }

  /** Notes an event of the input that can never be published. */
  refuse(position: number, message: string): void {
    this.bad += 1;
    if (this.firstBad.length < BAD_INPUT_KEPT_MAX) this.firstBad.push({ position, message });
  }
}

/** Runs to the end. Does not throw for what happens meanwhile; that is part of the result. */
export async function executeBench(parts: BenchParts): Promise<BenchResult> {
  const { runtime, interrupts, clock, progress, schedule } = parts;
  const tally = new BenchTally(parts.items);
  const startUs = clock.monotonicUs();
  const stopper = new AbortController();
  const stop = (): void => stopper.abort();
  interrupts.stop.addEventListener('abort', stop, { once: true });
  if (interrupts.stop.aborted) stop();
  const sampler = new LoadSampler({ clock, metrics: () => runtime.metrics(), ...tally });
  const timer = setInterval(() => {
    const metrics = sampler.take();
    tally.depths.sample(metrics.lanes);
    if (sampler.samples.length % Math.ceil(progress.periodMs / SAMPLE_MS) === 0)
      progress.tick(progressState(metrics, tally), clock.monotonicUs());
    if (runtime.failed !== undefined) stop();
  }, SAMPLE_MS);
  const failure = await loadAndSettle(parts, tally, stopper.signal);
  const endUs = clock.monotonicUs();
  sampler.take();
  const closed = await closeUnlessAbandoned(parts);
  clearInterval(timer);
  interrupts.stop.removeEventListener('abort', stop);
  progress.stop();
  const close = closed ?? unfinished(runtime);
  tally.depths.sample(close.metrics.lanes);
  const { outcomes, lateness, depths, bad, firstBad } = tally;
  const run = buildReport({
    close,
    seconds: (endUs - startUs) / 1e6,
    totals: { published: outcomes.accepted, waits: 0, bad, firstBad },
    queues: depths.list(),
    inputName: parts.inputName,
    inputError: null,
    interruptedBy: interrupts.signal ?? null,
    failure: failure === undefined ? null : messageOf(failure),
  });
  const report: BenchReport = {
    load: parts.load,
    scheduled: schedule.events,
    published: outcomes.total,
    outcomes: outcomes.byStatus(),
    reasons: outcomes.reasons(),
    latenessUs: lateness.summary(),
    ...sampleFigures(sampler.samples),
    run,
    samples: sampler.samples,
  };
  return { report, failure, abandoned: closed === undefined };
}

/** Returns why the runtime failed, if it did. */
async function loadAndSettle(parts: BenchParts, tally: BenchTally, stop: AbortSignal): Promise<unknown> {
  const { runtime, interrupts, schedule, clock, pace } = parts;
  const { outcomes, lateness } = tally;
  const publish = replaying(parts, tally);
  try {
    await generateLoad({ schedule, publish, clock, outcomes, lateness, stop, ...(pace === undefined ? {} : { pace }) });
    if (runtime.failed === undefined) await settle(runtime, interrupts.stop);
    return runtime.failed;
  } catch (error) {
    // The reason why the runtime failed says more than the refusal of the next publish.
    return runtime.failed ?? error;
  }
}

/** Publishes the items in turn; an event that can never be published is an outcome like others. */
function replaying({ runtime, items: { events } }: BenchParts, tally: BenchTally): (index: number) => LoadOutcome {
  return (index) => {
    const item = events[index % events.length];
    if (item === undefined) return { status: 'invalid', accepted: false, reason: 'no events' };
    try {
      return runtime.publish(item.type, item.data, item.options);
    } catch (error) {
      if (!isRingmainError(error) || !EVENT_ERRORS.has(error.code)) throw error;
      // It is refused each time it comes round; the input is bad once.
      if (index < events.length) tally.refuse(index + 1, error.message);
      return { status: 'invalid', accepted: false, reason: error.code };
    }
  };
}

async function closeUnlessAbandoned({ runtime, interrupts }: BenchParts): Promise<CloseReport | undefined> {
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

function progressState(metrics: MetricsSnapshot, { outcomes, bad }: BenchTally) {
  return {
    events: outcomes.total,
    bad,
    inFlight: metrics.conservation.inFlight,
    depthBytes: metrics.lanes.reduce((sum, lane) => sum + lane.depthBytes, 0),
    // A bench has no bytes to read; its progress is counted in events.
    bytesRead: outcomes.total,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
