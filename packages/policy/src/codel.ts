/**
 * Tells a standing queue from a burst: a queue stands when what leaves it has waited longer than the target for a whole interval.
 * Pure: the caller says what time it is and how long the oldest record has waited. Thread: any; one instance per lane.
 *
 * 1. A look that finds the wait below the target ends everything; an empty lane waits 0.
 * 2. A record that has waited S at time T was in the queue all that time, and what stood before it was older: so the wait has been above the target since
 *    T - S + target, although nobody looked. This is how looks that are an interval apart are enough.
 * 3. Once that is an interval ago the queue stands. The count begins at 1 and rises after each `interval / sqrt(count)`, at the times at which CoDel would
 *    drop, whether or not there was a look just then.
 * 4. A queue that stands again soon resumes at its last count - 2: what it took to drain it is likely to be needed again.
 * Invariant: while the queue stands, its count depends on when the wait rose above the target, not on how often anyone has looked since.
 * Source: Nichols and Jacobson, "Controlling queue delay" (ACM Queue, 2012); differs in: nothing is dropped here, the count steers others; looks are rare,
 * so it dates back (2.), "soon" is 16 intervals as in RFC 8289, and the count has a limit.
 */

/** Options of a {@link SojournControl}. */
export interface SojournControlOptions {
  /**
   * Wait that is always acceptable, in microseconds.
   *
   * @defaultValue 5000
   */
  readonly targetUs?: number;
  /**
   * Time for which a queue may be above the target before it counts as standing, in microseconds.
   *
   * @defaultValue 100_000
   */
  readonly intervalUs?: number;
  /**
   * Count at which the pressure is 1.
   *
   * @defaultValue 16, which a queue reaches after about seven intervals
   */
  readonly fullCount?: number;
}

/** Highest count, reached after about 64 intervals; it bounds the work of one look after a long pause. */
export const SOJOURN_COUNT_MAX = 1024;

/** Intervals for which a count is remembered after the queue has drained. */
const MEMORY_INTERVALS = 16;

type Sojourn =
  | { readonly kind: 'below' }
  | { readonly kind: 'above'; readonly sinceUs: number }
  | { readonly kind: 'standing'; readonly sinceUs: number; readonly count: number; readonly nextUs: number };

const BELOW: Sojourn = Object.freeze({ kind: 'below' });

/** Watches the waiting time of one lane. */
export class SojournControl {
  private targetUs = 0;
  private intervalUs = 0;
  private fullCount = 0;
  private state: Sojourn = BELOW;
  private nowUs = -Infinity;
  /** The last look that found the wait below the target. */
  private belowUs = -Infinity;
  /** The count when the queue last stopped standing, and when that was. */
  private lastCount = 0;
  private leftUs = -Infinity;

  constructor(options: SojournControlOptions = {}) {
    this.configure(options);
  }

  /** Takes other options from the next look on. A queue that stands goes on standing until a look finds it below the target. */
  configure(options: SojournControlOptions): void {
    this.targetUs = options.targetUs ?? 5000;
    this.intervalUs = options.intervalUs ?? 100_000;
    this.fullCount = options.fullCount ?? 16;
  }

  /** Drops that CoDel would have made since the queue stands; 0 while it does not. As of the last look. */
  get count(): number {
    return this.state.kind === 'standing' ? this.state.count : 0;
  }

  /** Time since which the wait is above the target; undefined while it is not. As of the last look. */
  get sinceUs(): number | undefined {
    return this.state.kind === 'below' ? undefined : this.state.sinceUs;
  }

  /**
   * Takes one look.
   *
   * @param sojournUs - how long the oldest record of the lane has waited; 0 when the lane is empty
   * @param nowUs - present time; a clock that steps back counts as standing still
   * @returns true when the queue stands
   */
  observe(sojournUs: number, nowUs: number): boolean {
    this.nowUs = Math.max(this.nowUs, nowUs);
    if (sojournUs < this.targetUs) {
      this.leave();
      return false;
    }
    if (this.state.kind !== 'standing') this.rise(sojournUs);
    if (this.state.kind !== 'standing') return false;
    this.state = this.advance(this.state, this.nowUs);
    return true;
  }

  /**
   * How badly the lane needs relief, from 0 (it does not stand) to 1, in proportion to the count.
   *
   * @param nowUs - present time; the count goes on rising between looks
   */
  pressure(nowUs: number): number {
    if (this.state.kind !== 'standing') return 0;
    return Math.min(1, this.advance(this.state, nowUs).count / this.fullCount);
  }

  private leave(): void {
    if (this.state.kind === 'standing') {
      this.lastCount = this.state.count;
      this.leftUs = this.nowUs;
    }
    this.belowUs = this.nowUs;
    this.state = BELOW;
  }

  private rise(sojournUs: number): void {
    // A look that found it below proves that it began later, whatever the age of the oldest record says.
    const provenUs = Math.max(this.belowUs, this.nowUs - sojournUs + this.targetUs);
    const sinceUs = this.state.kind === 'above' ? Math.min(this.state.sinceUs, provenUs) : provenUs;
    const standsUs = sinceUs + this.intervalUs;
    if (this.nowUs < standsUs) {
      this.state = { kind: 'above', sinceUs };
      return;
    }
    const soon = standsUs - this.leftUs < MEMORY_INTERVALS * this.intervalUs;
    const count = soon ? Math.max(1, this.lastCount - 2) : 1;
    this.state = { kind: 'standing', sinceUs, count, nextUs: standsUs + this.intervalUs / Math.sqrt(count) };
  }

  private advance(state: Sojourn & { kind: 'standing' }, nowUs: number): Sojourn & { kind: 'standing' } {
    let { count, nextUs } = state;
    while (count < SOJOURN_COUNT_MAX && nowUs >= nextUs) {
      count++;
      nextUs += this.intervalUs / Math.sqrt(count);
    }
    return { kind: 'standing', sinceUs: state.sinceUs, count, nextUs };
  }
}
