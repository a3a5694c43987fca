/**
 * What decides: which thread runs next, who dies, what is chosen. The exploration, random sampling and replay are strategies.
 * Thread: the explorer's own.
 */
import type { Footprint } from './operations.ts';

/** Answer of {@link Strategy.schedule} that ends an execution which another one already covers. */
export const PRUNE = -2;

/** Why a strategy is asked to toss. */
export type TossReason = 'kill' | 'choice';

/** Decides everything that an execution leaves open. */
export interface Strategy {
  /**
   * Picks the thread whose announced operation is performed next.
   *
   * @param enabled - bit mask of the threads that can run, never 0
   * @param running - the thread that runs now and would go on without being suspended; -1 for none
   */
  schedule(enabled: number, running: number): number;
  /** Picks a number from 0 to `options - 1`; for a kill 1 means that `thread` dies. */
  toss(options: number, reason: TossReason, thread: number): number;
  /** Is told what the picked thread's operation touched. */
  performed(thread: number, footprint: Footprint): void;
}
