/**
 * Waits until it is worth publishing again.
 * Thread: the publisher's.
 */
import type { PublishOptions } from './options.ts';
import type { Publishing } from './publishing.ts';
import { priorityLevel } from '@ringmain/core';

/** What to wait for. */
export interface ReadyRequest extends Pick<PublishOptions, 'priority'> {
  /** Waits for what events of this type were refused by, and for nothing else. */
  readonly type: string | undefined;
  /** Has the thread look, since it may sleep. */
  readonly kick: () => void;
  /** False once nobody may publish any more. */
  readonly isOpen: () => boolean;
}

/** Resolves when it is worth publishing again; see `Runtime.ready`. */
export async function untilReady({ room, publisher }: Publishing, request: ReadyRequest): Promise<void> {
  const { type, kick, isOpen } = request;
  const wanted = type === undefined ? undefined : publisher.typeOf(type);
  const groups = new Set(wanted?.targets.map(({ group }) => group));
  const priority = request.priority === undefined ? undefined : priorityLevel(request.priority);
  do {
    if (wanted !== undefined && !room.concerns(priority ?? wanted.priority, groups)) return;
    const ready = room.ready();
    kick();
    await ready;
  } while (wanted !== undefined && isOpen());
}
