/** Checks shard numbers that users give. Thread: any. */
import { RingmainError, describeValue } from '@ringmain/core';

/** @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` for what is no shard of a runtime with so many */
export function checkShard(index: unknown, shards: number): void {
  if (typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < shards) return;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `shard ${describeValue(index)} of ${shards}`, {
    allowed: shards === 0 ? 'a runtime with shards' : `an integer from 0 to ${shards - 1}`,
  });
}
