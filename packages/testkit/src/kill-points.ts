/**
 * Where a thread may be killed: between two of its accesses, as the scenario's plan says.
 * Thread: the explorer's own.
 *
 * Unless the plan asks for every access, a kill is tried only where something that others, or the successor, may see has happened since the
 * last point: dying between two reads cannot be told from dying before the first.
 */
import { RingmainError } from '@ringmain/core';
import { Counter, ThreadField } from './control-words.ts';
import type { ControlWords } from './control-words.ts';
import type { KillPlan } from './scenario.ts';

/** A scenario's plan of kills, applied to the state of its threads. */
export class KillPoints {
  private readonly control: ControlWords;
  private readonly victims: readonly boolean[];
  private readonly max: number;
  private readonly everywhere: boolean;

  /**
   * @param plan - undefined where nobody dies
   * @param names - of the threads, by number
   * @throws RingmainError `RINGMAIN_OPTION_INVALID` when a victim is none of the threads
   */
  constructor(plan: KillPlan | undefined, names: readonly string[], control: ControlWords) {
    const unknown = plan?.victims.find((victim) => !names.includes(victim));
    if (unknown !== undefined)
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `victim "${unknown}" is no thread`, { allowed: names.join(', ') });
    this.control = control;
    this.victims = names.map((name) => plan?.victims.includes(name) === true);
    this.max = plan?.max ?? 0;
    this.everywhere = plan?.at === 'every-access';
  }

  /** Tells whether a kill of the thread is to be tried where it stands, and counts that point as seen. */
  isDue(thread: number): boolean {
    const control = this.control;
    if (this.victims[thread] !== true || control.counter(Counter.deaths) >= this.max) return false;
    if (!this.everywhere && control.thread(thread, ThreadField.dirty) === 0) return false;
    control.setThread(thread, ThreadField.dirty, 0);
    return true;
  }

  /** The thread did something that others, or its successor, may see. */
  touch(thread: number): void {
    this.control.setThread(thread, ThreadField.dirty, 1);
  }
}
