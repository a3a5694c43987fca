/**
 * Says how much service is given up under pressure, one rung at a time, and takes it back slowly.
 * Pure: the caller says what time it is and how high the pressure is. Thread: any; one instance per runtime, on the coordinator.
 *
 * 1. Up one rung when the pressure stayed at or above the high watermark for `stepUpMs`; down one when it stayed at or below the low one for `stepDownMs`.
 * 2. A step begins the next wait anew, and so does a pressure that changes sides; between the watermarks the rung stays.
 * Invariant: neighbouring rungs follow one another; a step up comes no sooner than `stepUpMs` after any step, a step down no sooner than `stepDownMs`;
 * critical is admitted on every rung.
 */

/** Names of the rungs; `RUNG_NAMES[rung]` names a rung. */
export const RUNG_NAMES = Object.freeze(['normal', 'throttle', 'coalesce', 'shed-low', 'shed-normal', 'critical-only'] as const);

/** Name of a rung. */
export type RungName = (typeof RUNG_NAMES)[number];

/** Rung of the ladder: 0 gives full service, 5 serves critical events only. */
export type Rung = 0 | 1 | 2 | 3 | 4 | 5;

/** What becomes of a new event: `sample` stands for coalescing where that is the policy of the event, else for keeping one of several of its type. */
export type Admission = 'admit' | 'throttle' | 'sample' | 'shed';

/** Options of a {@link DegradationLadder}. */
export interface DegradationLadderOptions {
  /**
   * Time the pressure stays high before a step up, in milliseconds.
   *
   * @defaultValue 200
   */
  readonly stepUpMs?: number;
  /**
   * Time the pressure stays low before a step down, in milliseconds.
   *
   * @defaultValue 2000
   */
  readonly stepDownMs?: number;
  /**
   * Pressure from which on it is high.
   *
   * @defaultValue {@link PRESSURE_HIGH}
   */
  readonly highWatermark?: number;
  /**
   * Pressure up to which it is low; below `highWatermark`.
   *
   * @defaultValue {@link PRESSURE_LOW}
   */
  readonly lowWatermark?: number;
}

/** Pressure from which on it is high, unless the options say otherwise. */
export const PRESSURE_HIGH = 0.8;

/** Pressure up to which it is low, unless the options say otherwise. */
export const PRESSURE_LOW = 0.5;

/** The highest rung. */
export const RUNG_MAX = 5;

/** By rung, then by priority in the order critical, high, normal, low. */
const ADMISSIONS: readonly (readonly Admission[])[] = Object.freeze([
  Object.freeze(['admit', 'admit', 'admit', 'admit'] as const),
  Object.freeze(['admit', 'admit', 'admit', 'throttle'] as const),
  Object.freeze(['admit', 'admit', 'admit', 'sample'] as const),
  Object.freeze(['admit', 'admit', 'admit', 'shed'] as const),
  Object.freeze(['admit', 'admit', 'shed', 'shed'] as const),
  Object.freeze(['admit', 'shed', 'shed', 'shed'] as const),
]);

/**
 * Looks up what becomes of a new event.
 *
 * @param rung - present rung of the ladder
 * @param priority - 0 (critical) to 3 (low)
 */
export function admits(rung: Rung, priority: 0 | 1 | 2 | 3): Admission {
  // The table covers every rung and priority.
  return (ADMISSIONS[rung] as readonly Admission[])[priority] as Admission;
}

type Side = 'low' | 'between' | 'high';

/** Present rung of one runtime. */
export class DegradationLadder {
  private stepUpUs = 0;
  private stepDownUs = 0;
  private highWatermark = 0;
  private lowWatermark = 0;
  private current: Rung = 0;
  private side: Side = 'between';
  /** When the pressure came to its side, or the last step if that was later. */
  private sinceUs = -Infinity;
  private nowUs = -Infinity;

  constructor(options: DegradationLadderOptions = {}) {
    this.configure(options);
  }

  /** Takes other options from the next reading on; the rung stays, and the time for which the pressure has been on its side counts. */
  configure(options: DegradationLadderOptions): void {
    this.stepUpUs = (options.stepUpMs ?? 200) * 1000;
    this.stepDownUs = (options.stepDownMs ?? 2000) * 1000;
    this.highWatermark = options.highWatermark ?? PRESSURE_HIGH;
    this.lowWatermark = options.lowWatermark ?? PRESSURE_LOW;
  }

  /** The rung after the last update. */
  get rung(): Rung {
    return this.current;
  }

  /**
   * Takes one reading of the pressure.
   *
   * @param pressure - from 0 to 1
   * @param nowUs - present time; a clock that steps back counts as standing still
   * @returns the rung from now on; at most one away from the one before
   */
  update(pressure: number, nowUs: number): Rung {
    this.nowUs = Math.max(this.nowUs, nowUs);
    const side = this.sideOf(pressure);
    if (side !== this.side) {
      this.side = side;
      this.sinceUs = this.nowUs;
    }
    const stayedUs = this.nowUs - this.sinceUs;
    if (side === 'high' && this.current < RUNG_MAX && stayedUs >= this.stepUpUs) this.step(1);
    else if (side === 'low' && this.current > 0 && stayedUs >= this.stepDownUs) this.step(-1);
    return this.current;
  }

  private sideOf(pressure: number): Side {
    if (pressure >= this.highWatermark) return 'high';
    return pressure <= this.lowWatermark ? 'low' : 'between';
  }

  private step(by: 1 | -1): void {
    // The caller has checked that there is such a rung.
    this.current = (this.current + by) as Rung;
    this.sinceUs = this.nowUs;
  }
}
