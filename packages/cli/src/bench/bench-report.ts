/** What a bench did, as `--json` writes it: the report of a run, and what the load was answered. */
import type { RunReport } from '../report/run-report.ts';
import type { HistogramSummary } from './histogram.ts';
import type { LoadSample } from './load-sampler.ts';
import { statesSeen } from './load-sampler.ts';

/** The load that was asked for. */
export interface BenchLoad {
  /** Events per second, one number per step. */
  readonly rates: readonly number[];
  /** Events due at the same moment. */
  readonly burst: number;
  /** Length of all steps together. */
  readonly seconds: number;
}

/** The report of a bench. */
export interface BenchReport {
  readonly load: BenchLoad;
  /** Events the schedule holds. */
  readonly scheduled: number;
  /** Publishes attempted. */
  readonly published: number;
  /** Publishes by what they were answered; `invalid` are those that threw. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Refusals by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** How late publishes began after they were due, in microseconds. Add it to the latencies of the groups to judge them. */
  readonly latenessUs: HistogramSummary;
  /** Highest resident memory seen. */
  readonly rssPeakBytes: number;
  /** Mean share of one core that the main thread took, the generator included; null where the system does not say. */
  readonly mainCpu: number | null;
  /** States of the degradation ladder that were seen, in order of their first sight; empty where there is no ladder. */
  readonly degradation: readonly string[];
  readonly run: RunReport;
  readonly samples: readonly LoadSample[];
}

/** Highest and mean figures of samples. */
export function sampleFigures(samples: readonly LoadSample[]): Pick<BenchReport, 'rssPeakBytes' | 'mainCpu' | 'degradation'> {
  const shares = samples.map(({ mainCpu }) => mainCpu).filter((share) => share !== null);
  return {
    rssPeakBytes: samples.reduce((peak, { rssBytes }) => Math.max(peak, rssBytes), 0),
    mainCpu: shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length,
    degradation: statesSeen(samples),
  };
}
