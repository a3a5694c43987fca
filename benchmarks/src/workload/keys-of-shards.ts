/**
 * Keys that reach every shard.
 * Thread: any.
 */
import { fnv1a32, partitionOf } from '@ringmain/core';

/** A key for each shard: partitions go round the shards. */
export function keysOfShards(shards: number): number[] {
  return Array.from({ length: shards }, (_, shard) => {
    for (let key = 0; ; key++) if (partitionOf(fnv1a32(String(key))) % shards === shard) return key;
  });
}
