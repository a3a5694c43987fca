/**
 * Layout of the partition table: who owns each partition, and which of them are on the move.
 *
 * ```
 *   word 0          epoch: changes after every change of the owners
 *   word 1          fence: the epoch of the move that every producer has acknowledged
 *   word 2          seats: shards 0 … seats - 1 have a thread, or get one
 *   word 32 … 287   owner of partition 0 … 255: a thread, and the bit `PARTITION_MOVING` while the partition leaves that thread
 * ```
 *
 * The coordinator is the only writer; `createPartitionTable` writes it once before any thread starts. Each word alone is always true: a partition
 * that moves is held by whoever reads it, one that does not is its owner's. A reader that takes the table over while it changes therefore
 * mixes two truths, never a false one, and reads again when the epoch says so.
 * Thread: any.
 */
import { PARTITION_COUNT } from '@ringmain/core';
import { WRITER_STRIDE_WORDS } from './layout-builder.ts';

/** Word offsets inside the table. */
export const TableWord = { epoch: 0, fence: 1, seats: 2, owners: WRITER_STRIDE_WORDS } as const;

/** Bit of an owner word: the partition leaves its owner. */
export const PARTITION_MOVING = 0x1_0000;

/** Bytes of the table. */
export const PARTITION_TABLE_BYTES = (PARTITION_COUNT + WRITER_STRIDE_WORDS) * 4;
