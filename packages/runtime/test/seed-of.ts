/** The seed of a runtime that starts no thread by itself: the memory that a configuration asks for, planned as the runtime plans it, so that both say the same sizes. */
import { allocateMemory, createPartitionTable, planMemory } from '@ringmain/ring';
import { memoryOptions } from '../dist/capacity/memory-options.js';
import type { RuntimeConfigInput } from '../dist/index.js';
import { parseConfig } from '../dist/config/parse-config.js';
import type { RuntimeSeed } from '../dist/thread-context.js';

/** Events that each shard remembers, unless the configuration says otherwise: few, since each test has memory of its own. */
const REPEATS = 64;

/**
 * Makes it, with all partitions at the shards.
 *
 * @param types - names of the closed types, for what reads the counters
 */
export function seedOf(
  { dedupe = { events: REPEATS }, ...input }: RuntimeConfigInput,
  events: { readonly hash: number },
  types: readonly string[] = [],
): RuntimeSeed {
  const config = parseConfig({ dedupe, ...input });
  const plan = planMemory(memoryOptions(config));
  const memory = allocateMemory(plan);
  createPartitionTable(plan, memory, config.shards);
  const fixed = { epochUs: 0, epochWallMs: 0, nonceHigh: 1, nonceLow: 1, subscribers: [], eventsModule: undefined };
  return { ...fixed, config, plan, memory, eventsHash: events.hash, types };
}
