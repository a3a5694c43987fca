/**
 * The partition table as it is at the start of a runtime, and where it stands.
 * Thread: `createPartitionTable` the main thread, before any other starts; the rest any.
 */
import { PARTITION_COUNT } from '@ringmain/core';
import { MAIN_THREAD } from './memory-plan.ts';
import type { MemoryPlan, SharedMemory } from './memory-plan.ts';
import type { PartitionWords } from './partition-map.ts';
import { PARTITION_TABLE_BYTES, TableWord } from './partition-table-descriptor.ts';

/**
 * Writes the table as it is at the start: partitions go round the shards; without shards the main thread owns them all.
 *
 * @param shards - shards that get a thread at the start
 */
export function createPartitionTable(plan: MemoryPlan, memory: SharedMemory, shards: number): void {
  const words = new Int32Array(memory.control, plan.partitionTable, PARTITION_TABLE_BYTES >> 2);
  for (let partition = 0; partition < PARTITION_COUNT; partition++)
    words[TableWord.owners + partition] = shards === 0 ? MAIN_THREAD : MAIN_THREAD + 1 + (partition % shards);
  words[TableWord.seats] = shards;
}

/** Number of shards that have a thread, or get one. */
export function readSeats(control: Int32Array, plan: MemoryPlan): number {
  return control[(plan.partitionTable >> 2) + TableWord.seats] as number;
}

/** Where the words of the partition table stand, for `PartitionMap` and `PartitionView`. */
export function partitionWords(plan: MemoryPlan, control: Int32Array): PartitionWords {
  const threads = plan.threads.map(({ words }) => words >> 2);
  return { control, table: plan.partitionTable >> 2, threads, partitions: PARTITION_COUNT };
}
