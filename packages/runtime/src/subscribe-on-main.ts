/**
 * Subscribes on the main thread, for `Runtime.subscribe`.
 * Thread: main.
 */
import type { RingmainEvent } from '@ringmain/core';
import { checkNames } from './check-names.ts';
import type { HandlerContext } from './handler-context.ts';
import { SUBSCRIBE_OPTIONS } from './publish/check-options.ts';
import type { RuntimeParts } from './runtime-parts.ts';
import type { Subscription } from './runtime-results.ts';
import type { SubscribeOptions } from './subscribe-options.ts';
import { patternsOf } from './subscriber.ts';

/** What `Runtime.subscribe` was called with. */
export interface MainSubscription {
  readonly pattern: string | readonly string[];
  readonly handle: (event: never, ctx: never) => unknown;
  readonly options: SubscribeOptions<never>;
}

/**
 * Adds a subscription.
 *
 * @param announce - tells all threads what the main thread listens to now
 * @throws {@link RingmainError} see `Runtime.subscribe`
 */
export function subscribeOnMain(
  { room }: RuntimeParts,
  { pattern, handle, options }: MainSubscription,
  announce: () => Promise<void>,
  isClosed: () => boolean,
): Subscription {
  checkNames('options', options, SUBSCRIBE_OPTIONS);
  const call = handle as (event: RingmainEvent, ctx: HandlerContext) => unknown;
  const local = room.local.add(patternsOf(pattern), call, options as SubscribeOptions);
  return {
    group: local.group.name,
    ready: announce(),
    unsubscribe: () => {
      room.local.remove(local);
      if (!isClosed()) void announce();
    },
  };
}
