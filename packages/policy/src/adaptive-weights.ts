/**
 * Raises the weights of priorities that do not get through while others do, and takes that back when they do.
 * Pure: the caller says which priorities stand and what time it is. Thread: any; one instance per consumer.
 *
 * 1. Once per interval: a priority that stands while one of the others does not grows by a quarter, up to {@link WEIGHT_GROWTH_MAX} times what was
 *    configured.
 * 2. While service is given up, only high grows, whether it stands or not: what is less urgent stands because there is too much of it, and a greater
 *    part for it would have high stand too.
 * 3. Else it shrinks by the same step, back to what was configured. When all stand there is nothing to share out, and the configuration decides.
 * Invariant: 1 <= factor <= WEIGHT_GROWTH_MAX, so the bound on waiting of the lane schedule holds with the largest factor.
 */

/** Largest factor of a weight. */
export const WEIGHT_GROWTH_MAX = 4;

const STEP = 1.25;
const PRIORITIES = 4;
/** All priorities that have weights; critical is bit 0 and has none. */
const WEIGHTED = 0b1110;
const HIGH = 0b0010;
/** Steps after which nothing is left to take back. */
const STEPS_MAX = Math.ceil(Math.log(WEIGHT_GROWTH_MAX) / Math.log(STEP));

/** Weights of one consumer. */
export class AdaptiveWeights {
  /** Factors of the configured weights, by priority; that of critical is always 1. */
  readonly factors: number[] = [1, 1, 1, 1];

  private readonly intervalUs: number;
  private steppedUs: number | undefined;

  /** @param intervalUs - time between two steps, in microseconds */
  constructor(intervalUs: number) {
    this.intervalUs = intervalUs;
  }

  /** True when all factors are 1. */
  get isConfigured(): boolean {
    return this.factors.every((factor) => factor === 1);
  }

  /**
   * Takes one look.
   *
   * @param standing - bit mask of the priorities that stand, critical is bit 0
   * @param isDegraded - true while service is given up: a rung of the ladder is in force
   * @returns true when a factor changed
   */
  update(standing: number, nowUs: number, isDegraded = false): boolean {
    this.steppedUs ??= nowUs;
    const steps = Math.min(STEPS_MAX, Math.floor((nowUs - this.steppedUs) / this.intervalUs));
    if (steps < 1) return false;
    this.steppedUs = nowUs;
    const alone = (standing & WEIGHTED) === WEIGHTED ? 0 : standing;
    const grows = isDegraded ? HIGH : alone;
    let changed = false;
    for (let priority = 1; priority < PRIORITIES; priority++) {
      const before = this.factors[priority] as number;
      // Growth goes by looks, since what was not looked at was not seen to stand; what is not needed goes by time.
      const after = (grows & (1 << priority)) !== 0 ? Math.min(WEIGHT_GROWTH_MAX, before * STEP) : shrink(before, steps);
      this.factors[priority] = after;
      changed ||= after !== before;
    }
    return changed;
  }
}

function shrink(factor: number, steps: number): number {
  const left = factor / STEP ** steps;
  // Rounding must not keep a factor a hair above 1.
  return left < 1 + 1e-9 ? 1 : left;
}
