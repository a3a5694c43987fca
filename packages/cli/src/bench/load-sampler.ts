/**
 * Looks at a running load every so often: rates, depths, outcomes, latencies, memory, CPU. Reads only what others count.
 * Thread: main; called by a timer.
 */
import type { Clock } from '@ringmain/core';
import type { MetricsSnapshot } from 'ringmain';
import type { Histogram } from './histogram.ts';
import { mainThreadCpuUs } from './main-thread-cpu.ts';
import type { OutcomeCounts } from './outcome-counts.ts';
import { countsBetween } from './outcome-counts.ts';

/** Milliseconds between two samples. */
export const SAMPLE_MS = 100;

/** Latency percentiles of one name, in microseconds. */
export interface NamedLatency {
  readonly name: string;
  readonly p50: number;
  readonly p99: number;
}

/** One look. Rates and outcomes are those of the time since the look before. */
export interface LoadSample {
  /** Milliseconds since the sampler was made. */
  readonly atMs: number;
  readonly publishedPerSecond: number;
  readonly handledPerSecond: number;
  readonly rejectedPerSecond: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Bytes in all lanes. */
  readonly depthBytes: number;
  readonly inFlight: number;
  /** Percentiles; those of the metrics are over everything since the start. */
  readonly latencies: readonly NamedLatency[];
  /** How late publishes were, in microseconds. */
  readonly latenessP99Us: number;
  readonly rssBytes: number;
  /** Share of one core that the main thread took, or null where the system does not say. */
  readonly mainCpu: number | null;
  /** Rung of the degradation ladder. */
  readonly degradation: string;
}

/** Where a sampler looks. */
export interface SampleSources {
  readonly clock: Pick<Clock, 'monotonicUs'>;
  readonly metrics: () => MetricsSnapshot;
  readonly outcomes: OutcomeCounts;
  readonly lateness: Histogram;
  /** Percentiles of the last interval, where the load measures them itself. */
  readonly latencies?: () => readonly NamedLatency[];
}

/** Collects samples. */
export class LoadSampler {
  readonly samples: LoadSample[] = [];
  private readonly sources: SampleSources;
  private readonly startUs: number;
  private lastUs: number;
  private lastOutcomes: Record<string, number> = {};
  private lastAccounted: number;
  private lastCpuUs: number | null;

  constructor(sources: SampleSources) {
    this.sources = sources;
    this.startUs = sources.clock.monotonicUs();
    this.lastUs = this.startUs;
    this.lastAccounted = sources.metrics().conservation.accounted;
    this.lastCpuUs = mainThreadCpuUs();
  }

  /** Takes one sample, and returns the metrics it was made of. */
  take(): MetricsSnapshot {
    const { clock, outcomes, lateness, latencies } = this.sources;
    const metrics = this.sources.metrics();
    const nowUs = clock.monotonicUs();
    const seconds = Math.max(1, nowUs - this.lastUs) / 1e6;
    const cpuUs = mainThreadCpuUs();
    const byStatus = outcomes.byStatus();
    const fresh = countsBetween(this.lastOutcomes, byStatus);
    const { accounted, inFlight } = metrics.conservation;
    this.samples.push({
      atMs: Math.round((nowUs - this.startUs) / 1000),
      publishedPerSecond: Math.round(Object.values(fresh).reduce((sum, count) => sum + count, 0) / seconds),
      handledPerSecond: Math.round((accounted - this.lastAccounted) / seconds),
      rejectedPerSecond: Math.round((fresh['rejected'] ?? 0) / seconds),
      outcomes: fresh,
      depthBytes: metrics.lanes.reduce((sum, lane) => sum + lane.depthBytes, 0),
      inFlight,
      latencies: latencies === undefined ? latenciesSoFar(metrics) : latencies(),
      latenessP99Us: lateness.takeInterval().p99,
      rssBytes: process.memoryUsage.rss(),
      mainCpu: cpuUs === null || this.lastCpuUs === null ? null : (cpuUs - this.lastCpuUs) / (seconds * 1e6),
      degradation: degradationOf(metrics),
    });
    this.lastUs = nowUs;
    this.lastOutcomes = byStatus;
    this.lastAccounted = accounted;
    this.lastCpuUs = cpuUs;
    return metrics;
  }
}

/** States of the degradation ladder in the samples, each once. */
export function statesSeen(samples: readonly LoadSample[]): string[] {
  return [...new Set(samples.map(({ degradation }) => degradation))];
}

function latenciesSoFar({ groups }: MetricsSnapshot): NamedLatency[] {
  return groups.filter(({ latencyUs }) => latencyUs.count > 0).map(({ name, latencyUs: { p50, p99 } }) => ({ name, p50, p99 }));
}

function degradationOf({ degradation }: MetricsSnapshot): string {
  return degradation.name;
}
