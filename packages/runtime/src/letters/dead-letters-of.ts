/**
 * The dead letters of a runtime, out of its parts.
 * Thread: main.
 */
import type { RingmainError } from '@ringmain/core';
import type { LocalSubscriptions } from '../router/local-subscriptions.ts';
import type { MainRoom } from '../router/main-room.ts';
import type { ThreadContext } from '../thread-context.ts';
import { DeadLetters } from './dead-letters.ts';

/** What of a runtime dead letters need. */
export interface DeadLettersHost {
  readonly context: ThreadContext;
  readonly room: Pick<MainRoom, 'publishing' | 'letters'> & { readonly local: Pick<LocalSubscriptions, 'takers'> };
}

/** @param refusal - why the runtime publishes nothing any more */
export function deadLettersOf({ context, room }: DeadLettersHost, refusal: () => RingmainError | undefined): DeadLetters {
  const { publishing, local } = room;
  const { store, spill, pauses } = room.letters;
  return new DeadLetters({ context, publishing, store, spill, pauses, localGroups: local.takers }, refusal);
}
