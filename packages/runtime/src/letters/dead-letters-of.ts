/**
 * The dead letters of a runtime, out of its parts.
 * Thread: main.
 */
import type { RingmainError } from '@ringmain/core';
import type { RuntimeParts } from '../runtime-parts.ts';
import { DeadLetters } from './dead-letters.ts';

/** @param refusal - why the runtime publishes nothing any more */
export function deadLettersOf({ context, room }: RuntimeParts, refusal: () => RingmainError | undefined): DeadLetters {
  const { publishing, letters, local } = room;
  return new DeadLetters({ context, publishing, store: letters.store, localGroups: local.takers }, refusal);
}
