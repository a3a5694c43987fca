/**
 * Makes one number of everything that can run short, for the degradation ladder: the worst of its parts, since relief for the others would not help.
 * Pure: the caller measures. Thread: any.
 *
 * | part | pressure |
 * |---|---|
 * | lanes | `standingLanes`, as it is |
 * | memory | 0 up to 70 % of the limit, then in a straight line to 1 at the limit: `(used / limit - 0.7) / 0.3` |
 * | event loop | 0 up to half of the limit, then in a straight line to 1 at the limit: `(delay / limit - 0.5) / 0.5` |
 * | credit | `creditUsed`, as it is |
 *
 * Invariant: 0 <= pressure <= 1, and no part that rises lowers it. A part that could not be measured (`NaN`) counts as 0.
 */

/** What {@link pressureOf} looks at. */
export interface PressureInput {
  /** The highest `SojournControl.pressure` of all lanes, from 0 to 1. */
  readonly standingLanes: number;
  /** Memory in use, in the unit of `memoryLimit`. */
  readonly memoryUsed: number;
  /** Memory that must not be exceeded; `Infinity` for no limit. */
  readonly memoryLimit: number;
  /** Delay of the event loop in milliseconds. */
  readonly loopDelayMs: number;
  /** Delay at which the thread counts as fully loaded, in milliseconds; `Infinity` for no limit. */
  readonly loopDelayLimitMs: number;
  /** Part of the credit in use, from 0 to 1; the caller says of which group, for one that is stuck need not press on all. */
  readonly creditUsed: number;
}

/** Part of the memory limit from which on memory presses. */
export const MEMORY_PRESSES_FROM = 0.7;

/** Part of the delay limit from which on the event loop presses. */
export const LOOP_DELAY_PRESSES_FROM = 0.5;

/**
 * Computes the pressure.
 *
 * @returns from 0 (nothing runs short) to 1
 */
export function pressureOf(input: PressureInput): number {
  return Math.max(
    clamp(input.standingLanes),
    beyond(MEMORY_PRESSES_FROM, input.memoryUsed / input.memoryLimit),
    beyond(LOOP_DELAY_PRESSES_FROM, input.loopDelayMs / input.loopDelayLimitMs),
    clamp(input.creditUsed),
  );
}

/** The way a used part has gone from `from` to 1. */
function beyond(from: number, used: number): number {
  return clamp((used - from) / (1 - from));
}

/** Limits to 0 and 1; `NaN` fails the comparison and gives 0. */
function clamp(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}
