/**
 * Hands one event to a batch handler as an array of one: what a successor does with what it finds in the bay, so that an event that kills its
 * thread is charged alone. To whoever delivers, it looks like any handler.
 * Thread: the consumer's.
 */
import type { Attempt, Failure } from './attempt.ts';
import { BatchContext } from './batch-context.ts';
import type { DeliveredEvent } from './delivered-event.ts';
import type { Group } from './group.ts';

/** Handles one event; throws when the handler fails or lets the event fail, or gives what to follow, whose end says so. */
export function batchOfOne(group: Group, event: DeliveredEvent, attempt: Attempt): unknown {
  const batch = new BatchContext(group, [event], attempt);
  const verdictOn = (failure: Failure): Failure => batch.verdictOn(event, failure);
  let failure: Failure;
  try {
    attempt.verdictOn = verdictOn;
    const result = batch.run([event]);
    if (result !== undefined) return result;
  } catch (error) {
    failure = { error };
  }
  const verdict = verdictOn(failure);
  if (verdict !== undefined) throw verdict.error;
  return undefined;
}
