/**
 * Decides as a recorded schedule says.
 * Thread: the explorer's own.
 *
 * It is asked from within the code under test, so that it must not throw: a decision that cannot be followed is noted, and what comes after it
 * is decided without the schedule.
 */
import type { Decision } from './schedule.ts';
import type { Strategy } from './strategy.ts';

/** Replays decisions; after the last one each thread goes on for as long as it can. */
export class ReplayStrategy implements Strategy {
  /** Number of the first decision that did not fit the scenario, if one did not. */
  misfit: number | undefined;
  private readonly decisions: readonly Decision[];
  private at = 0;

  constructor(decisions: readonly Decision[]) {
    this.decisions = decisions;
  }

  schedule(enabled: number, running: number): number {
    const decision = this.next();
    if (decision?.kind === 'thread' && (enabled & (1 << decision.thread)) !== 0) return decision.thread;
    if (decision !== undefined) this.misfit = this.at - 1;
    return running >= 0 && (enabled & (1 << running)) !== 0 ? running : 31 - Math.clz32(enabled & -enabled);
  }

  toss(options: number): number {
    const decision = this.next();
    if (decision?.kind === 'toss' && decision.outcome < options) return decision.outcome;
    if (decision !== undefined) this.misfit = this.at - 1;
    return 0;
  }

  performed(): void {
    // Nothing depends on what was touched: every decision is given.
  }

  private next(): Decision | undefined {
    return this.misfit === undefined ? this.decisions[this.at++] : undefined;
  }
}
