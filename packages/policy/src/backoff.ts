/**
 * How long to wait before an event is tried again.
 * Pure: chance comes in as a number. Thread: any.
 *
 * - `fixed`: `initialMs`. `linear`: that times the number of failures. `exponential`: doubled with each failure. A list: its n-th delay after the n-th
 *   failure, the last one from then on. Full jitter takes a uniformly random part of such a delay, so that what failed together does not come again together.
 * - `decorrelated`: uniformly random between `initialMs` and three times the delay before; jitter is in its nature.
 * Invariant: 0 <= delay <= maxMs, a whole number of milliseconds.
 * Source: Brooker, "Exponential Backoff and Jitter" (2015), for the two kinds of jitter.
 */

/** How delays grow. */
export type BackoffKind = 'decorrelated' | 'exponential' | 'linear' | 'fixed';

/** What delays are computed from. */
export interface BackoffOptions {
  /** A kind, or the delays themselves in milliseconds. */
  readonly backoff: BackoffKind | readonly number[];
  readonly initialMs: number;
  readonly maxMs: number;
  /** Not for `decorrelated`. */
  readonly jitter: 'full' | 'none';
}

/** Doublings after which every delay is at its maximum. */
const DOUBLINGS_MAX = 40;

/**
 * The delay before the next attempt.
 *
 * @param failures - attempts that failed so far, from 1
 * @param previousMs - the delay before the attempt that just failed; 0 for the first
 * @param chance - a random number from 0 (included) to 1 (excluded)
 * @returns whole milliseconds from 0 to `maxMs`
 */
export function backoffMs(options: BackoffOptions, failures: number, previousMs: number, chance: number): number {
  const { backoff, initialMs, maxMs, jitter } = options;
  if (backoff === 'decorrelated') {
    const upperMs = Math.max(initialMs, previousMs * 3);
    return Math.min(maxMs, Math.round(initialMs + chance * (upperMs - initialMs)));
  }
  const delayMs = Math.min(maxMs, plainMs(backoff, initialMs, failures));
  return Math.round(jitter === 'full' ? delayMs * chance : delayMs);
}

function plainMs(backoff: Exclude<BackoffOptions['backoff'], 'decorrelated'>, initialMs: number, failures: number): number {
  if (typeof backoff !== 'string') return backoff[Math.min(failures, backoff.length) - 1] ?? initialMs;
  if (backoff === 'fixed') return initialMs;
  if (backoff === 'linear') return initialMs * failures;
  return initialMs * 2 ** Math.min(failures - 1, DOUBLINGS_MAX);
}
