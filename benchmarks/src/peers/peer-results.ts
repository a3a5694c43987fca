/**
 * Collects the slices of one scenario and turns them into the rows of the report.
 * Thread: main thread of the measuring process.
 */
import { type LatencyPercentiles, LatencySamples } from '../measure/latency-samples.ts';
import { median, pairedRatios, quantile, significant } from '../measure/statistics.ts';
import type { ScenarioName } from '../workload/scenarios.ts';
import type { FloodResult, IdleResult, SliceResult } from './child-protocol.ts';
import { BASELINE, BATCHED_RIVAL, POOL_RIVAL } from './contender-registry.ts';

/** One row of the report; null where a figure was not measured. */
export interface PeerResult {
  readonly scenario: ScenarioName;
  readonly contender: string;
  readonly eventsPerSecond: number | null;
  readonly mainCpuUsPerEvent: number | null;
  /** CPU of all threads per event, beyond the handler's own. */
  readonly overheadUs: number | null;
  readonly latencyUs: LatencyPercentiles | null;
  readonly rssGrowthMb: number | null;
  /** Median of the ratios of events per second to `postMessage` in the same round. */
  readonly ratioToPostMessage: number | null;
  readonly ratioToPostMessageQuartiles?: readonly [number | null, number | null];
  readonly ratioToArray100?: number | null;
  readonly ratioToPiscina?: number | null;
  /** Paced only: paired ratios of the slices' p50 and main-thread CPU to `postMessage`. */
  readonly p50RatioToPostMessage?: number | null;
  readonly mainCpuRatioToPostMessage?: number | null;
  /** With a busy neighbour, events per second as a share of the value without one in the same round. */
  readonly busyNeighbourShare?: number | null;
  readonly busyNeighbourShareRatioToPostMessage?: number | null;
  readonly idleCpuShare?: number;
  readonly accepted?: number;
  readonly refused?: number;
  readonly rssCapReached?: boolean;
  readonly handled?: number | null;
  /** Slices that counted. */
  readonly slices?: number;
  /** Why there are no figures. */
  readonly failed?: string;
}

type Series = Map<number, number>;

/** The slices of one contender, by round. */
export class ContenderSeries {
  readonly contender: string;
  failed: string | undefined;
  readonly rate: Series = new Map();
  readonly mainCpu: Series = new Map();
  readonly overhead: Series = new Map();
  readonly p50: Series = new Map();
  readonly neighbourShare: Series = new Map();
  readonly latency = new LatencySamples();

  constructor(contender: string) {
    this.contender = contender;
  }

  /** Takes one slice; with `alone`, the slice before it that had no busy neighbour. */
  add(round: number, slice: SliceResult, alone?: SliceResult): void {
    const rate = slice.events / slice.seconds;
    this.rate.set(round, rate);
    if (alone !== undefined) this.neighbourShare.set(round, rate / (alone.events / alone.seconds));
    if (slice.mainCpuUs !== null) this.mainCpu.set(round, slice.mainCpuUs / slice.events);
    if (slice.handlerUs > 0) this.overhead.set(round, slice.processCpuUs / slice.events - slice.handlerUs);
    if (slice.latency.length > 0) {
      const own = new LatencySamples();
      own.merge(slice.latency);
      this.latency.merge(slice.latency);
      this.p50.set(round, own.percentiles()?.p50 ?? Number.NaN);
    }
  }

  /** Median of one series so far. */
  middle(series: Series): number | null {
    return median([...series.values()]);
  }
}

/** Rows of a scenario that was measured in slices. */
export function sliceRows(scenario: ScenarioName, all: readonly ContenderSeries[]): PeerResult[] {
  const find = (name: string): ContenderSeries | undefined => all.find((series) => series.contender === name);
  const baseline = find(BASELINE);
  const ratio = (own: Series, other: Series | undefined): number | null =>
    other === undefined ? null : significant(median(pairedRatios(own, other)));
  return all.map((series) => {
    if (series.failed !== undefined) return failedRow(scenario, series.contender, series.failed);
    const ratios = baseline === undefined ? [] : pairedRatios(series.rate, baseline.rate);
    return {
      ...emptyRow(scenario, series.contender),
      eventsPerSecond: significant(series.middle(series.rate)),
      mainCpuUsPerEvent: significant(series.middle(series.mainCpu)),
      overheadUs: significant(series.middle(series.overhead)),
      latencyUs: roundedPercentiles(series.latency.percentiles()),
      ratioToPostMessage: significant(median(ratios)),
      ratioToPostMessageQuartiles: [significant(quantile(ratios, 0.25)), significant(quantile(ratios, 0.75))],
      ratioToArray100: ratio(series.rate, find(BATCHED_RIVAL)?.rate),
      ratioToPiscina: ratio(series.rate, find(POOL_RIVAL)?.rate),
      mainCpuRatioToPostMessage: ratio(series.mainCpu, baseline?.mainCpu),
      ...(series.p50.size > 0 && { p50RatioToPostMessage: ratio(series.p50, baseline?.p50) }),
      ...(series.neighbourShare.size > 0 && {
        busyNeighbourShare: significant(series.middle(series.neighbourShare)),
        busyNeighbourShareRatioToPostMessage: ratio(series.neighbourShare, baseline?.neighbourShare),
      }),
      slices: series.rate.size,
    };
  });
}

export function floodRow(contender: string, flood: FloodResult): PeerResult {
  return {
    ...emptyRow('flood', contender),
    eventsPerSecond: significant(flood.accepted / flood.seconds),
    mainCpuUsPerEvent: flood.mainCpuUs === null ? null : significant(flood.mainCpuUs / (flood.accepted + flood.refused)),
    rssGrowthMb: Math.round(flood.rssGrowthMb * 10) / 10,
    accepted: flood.accepted,
    refused: flood.refused,
    rssCapReached: flood.rssCapReached,
    handled: flood.handled,
  };
}

export function idleRow(contender: string, idle: IdleResult): PeerResult {
  return { ...emptyRow('idle', contender), idleCpuShare: significant(idle.cpuShare) ?? 0 };
}

export function failedRow(scenario: ScenarioName, contender: string, failed: string): PeerResult {
  return { ...emptyRow(scenario, contender), failed };
}

function emptyRow(scenario: ScenarioName, contender: string): PeerResult {
  return {
    scenario,
    contender,
    eventsPerSecond: null,
    mainCpuUsPerEvent: null,
    overheadUs: null,
    latencyUs: null,
    rssGrowthMb: null,
    ratioToPostMessage: null,
  };
}

function roundedPercentiles(percentiles: LatencyPercentiles | null): LatencyPercentiles | null {
  if (percentiles === null) return null;
  const rounded = (value: number): number => significant(value) ?? 0;
  return { p50: rounded(percentiles.p50), p95: rounded(percentiles.p95), p99: rounded(percentiles.p99) };
}
