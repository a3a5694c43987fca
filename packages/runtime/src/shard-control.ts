/**
 * What users do to shards from outside: end one, and change their number.
 * Thread: main.
 */
import { RingmainError } from '@ringmain/core';
import { readSeats } from '@ringmain/ring';
import { checkTimeout } from './check-timeout.ts';
import type { ResizeReport } from './control/contracts.ts';
import type { RuntimeParts } from './runtime-parts.ts';

/** Control over the shards of one runtime. */
export class ShardControl {
  private readonly parts: RuntimeParts;
  /** Keeps the process alive until the returned function is called. */
  private readonly hold: () => () => void;

  constructor(parts: RuntimeParts, hold: () => () => void) {
    this.parts = parts;
    this.hold = hold;
  }

  /** Number of shards that have a thread. */
  get shards(): number {
    const { control, seed } = this.parts.context;
    return readSeats(control, seed.plan);
  }

  /** Ends the thread of a shard as a crash would. */
  async restart(index: number): Promise<void> {
    const { coordinator } = this.parts;
    if (coordinator === undefined || !Number.isInteger(index)) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `shard ${index}`, {
        allowed: `an integer from 0 to ${this.shards - 1}`,
      });
    }
    await this.held(() => coordinator.terminateShard(index));
  }

  /** Changes the number of shards. */
  async resize(shards: number, options: { readonly timeoutMs?: number }): Promise<ResizeReport> {
    const { coordinator, context } = this.parts;
    const { resizeTimeoutMs, shardsMax } = context.seed.config;
    const timeoutMs = checkTimeout(options.timeoutMs ?? resizeTimeoutMs);
    if (coordinator === undefined) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `resize to ${String(shards)} shards of a runtime without any`, {
        allowed: 'runtimes that were started with at least one shard',
        details: { shardsMax },
      });
    }
    return this.held(() => coordinator.resize(shards, timeoutMs));
  }

  /** Ends moves that are under way. */
  async endMoves(): Promise<void> {
    await this.parts.coordinator?.endMoves();
  }

  private async held<Result>(call: () => Promise<Result>): Promise<Result> {
    const release = this.hold();
    try {
      return await call();
    } finally {
      release();
    }
  }
}
