/**
 * Writes the rung of the degradation ladder for every publishing thread.
 * Thread: the coordinator.
 *
 * All publishers stand on the rung of the ladder, with one exception: while the pressure is high, the thread that published most to consumers whose
 * lanes stand is already on the next one. So the fattest publisher sheds first, and the others follow only if that was not enough. A thread that
 * publishes alone has nobody to go before, and goes with the ladder.
 */
import type { Rung } from '@ringmain/policy';
import { DegradationLadder, PRESSURE_HIGH, RUNG_MAX, RUNG_NAMES } from '@ringmain/policy';
import { MAIN_THREAD, ThreadWord } from '@ringmain/ring';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { DegradationNotice, PressureCause } from '../events/system-events.ts';
import type { ControlWords } from './control-words.ts';

const PRESSURE_UNITS = 1000;

/** The pressure on the runtime, and the part of it that presses most. */
export interface MeasuredPressure {
  readonly pressure: number;
  readonly cause: PressureCause;
}

/** Ladder of one runtime. */
export class LadderControl {
  private readonly words: ControlWords;
  private enabled: boolean;
  private ladder: DegradationLadder;

  constructor(words: ControlWords, options: RuntimeConfig['flow']['ladder']) {
    this.words = words;
    this.enabled = options.enabled;
    this.ladder = new DegradationLadder(options);
    this.write(0, undefined);
  }

  /** Takes other options from the next reading on. A ladder that is switched off stands at the bottom, and begins there when it is switched on. */
  configure(options: RuntimeConfig['flow']['ladder']): void {
    if (!options.enabled) this.ladder = new DegradationLadder(options);
    this.enabled = options.enabled;
    this.ladder.configure(options);
    this.write(this.ladder.rung, undefined);
  }

  /** Present rung. */
  get rung(): Rung {
    return this.ladder.rung;
  }

  /**
   * Takes one reading.
   *
   * @param standingUnits - units that each thread published to consumers whose lanes stand, since the reading before
   * @returns the step that it led to
   */
  update(measured: MeasuredPressure, standingUnits: readonly number[], nowUs: number): DegradationNotice | undefined {
    const { pressure, cause } = measured;
    const before = this.ladder.rung;
    const rung = this.enabled ? this.ladder.update(pressure, nowUs) : 0;
    this.words.write(MAIN_THREAD, ThreadWord.pressure, Math.round(pressure * PRESSURE_UNITS));
    this.write(rung, this.enabled && pressure >= PRESSURE_HIGH ? fattest(standingUnits) : undefined);
    if (rung === before) return undefined;
    return { rung, name: RUNG_NAMES[rung], previous: RUNG_NAMES[before], pressure, cause };
  }

  private write(rung: Rung, first: number | undefined): void {
    this.words.write(MAIN_THREAD, ThreadWord.ladderRung, rung);
    for (let thread = 0; thread < this.words.threadCount; thread++)
      this.words.write(thread, ThreadWord.rung, thread === first ? Math.min(RUNG_MAX, rung + 1) : rung);
  }
}

/** The thread that published most, if others published too; of equal ones the first. */
function fattest(units: readonly number[]): number | undefined {
  if (units.filter((published) => published > 0).length < 2) return undefined;
  return units.indexOf(Math.max(...units));
}
