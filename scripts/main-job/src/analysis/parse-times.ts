/**
 * How long parsing took, per kind of file.
 * Thread: any.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import { createHistogram } from 'node:perf_hooks';
import type { Events } from '../events.ts';

/** Histograms of parse times. */
export class ParseTimes {
  private readonly kinds = new Map<string, { bytes: number; us: number; readonly histogram: RecordableHistogram }>();

  record({ kind, bytes, parseUs }: Events['file.telemetry']): void {
    let entry = this.kinds.get(kind);
    if (entry === undefined) this.kinds.set(kind, (entry = { bytes: 0, us: 0, histogram: createHistogram() }));
    entry.bytes += bytes;
    entry.us += parseUs;
    entry.histogram.record(Math.max(1, Math.round(parseUs)));
  }

  summarize(kind: string): Events['telemetry.summarized'] {
    const { bytes = 0, us = 0, histogram = createHistogram() } = this.kinds.get(kind) ?? {};
    const [p50Us, p99Us] = [histogram.percentile(50), histogram.percentile(99)];
    return { kind, files: histogram.count, bytes, seconds: us / 1e6, p50Us, p99Us };
  }
}
