/**
 * Hands one event to a batch handler as an array of one: what a successor does with what it finds in the bay, so that an event that kills its
 * thread is charged alone. To whoever delivers, it looks like any handler.
 * Thread: the consumer's.
 */
import type { Attempt } from './attempt.ts';
import { BatchContext } from './batch-context.ts';
import type { DeliveredEvent } from './delivered-event.ts';
import type { Group } from './group.ts';
import { follow, isThenable } from './thenable.ts';

/** Handles one event; throws, or gives what rejects, when the handler fails or lets the event fail. */
export function batchOfOne(group: Group, event: DeliveredEvent, attempt: Attempt): unknown {
  const batch = new BatchContext(group, [event], attempt);
  let result: unknown;
  try {
    const call = (): unknown => group.handleBatch?.([event], batch);
    result = batch.resultOf(group.bulkhead === undefined ? call() : group.bulkhead.metered(call));
    if (isThenable(result)) return settled(batch, event, result);
  } catch (error) {
    batch.end();
    throw error;
  }
  batch.end();
  if (batch.hasFailed(event)) throw batch.failureOf(event);
  return undefined;
}

function settled(batch: BatchContext, event: DeliveredEvent, result: PromiseLike<unknown>): unknown {
  return {
    // No promise of its own: the delivery follows the handler's, and whoever is followed once needs no more than this.
    // oxlint-disable-next-line unicorn/no-thenable
    then: (fulfilled: () => void, rejected: (error: unknown) => void): void => {
      follow(
        result,
        () => {
          batch.end();
          if (batch.hasFailed(event)) rejected(batch.failureOf(event));
          else fulfilled();
        },
        (error) => {
          batch.end();
          rejected(error);
        },
      );
    },
  };
}
