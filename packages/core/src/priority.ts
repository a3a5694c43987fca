/**
 * The four priorities of an event, as small integers that order and compare by value.
 * Thread: any; the module holds no state.
 */
import { describeValue } from './describe-value.ts';
import { RingmainError } from './errors.ts';

/** Number of priorities, and so of lanes between one producer and one consumer. */
export const PRIORITY_COUNT = 4;

/** Integer priorities: the lower, the more urgent. */
export const Priority = Object.freeze({
  critical: 0,
  high: 1,
  normal: 2,
  low: 3,
} as const);

/** A priority by name, as users write it. */
export type PriorityName = keyof typeof Priority;

/** A priority as it stands in records and lane tables. */
export type PriorityLevel = (typeof Priority)[PriorityName];

/** The names in order of urgency: `PRIORITY_NAMES[level]` names a level. */
export const PRIORITY_NAMES: readonly PriorityName[] = Object.freeze(['critical', 'high', 'normal', 'low'] as const);

/**
 * Returns the level of a priority given by name or by integer.
 *
 * @param value - a {@link PriorityName}, or an integer from 0 (critical) to 3 (low)
 * @throws {@link RingmainError} `RINGMAIN_PRIORITY_INVALID` for anything else, `NaN`, `1.5` and `null` included
 */
export function priorityLevel(value: unknown): PriorityLevel {
  // Adding 0 turns -0, which equals 0, into 0.
  if (value === 0 || value === 1 || value === 2 || value === 3) return (value + 0) as PriorityLevel;
  if (typeof value === 'string' && Object.hasOwn(Priority, value)) return Priority[value as PriorityName];
  throw new RingmainError('RINGMAIN_PRIORITY_INVALID', `priority is ${describeValue(value)}`, {
    allowed: `${PRIORITY_NAMES.join(', ')} or an integer from 0 to ${PRIORITY_COUNT - 1}`,
    details: { value },
  });
}
