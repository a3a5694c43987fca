/**
 * Ends the thread of a shard on purpose.
 * Thread: main.
 */
import { RingmainError } from '@ringmain/core';
import { readSeats } from '@ringmain/ring';
import type { RuntimeParts } from './runtime-parts.ts';

/**
 * Ends the thread of a shard as a crash would.
 *
 * @param index - shard, from 0
 * @throws (rejects) {@link RingmainError} `RINGMAIN_OPTION_INVALID`
 */
export async function restartShard({ coordinator, context }: RuntimeParts, index: number): Promise<void> {
  if (coordinator === undefined || !Number.isInteger(index)) {
    throw new RingmainError('RINGMAIN_OPTION_INVALID', `shard ${index}`, {
      allowed: `an integer from 0 to ${readSeats(context.control, context.seed.plan) - 1}`,
    });
  }
  await coordinator.terminateShard(index);
}
