/**
 * The deadline of an event, as the thread that delivers it goes by it.
 * Thread: the consumer's.
 */
import type { RecordViews } from '@ringmain/codec';
import { FLAG_HAS_EXTENSION, HEADER_BYTES, readDeadline, readExtensionBytes } from '@ringmain/codec';
import type { RuntimeSeed } from '../thread-context.ts';

/**
 * Reads a deadline out of a record.
 *
 * @param word - index of the record's header
 * @returns microseconds of the runtime; Infinity when there is none
 */
export function deadlineUsOf({ epochWallMs }: Pick<RuntimeSeed, 'epochWallMs'>, views: RecordViews, word: number): number {
  if (((views.i32[word + 1] as number) & FLAG_HAS_EXTENSION) === 0) return Infinity;
  const deadline = readDeadline(views, (word << 2) + HEADER_BYTES, readExtensionBytes(views.i32, word));
  return (deadline - epochWallMs) * 1000;
}
