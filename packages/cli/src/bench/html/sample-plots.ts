/**
 * The plots of a load, made of its samples.
 * Thread: any; pure.
 */
import { formatBytes, formatCount, formatUs } from '../../report/format-values.ts';
import type { LoadSample } from '../load-sampler.ts';
import type { Plot, PlotSeries } from './svg-plot.ts';

/** What a plot of samples says about itself. */
export interface SamplePlotTexts {
  /** What the latencies are, such as `publish to handler, since the start`. */
  readonly latency: string;
}

/** Latencies, depth, outcomes, rates, memory and CPU over time; only those that have something to show. */
export function samplePlots(samples: readonly LoadSample[], texts: SamplePlotTexts): Plot[] {
  if (samples.length === 0) return [];
  const seconds = samples.map(({ atMs }) => atMs / 1000);
  const lines = (title: string, description: string, series: PlotSeries[], format: Plot['format']): Plot => ({
    title,
    description,
    kind: 'lines',
    seconds,
    series,
    format,
  });
  const of = (name: string, value: (sample: LoadSample) => number | null): PlotSeries => ({ name, values: samples.map(value) });
  const latency = (percentile: 'p50' | 'p99', extra: readonly PlotSeries[]): Plot => ({
    ...lines(
      `Latency ${percentile}, ${texts.latency}`,
      `The ${percentile} of each name over time, on a logarithmic axis.`,
      [...latencySeries(samples, percentile), ...extra],
      formatUs,
    ),
    axis: 'logarithmic',
  });
  const bytes = (title: string, description: string, series: PlotSeries): Plot => ({
    ...lines(title, description, [series], formatBytes),
    axis: 'bytes',
  });
  return [
    latency('p50', []),
    latency('p99', [of('generator late', (sample) => sample.latenessP99Us)]),
    bytes(
      'Queue depth',
      'Bytes in all lanes over time.',
      of('bytes in lanes', (sample) => sample.depthBytes),
    ),
    {
      ...lines('Outcomes per second', 'What publishes were answered over time, stacked.', outcomeSeries(samples), formatCount),
      kind: 'stacked',
    },
    lines(
      'Events per second',
      'Publishes attempted and deliveries settled over time; an event has one delivery per group.',
      [of('published', (sample) => sample.publishedPerSecond), of('settled', (sample) => sample.handledPerSecond)],
      formatCount,
    ),
    bytes(
      'Memory',
      'Resident memory of the process over time.',
      of('resident', (sample) => sample.rssBytes),
    ),
    ...(samples.every(({ mainCpu }) => mainCpu === null)
      ? []
      : [
          lines(
            'CPU of the main thread',
            'Share of one core over time; the generator itself takes what is left of it.',
            [of('main thread', (sample) => sample.mainCpu)],
            (share) => `${Math.round(share * 100)} %`,
          ),
        ]),
  ];
}

function latencySeries(samples: readonly LoadSample[], percentile: 'p50' | 'p99'): PlotSeries[] {
  const names = [...new Set(samples.flatMap(({ latencies }) => latencies.map(({ name }) => name)))];
  return names.map((name) => ({
    name,
    values: samples.map(({ latencies }) => latencies.find((each) => each.name === name)?.[percentile] ?? null),
  }));
}

function outcomeSeries(samples: readonly LoadSample[]): PlotSeries[] {
  const statuses = [...new Set(samples.flatMap(({ outcomes }) => Object.keys(outcomes)))];
  return statuses.map((name) => ({
    name,
    values: samples.map(({ outcomes, atMs }, index) => {
      const lengthMs = atMs - (samples[index - 1]?.atMs ?? 0);
      return lengthMs > 0 ? ((outcomes[name] ?? 0) * 1000) / lengthMs : 0;
    }),
  }));
}
