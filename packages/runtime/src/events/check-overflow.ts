/**
 * Checks overflow policies, those of the configuration and those of event types by the same schema.
 * Thread: any.
 */
import { DAY_MS, LIMITS, RingmainError } from '@ringmain/core';
import type { OverflowPolicy } from '@ringmain/policy';
import * as z from 'zod';

const only = <Name extends string>(policy: Name) => z.strictObject({ policy: z.literal(policy) });

/** What becomes of an event for which there is no room. */
export const overflowSchema = z.discriminatedUnion('policy', [
  only('reject'),
  z.strictObject({
    policy: z.literal('block'),
    deadlineMs: z.int().min(1).max(DAY_MS).describe('Longest wait in the stage, in milliseconds; then the event is dropped.'),
  }),
  only('drop-new'),
  only('drop-old'),
  only('coalesce'),
  z.strictObject({
    policy: z.literal('sample'),
    oneOf: z.int().min(2).max(1_000_000).describe('One of so many events that find no room is kept.'),
  }),
  z.strictObject({
    policy: z.literal('circuit-break'),
    failures: z.int().min(1).max(LIMITS.stageEventsMax).describe('Refusals in a row that open the circuit breaker.'),
    cooldownMs: z.int().min(1).max(DAY_MS).describe('Time it stays open, in milliseconds.'),
  }),
]);

/**
 * Checks the policy of an event type.
 *
 * @param keyed - the type derives a partition key
 * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`
 */
export function checkOverflow(name: string, policy: OverflowPolicy, keyed: boolean): void {
  const fail = (what: string, allowed: string): never => {
    throw new RingmainError('RINGMAIN_OPTION_INVALID', `event type ${name}: ${what}`, { allowed, details: { type: name } });
  };
  if ((policy as { policy?: unknown } | null)?.policy === 'spill')
    fail('overflow is spill, and there is no event store', 'another policy until a store is configured');
  const checked = overflowSchema.safeParse(policy);
  if (!checked.success)
    fail(
      `overflow is no policy: ${checked.error.issues[0]?.message ?? ''}`,
      'a policy of docs/guides/backpressure.md with its options',
    );
  if (policy.policy === 'coalesce' && !keyed)
    fail('overflow is coalesce, and the type has no key', 'a key function, or another policy');
}
