/**
 * Decides by random priorities that change at a few random steps; a schedule that needs `d` ordered events to fail is found with a
 * probability of at least 1 / (threads * steps^(d-1)) per run.
 * Thread: the explorer's own.
 *
 * Source: S. Burckhardt, P. Kothari, M. Musuvathi, S. Nagarakatte, "A randomized scheduler with probabilistic guarantees of finding
 * bugs", ASPLOS 2010 (PCT); differs in: kills and choices are drawn too.
 */
import type { Random } from '@ringmain/core';
import type { Decision } from './schedule.ts';
import type { Strategy, TossReason } from './strategy.ts';

/** Random decisions for one run. */
export class RandomPriorities implements Strategy {
  readonly decisions: Decision[] = [];
  /** Decisions of a schedule so far. */
  steps = 0;
  /** Kill points so far. */
  killPoints = 0;

  private readonly random: Random;
  private readonly priorities: number[];
  private readonly changes: Set<number>;
  private readonly killChance: number;
  private lowestPriority = 0;

  /**
   * @param threads - number of threads
   * @param changes - number of steps at which the running thread falls behind all others
   * @param stepsExpected - how long a run may be expected to be
   * @param killChance - probability of a kill at each kill point
   */
  constructor(random: Random, threads: number, changes: number, stepsExpected: number, killChance: number) {
    this.random = random;
    this.priorities = Array.from({ length: threads }, () => random.next());
    this.changes = new Set(Array.from({ length: changes }, () => Math.floor(random.next() * stepsExpected)));
    this.killChance = killChance;
  }

  schedule(enabled: number): number {
    let thread = this.highest(enabled);
    if (this.changes.has(this.steps++)) {
      this.priorities[thread] = --this.lowestPriority;
      thread = this.highest(enabled);
    }
    this.decisions.push({ kind: 'thread', thread });
    return thread;
  }

  toss(options: number, reason: TossReason): number {
    if (reason === 'kill') this.killPoints++;
    const outcome = reason === 'kill' ? Number(this.random.next() < this.killChance) : Math.floor(this.random.next() * options);
    this.decisions.push({ kind: 'toss', outcome });
    return outcome;
  }

  performed(): void {
    // Priorities do not depend on what was touched.
  }

  private highest(enabled: number): number {
    let best = -1;
    this.priorities.forEach((priority, thread) => {
      if ((enabled & (1 << thread)) !== 0 && (best === -1 || priority > (this.priorities[best] as number))) best = thread;
    });
    return best;
  }
}
