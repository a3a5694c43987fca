/**
 * `runtime.ready`: waits until it is worth publishing again.
 * Thread: the publisher's.
 * Invariant: the wait ends: when what refused has room or its time is over, by its signal, or with the reason when nothing is taken any more.
 */
import type { RingmainError } from '@ringmain/core';
import { priorityLevel } from '@ringmain/core';
import { checkReadyOptions } from './check-options.ts';
import type { ReadyOptions } from './options.ts';
import type { Publishing } from './publishing.ts';

/** What the wait asks of its runtime. */
export interface ReadyParts {
  readonly publishing: Pick<Publishing, 'publisher' | 'room'>;
  /** Has the thread look for room. */
  readonly look: () => void;
  /** Why nothing is published any more, if that is so. */
  readonly refusal: () => RingmainError | undefined;
}

/**
 * Waits for what events of a type were refused by, or for the first of everything that refused.
 *
 * @throws (rejects) `RINGMAIN_ABORTED`, and what `refusal` gives
 */
export async function untilReady(parts: ReadyParts, type: string | undefined, options: ReadyOptions): Promise<void> {
  const { publisher, room } = parts.publishing;
  checkReadyOptions(options);
  const wanted = type === undefined ? undefined : publisher.typeOf(type);
  const priority = options.priority === undefined ? wanted?.priority : priorityLevel(options.priority);
  for (let waited = false; ; waited = true) {
    const refusal = parts.refusal();
    if (refusal !== undefined) throw refusal;
    if (wanted !== undefined && !room.concerns(wanted, priority ?? wanted.priority)) {
      // Whoever asks for another type or priority than was refused, and publishes again and again, must not keep the thread from what makes room.
      if (!waited && room.isWaiting) await new Promise<void>((resolve) => setImmediate(resolve));
      return;
    }
    const ready = room.ready(options.signal);
    parts.look();
    await ready;
    if (wanted === undefined) break;
  }
  const refusal = parts.refusal();
  if (refusal !== undefined) throw refusal;
}
