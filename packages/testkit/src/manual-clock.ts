/**
 * A clock that moves only when told to.
 * Thread: the one that made it.
 */
import { RingmainError } from '@ringmain/core';
import type { Clock } from '@ringmain/core';

/** A {@link Clock} for tests. */
export interface ManualClock extends Clock {
  /** Moves both times forward. @param us - microseconds, 0 or more */
  advance(us: number): void;
  /** Moves wall-clock time alone, as an operator or NTP does. @param ms - milliseconds, of either sign */
  stepWall(ms: number): void;
}

/**
 * Makes a clock.
 *
 * @param startUs - first monotonic time in microseconds
 * @param wallStartMs - first wall-clock time in milliseconds since 1970-01-01T00:00:00Z
 */
export function manualClock(startUs = 0, wallStartMs = 0): ManualClock {
  let monotonicUs = startUs;
  let wallUs = wallStartMs * 1000;
  return {
    monotonicUs: () => monotonicUs,
    wallMs: () => Math.floor(wallUs / 1000),
    advance: (us) => {
      if (!(us >= 0)) throw new RingmainError('RINGMAIN_OPTION_INVALID', `clock advanced by ${us} us`, { allowed: '0 or more' });
      monotonicUs += us;
      wallUs += us;
    },
    stepWall: (ms) => {
      wallUs += ms * 1000;
    },
  };
}
