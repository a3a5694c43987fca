/** The fullest the lanes of each priority were, over the samples taken while a run went on. */
import type { LaneMetrics } from 'ringmain';

/** The fullest lane of one priority. */
export interface PeakDepth {
  readonly priority: string;
  readonly producer: string;
  readonly consumer: string;
  readonly depthBytes: number;
  readonly capacityBytes: number;
  /** Bytes in all lanes of this priority at the last sample. */
  readonly lastDepthBytes: number;
}

/** Collects samples. */
export class PeakDepths {
  private readonly peaks = new Map<string, PeakDepth>();

  /** Takes one sample of all lanes. */
  sample(lanes: readonly LaneMetrics[]): void {
    const totals = new Map<string, number>();
    for (const lane of lanes) totals.set(lane.priority, (totals.get(lane.priority) ?? 0) + lane.depthBytes);
    for (const { priority, producer, consumer, depthBytes, capacityBytes } of lanes) {
      const peak = this.peaks.get(priority);
      const lastDepthBytes = totals.get(priority) ?? 0;
      if (peak === undefined || depthBytes > peak.depthBytes) {
        this.peaks.set(priority, { priority, producer, consumer, depthBytes, capacityBytes, lastDepthBytes });
      } else if (peak.lastDepthBytes !== lastDepthBytes) {
        this.peaks.set(priority, { ...peak, lastDepthBytes });
      }
    }
  }

  /** The peaks, in the order in which the priorities were first seen. */
  list(): PeakDepth[] {
    return [...this.peaks.values()];
  }
}
