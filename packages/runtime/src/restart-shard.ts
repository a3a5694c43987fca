/**
 * Ends the thread of a shard on purpose.
 * Thread: main.
 */
import { readSeats } from '@ringmain/ring';
import { checkShard } from './check-shard.ts';
import type { RuntimeParts } from './runtime-parts.ts';

/**
 * Ends the thread of a shard as a crash would.
 *
 * @param index - shard, from 0
 * @throws (rejects) {@link RingmainError} `RINGMAIN_OPTION_INVALID`
 */
export async function restartShard({ coordinator, context }: RuntimeParts, index: number): Promise<void> {
  checkShard(index, coordinator === undefined ? 0 : readSeats(context.control, context.seed.plan));
  await coordinator?.terminateShard(index);
}
