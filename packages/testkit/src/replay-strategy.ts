/**
 * Decides as a recorded schedule says.
 * Thread: the explorer's own.
 */
import { RingmainError } from '@ringmain/core';
import type { Decision } from './schedule.ts';
import type { Strategy } from './strategy.ts';

/** Replays decisions; after the last one it goes on with whatever can run. */
export class ReplayStrategy implements Strategy {
  private readonly decisions: readonly Decision[];
  private at = 0;

  constructor(decisions: readonly Decision[]) {
    this.decisions = decisions;
  }

  schedule(enabled: number, running: number): number {
    const decision = this.decisions[this.at++];
    if (decision === undefined)
      return running >= 0 && (enabled & (1 << running)) !== 0 ? running : 31 - Math.clz32(enabled & -enabled);
    if (decision.kind !== 'thread' || (enabled & (1 << decision.thread)) === 0) this.throwMisfit();
    return decision.thread;
  }

  toss(options: number): number {
    const decision = this.decisions[this.at++];
    if (decision === undefined) return 0;
    if (decision.kind !== 'toss' || decision.outcome >= options) this.throwMisfit();
    return decision.outcome;
  }

  performed(): void {
    // Nothing depends on what was touched: every decision is given.
  }

  private throwMisfit(): never {
    throw new RingmainError('RINGMAIN_OPTION_INVALID', `the schedule does not fit this scenario at decision ${this.at - 1}`);
  }
}
