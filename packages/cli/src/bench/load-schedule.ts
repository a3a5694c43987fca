/**
 * When events are due: a fixed plan that knows nothing of how the runtime fares. An event that comes late is late, and the events
 * after it keep their times; a generator that waited would leave out exactly the moments that were bad (coordinated omission).
 * Thread: any; pure.
 */
import { RingmainError } from '@ringmain/core';

/** A plan of events. */
export interface LoadSchedule {
  /** Number of events. */
  readonly events: number;
  /** Length in microseconds; the last event is due before it ends. */
  readonly lengthUs: number;
  /**
   * Time at which an event is due, in microseconds from the start; never falls from one event to the next.
   *
   * @param index - event, from 0 to `events - 1`
   */
  dueUs(index: number): number;
}

/** A constant rate. */
export interface LoadRate {
  /** Events per second, above 0. */
  readonly ratePerSecond: number;
  readonly seconds: number;
  /** Events that are due at the same moment; the moments lie `burst / ratePerSecond` seconds apart. @defaultValue 1 */
  readonly burst?: number;
}

/** Events at a constant rate, one by one or in bursts: 10 000 a second in bursts of 10 are 10 events each millisecond. */
export function constantLoad({ ratePerSecond, seconds, burst = 1 }: LoadRate): LoadSchedule {
  requirePositive('rate', ratePerSecond);
  requirePositive('seconds', seconds);
  requirePositive('burst', burst);
  const events = Math.max(1, Math.round(ratePerSecond * seconds));
  const gapUs = (burst * 1e6) / ratePerSecond;
  return { events, lengthUs: seconds * 1e6, dueUs: (index) => Math.floor(index / burst) * gapUs };
}

/** Events that are all due at once. */
export function loadAtOnce(events: number): LoadSchedule {
  requirePositive('events', events);
  return { events, lengthUs: 0, dueUs: () => 0 };
}

/** Constant rates one after the other. */
export function steppedLoad(steps: readonly LoadRate[]): LoadSchedule {
  const parts: { readonly first: number; readonly startUs: number; readonly load: LoadSchedule }[] = [];
  let events = 0;
  let lengthUs = 0;
  for (const step of steps) {
    const load = constantLoad(step);
    parts.push({ first: events, startUs: lengthUs, load });
    events += load.events;
    lengthUs += load.lengthUs;
  }
  const dueUs = (index: number): number => {
    const part = parts.findLast(({ first }) => index >= first);
    return part === undefined ? 0 : part.startUs + part.load.dueUs(index - part.first);
  };
  return { events, lengthUs, dueUs };
}

function requirePositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `${name} is ${value}`, { allowed: 'a number above 0' });
}
