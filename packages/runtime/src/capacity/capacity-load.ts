/**
 * The load that a capacity plan is made for, checked and completed.
 * Thread: any; pure.
 */
import type { PriorityName } from '@ringmain/core';
import { LIMITS, PRIORITY_NAMES, RingmainError } from '@ringmain/core';

/** What is known or expected of a load. */
export interface CapacityLoadInput {
  /** Events per second, of all or by priority; a number alone is of normal priority. @defaultValue 0 */
  readonly ratePerSecond?: number | Partial<Readonly<Record<PriorityName, number>>>;
  /** Bytes of one encoded payload. @defaultValue 64 */
  readonly payloadBytes?: number;
  /** Time that one event costs its shard, over all groups that take it, in microseconds. @defaultValue 20 */
  readonly handlerUs?: number;
  /** Events of one priority that come at the same moment, on top of the rate. @defaultValue 0 */
  readonly burstEvents?: number;
  /** Subscribers of all modules; each event is reckoned to be taken by every one of them. @defaultValue 1 */
  readonly groups?: number;
}

/** A load, complete. */
export interface CapacityLoad {
  readonly ratePerSecond: Readonly<Record<PriorityName, number>>;
  readonly payloadBytes: number;
  readonly handlerUs: number;
  readonly burstEvents: number;
  readonly groups: number;
}

const EVENTS_MAX = 1_000_000_000;
const HANDLER_US_MAX = 3_600_000_000;

/**
 * Checks a load.
 *
 * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` with the value and what is allowed
 */
export function checkLoad(input: CapacityLoadInput): CapacityLoad {
  const { ratePerSecond = 0, payloadBytes = 64, handlerUs = 20, burstEvents = 0, groups = 1 } = input;
  const rates = typeof ratePerSecond === 'number' ? { normal: ratePerSecond } : ratePerSecond;
  for (const name of Object.keys(rates)) {
    if (!(PRIORITY_NAMES as readonly string[]).includes(name))
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `the rate of ${name}, which is no priority`, {
        allowed: PRIORITY_NAMES.join(', '),
      });
  }
  const rateOf = (name: PriorityName): number => within(`the rate of ${name}`, rates[name] ?? 0, 0, EVENTS_MAX);
  return {
    ratePerSecond: { critical: rateOf('critical'), high: rateOf('high'), normal: rateOf('normal'), low: rateOf('low') },
    payloadBytes: whole('payloadBytes', payloadBytes, 0, LIMITS.recordBytesMax),
    handlerUs: within('handlerUs', handlerUs, 0, HANDLER_US_MAX),
    burstEvents: whole('burstEvents', burstEvents, 0, EVENTS_MAX),
    groups: whole('groups', groups, 1, LIMITS.groupsMax),
  };
}

function within(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw refusal(name, value, `a number from ${min} to ${max}`);
}

function whole(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw refusal(name, value, `an integer from ${min} to ${max}`);
}

function refusal(name: string, value: unknown, allowed: string): RingmainError {
  return new RingmainError('RINGMAIN_OPTION_INVALID', `${name} is ${String(value)}`, {
    allowed,
    details: { name, value, allowed },
  });
}
