/**
 * Changes the number of shards of a running runtime, for its user.
 * Thread: main.
 */
import { RingmainError } from '@ringmain/core';
import { checkTimeout } from './check-timeout.ts';
import type { RuntimeParts } from './runtime-parts.ts';
import type { ResizeReport } from './runtime-results.ts';

/** Has the coordinator resize; see `Runtime.resize`. */
export async function resizeShards(
  { coordinator, context }: RuntimeParts,
  shards: number,
  options: { readonly timeoutMs?: number },
): Promise<ResizeReport> {
  const { resizeTimeoutMs, shardsMax } = context.seed.config;
  const timeoutMs = checkTimeout(options.timeoutMs ?? resizeTimeoutMs);
  if (coordinator === undefined) {
    throw new RingmainError('RINGMAIN_OPTION_INVALID', `resize to ${String(shards)} shards of a runtime without any`, {
      allowed: 'runtimes that were started with at least one shard',
      details: { shardsMax },
    });
  }
  return coordinator.resize(shards, timeoutMs);
}
