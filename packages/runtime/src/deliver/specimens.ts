/**
 * One object of each class that deliveries are made of, so that a full collection always finds one. V8 lets a hidden class go with its last object, and with it all
 * compiled code that relies on it: a thread that was idle, or between two deliveries, at the end of a full collection would run in the interpreter again, some tens of
 * times slower, until it is compiled anew. See docs/decisions/0030-short-lived-garbage.md.
 * Thread: the consumer's. They are made anew now and then, since V8 may change the hidden class of a class; nothing of the user's is kept with them.
 */
import { RELEASED_VIEWS } from '@ringmain/codec';
import { Attempt } from './attempt.ts';
import { DeliveredEvent } from './delivered-event.ts';
import { DeliveryContext } from './delivery-context.ts';
import type { Group } from './group.ts';
import type { AttemptKeeper } from './running-attempt.ts';
import { RunningAttempt } from './running-attempt.ts';
import type { Match } from './subscriptions.ts';

const SETTLED = Promise.resolve();

/** Makes them as a delivery does: of the same parts, so that V8 learns nothing new from them. */
export function specimensOf(match: Match, group: Group, keeper: AttemptKeeper): readonly object[] {
  const event = new DeliveredEvent(match, RELEASED_VIEWS, 0, 1);
  const attempt = new Attempt();
  const begun = { slot: 0, group, priority: 0, attempt, result: SETTLED, deadlineUs: Infinity };
  return [new DeliveryContext(group, event, attempt), new RunningAttempt(begun, keeper, () => {})];
}
