/**
 * Writes the scheduling weights of every thread; `AdaptiveWeights` decides them.
 * Thread: the coordinator.
 */
import { AdaptiveWeights } from '@ringmain/policy';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { ControlWords } from './control-words.ts';

/** Weights of all threads. */
export class WeightControl {
  private readonly words: ControlWords;
  private readonly configured: readonly number[];
  private readonly consumers: readonly AdaptiveWeights[];

  constructor(words: ControlWords, { scheduling, flow }: Pick<RuntimeConfig, 'scheduling' | 'flow'>) {
    const { weights, adaptive } = scheduling;
    this.words = words;
    this.configured = [1, weights.high, weights.normal, weights.low];
    this.consumers = adaptive ? Array.from({ length: words.threadCount }, () => new AdaptiveWeights(flow.intervalMs * 1000)) : [];
    // What a coordinator before this one decided is of no use to anyone.
    for (let consumer = 0; consumer < words.threadCount; consumer++) {
      words.writeWeights(consumer, [0, 0, 0, 0]);
      words.announce(consumer);
    }
  }

  /** True while the configured weights are in force everywhere. */
  get isConfigured(): boolean {
    return this.consumers.every(({ isConfigured }) => isConfigured);
  }

  /**
   * Takes one look.
   *
   * @param standing - gives the bit mask of a consumer's priorities that stand
   * @param isDegraded - true while a rung of the ladder is in force
   */
  update(standing: (consumer: number) => number, nowUs: number, isDegraded: boolean): void {
    for (const [consumer, adaptive] of this.consumers.entries()) {
      if (!adaptive.update(standing(consumer), nowUs, isDegraded)) continue;
      this.words.writeWeights(
        consumer,
        adaptive.factors.map((factor, priority) => (factor === 1 ? 0 : factor * (this.configured[priority] as number))),
      );
      this.words.announce(consumer);
    }
  }
}
