/**
 * Waits until it is worth publishing again.
 * Thread: main.
 */
import { priorityLevel } from '@ringmain/core';
import type { PublishOptions } from '../publish/options.ts';
import type { MainRoom } from './main-room.ts';

/**
 * Resolves when what was refused may find room, or when the runtime takes no events any more.
 *
 * @param type - name of the event type that is to be published; undefined for any
 * @throws (rejects) {@link RingmainError} `RINGMAIN_TOPIC_UNKNOWN`, `RINGMAIN_TOPIC_INVALID`, `RINGMAIN_PRIORITY_INVALID`
 */
export async function awaitRoom(
  { publishing, consumer }: Pick<MainRoom, 'publishing' | 'consumer'>,
  isRunning: () => boolean,
  type: string | undefined,
  options: Pick<PublishOptions, 'priority'>,
): Promise<void> {
  const { room, publisher } = publishing;
  const wanted = type === undefined ? undefined : publisher.typeOf(type);
  const groups = new Set(wanted?.targets.map(({ group }) => group));
  const priority = options.priority === undefined ? undefined : priorityLevel(options.priority);
  do {
    if (wanted !== undefined && !room.concerns(priority ?? wanted.priority, groups)) return;
    const ready = room.ready();
    consumer.kick();
    await ready;
  } while (wanted !== undefined && isRunning());
}
