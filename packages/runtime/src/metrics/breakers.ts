/**
 * Circuit breakers as shared memory tells of them.
 * Thread: main.
 */
import type { BreakerState } from '@ringmain/policy';
import { BREAKER_STATES } from '@ringmain/policy';
import { BreakerBoardWord } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';

/** Figures of the circuit breaker of one group, over all threads. */
export interface BreakerMetrics {
  readonly state: BreakerState;
  /** Times that it opened. */
  readonly opened: number;
  /** Calls in the window. */
  readonly calls: number;
  /** Shares of them that failed and were slow, from 0 to 1. */
  readonly failureRate: number;
  readonly slowRate: number;
  /** Probes that were let through, in all tries. */
  readonly probes: number;
  /** Length of the last open time, in milliseconds; 0 before the first. */
  readonly openMs: number;
}

const RATE_UNITS = 1000;

/** What a snapshot says of the breaker of a group: nothing where there is none. */
export function breakerPart(context: ThreadContext, number: number): { readonly breaker?: BreakerMetrics } {
  const breaker = readBreaker(context, number);
  return breaker === undefined ? {} : { breaker };
}

/** Reads the figures of the breaker with a number; undefined where there is none. */
export function readBreaker({ atomics, control, seed }: ThreadContext, number: number): BreakerMetrics | undefined {
  const read = (word: number): number => atomics.load(control, (seed.plan.breakers >> 2) + word + number);
  const state = BREAKER_STATES[read(BreakerBoardWord.state) - 1];
  if (state === undefined) return undefined;
  return {
    state,
    opened: read(BreakerBoardWord.opened) >>> 0,
    calls: read(BreakerBoardWord.calls),
    failureRate: read(BreakerBoardWord.failureRate) / RATE_UNITS,
    slowRate: read(BreakerBoardWord.slowRate) / RATE_UNITS,
    probes: read(BreakerBoardWord.probes) >>> 0,
    openMs: read(BreakerBoardWord.openMs),
  };
}
