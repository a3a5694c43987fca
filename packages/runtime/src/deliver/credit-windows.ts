/**
 * Credit that one consumer gives to all producers: one window per link, one pool for the bay behind them.
 * Thread: the consumer's.
 */
import { LIMITS } from '@ringmain/core';
import type { CreditPool } from '@ringmain/ring';
import { CreditWindow, MAIN_THREAD, creditIndex } from '@ringmain/ring';
import type { RuntimeSeed, ThreadContext } from '../thread-context.ts';

/** Part of the bay that credit may fill; the rest is for records larger than the credit they met, and for blocks that fit nothing. */
const POOL_PART = 3 / 4;
/**
 * Part of the pool that nobody has until the coordinator gives it to whoever is refused. It must be kept back: what was granted and is not used cannot be
 * taken back, for the producer may use it at any time.
 */
const RESERVE_PART = 1 / 3;
/** Part of the rest that the main thread has until the coordinator decides; handlers of all shards share the rest. */
const MAIN_PART = 1 / 2;

/** What shares of credit follow from. */
export interface CreditSetting {
  readonly seed: Pick<RuntimeSeed, 'config' | 'plan'>;
}

/** Units of credit that all producers of one consumer may have outstanding. */
export function creditPoolUnits(context: CreditSetting): number {
  const { slots, bytes } = context.seed.config.bay;
  // A body takes up to twice its chunks: blocks of the bay are powers of two.
  return Math.floor(Math.min(slots, bytes / LIMITS.bayChunkBytes / 2) * POOL_PART);
}

/** Share of one producer with one group until the coordinator decides. */
export function defaultShare(context: CreditSetting, producer: number, groups: number): number {
  const units = (creditPoolUnits(context) * (1 - RESERVE_PART)) / Math.max(1, groups);
  if (producer === MAIN_THREAD) return Math.max(1, Math.floor(units * MAIN_PART));
  return Math.max(1, Math.floor((units * (1 - MAIN_PART)) / Math.max(1, context.seed.plan.threadCount - 1)));
}

/** Opens the windows of one consumer, by producer. */
export function openCreditWindows(context: ThreadContext, groups: number): CreditWindow[] {
  const { atomics, control, seed, thread } = context;
  const pool: CreditPool = { free: creditPoolUnits(context) };
  return seed.plan.threads.map((_, producer) => {
    const base = creditIndex(seed.plan, producer, thread);
    return new CreditWindow({
      atomics,
      control,
      base,
      groups,
      shareDefault: defaultShare(context, producer, groups),
      pool,
    });
  });
}
