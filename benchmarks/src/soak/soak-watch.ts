/**
 * Looks at a runtime under load, again and again: bounds that must hold at every look, and memory that must not grow.
 * Thread: main.
 */
import type { MetricsSnapshot } from 'ringmain';
import { collectGarbage } from '../measure/collect-garbage.ts';

/** Memory at one look. */
export interface MemorySample {
  readonly seconds: number;
  readonly rssMb: number;
  /** Heap of the main thread after its garbage was collected. */
  readonly mainHeapMb: number;
  /** Heaps of the shards together, garbage included. */
  readonly shardHeapMb: number;
}

/** Growth of a figure over the second part of a run. */
export interface Growth {
  /** Slope of the line of least squares. */
  readonly mbPerMinute: number;
  /** Medians of the first and the last quarter of what was judged. */
  readonly firstMb: number;
  readonly lastMb: number;
}

/** Share of a run that is warm-up: heaps, caches and lanes fill. */
const WARM_UP = 1 / 3;

/** Watches one run. */
export class SoakWatch {
  readonly samples: MemorySample[] = [];
  readonly problems = new Set<string>();
  rungMax = 0;
  stagedMax = 0;
  looks = 0;
  readonly #stageMax: number;

  /** @param stageMax - events that a publisher may stage */
  constructor(stageMax: number) {
    this.#stageMax = stageMax;
  }

  /** Bounds that must hold at any time. */
  look(metrics: MetricsSnapshot): void {
    this.looks++;
    this.rungMax = Math.max(this.rungMax, metrics.degradation.rung);
    for (const { name, staged } of metrics.publishers) {
      this.stagedMax = Math.max(this.stagedMax, staged);
      if (staged > this.#stageMax) this.problems.add(`${name} has staged more than ${this.#stageMax} events`);
    }
    for (const { producer, consumer, priority, depthBytes, capacityBytes } of metrics.lanes) {
      if (depthBytes < 0 || depthBytes > capacityBytes)
        this.problems.add(`the lane of ${priority} from ${producer} to ${consumer} left its bounds`);
    }
    for (const { name, inFlight } of metrics.groups) {
      if (inFlight < 0) this.problems.add(`group ${name} settled more than was published`);
    }
  }

  /** Takes a sample of memory. */
  sample(seconds: number, shardHeapMb: number): void {
    collectGarbage();
    const { rss, heapUsed } = process.memoryUsage();
    this.samples.push({ seconds, rssMb: rss / 2 ** 20, mainHeapMb: heapUsed / 2 ** 20, shardHeapMb });
  }

  /** How a figure grew once everything was warm. */
  growth(of: (sample: MemorySample) => number): Growth {
    const warm = this.samples.slice(Math.floor(this.samples.length * WARM_UP));
    const quarter = Math.max(1, warm.length >> 2);
    return {
      mbPerMinute: slope(warm.map((sample) => [sample.seconds / 60, of(sample)])),
      firstMb: middle(warm.slice(0, quarter).map(of)),
      lastMb: middle(warm.slice(-quarter).map(of)),
    };
  }
}

function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  let [above, below] = [0, 0];
  for (const [x, y] of points) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  return below === 0 ? 0 : above / below;
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
