/**
 * Gives up shards that died too often, where that is configured: their partitions move to the others.
 * Thread: the coordinator.
 *
 * 1. A last successor takes over what is in the dead shard's lanes and bay, as every successor does, and goes on handling it: nothing is lost, and keys
 *    keep their order. Meanwhile its partitions move away, as in a resize; a move that takes too long is tried again.
 * 2. While that goes on it may die `restart.crashesMax` times more, so that an event that kills it is set aside. After that the runtime fails.
 * 3. Afterwards its thread stays, owns nothing and so does nothing. A resize takes it for a shard like all others.
 * Invariant: at least one shard is not given up.
 */
import { assignPartitions } from '@ringmain/policy';
import { MAIN_THREAD } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { ThreadContext } from '../thread-context.ts';
import type { PartitionMover } from './partition-mover.ts';
import type { Sampler } from './sampler.ts';

interface GivenUp {
  /** Deaths since the limit was reached, that one included. */
  deaths: number;
  isMoving: boolean;
}

const RESIZE_LOOK_US = 1_000_000;

/** Shards of one runtime that were given up. */
export class GivenUpShards {
  private readonly context: ThreadContext;
  private readonly mover: PartitionMover;
  private readonly sampler: Sampler;
  private readonly log: Logger;
  private readonly shards = new Map<number, GivenUp>();
  /** While the number of shards changes, nobody knows yet who could take over. A resize begins with `clear`. */
  isResizing: () => boolean = () => false;

  constructor(context: ThreadContext, mover: PartitionMover, sampler: Sampler, log: Logger) {
    this.context = context;
    this.mover = mover;
    this.sampler = sampler;
    this.log = log;
  }

  /** True when a shard gets nothing to do any more. */
  has(shard: number): boolean {
    return this.shards.has(shard);
  }

  /** Takes all of them for shards like any other. */
  clear(): void {
    for (const shard of this.shards.keys()) this.sampler.noteTakenBack(shard);
    this.shards.clear();
  }

  /**
   * A shard died, and its restart limit is reached.
   *
   * @returns true when it gets one more successor, which hands over
   */
  mayGoOn(shard: number): boolean {
    if (this.context.seed.config.restart.onLimit !== 'reassign' || this.others(shard).length === 0) return false;
    const known = this.shards.get(shard) ?? { deaths: 0, isMoving: false };
    known.deaths++;
    this.shards.set(shard, known);
    return known.deaths <= this.context.seed.config.restart.crashesMax + 1;
  }

  /** A successor of a shard is up: if the shard was given up, its partitions move away. */
  async handOver(shard: number): Promise<void> {
    const known = this.shards.get(shard);
    if (known === undefined || known.isMoving) return;
    known.isMoving = true;
    const thread = MAIN_THREAD + 1 + shard;
    const { resizeTimeoutMs } = this.context.seed.config;
    while (this.shards.get(shard) === known) {
      if (this.isResizing()) {
        const nowUs = this.context.clock.monotonicUs();
        if (!(await this.mover.until(() => !this.isResizing(), nowUs + RESIZE_LOOK_US)) && this.mover.isOver) break;
        continue;
      }
      if (shard >= this.mover.map.seats) {
        // The resize ended it; one that takes its seat later is another one.
        this.shards.delete(shard);
        break;
      }
      const owners = this.mover.map.owners();
      const moves = assignPartitions(owners, this.others(shard)).filter(({ from }) => from === thread);
      if (moves.length === 0) {
        this.sampler.noteGivenUp(shard);
        this.log.error({ shard }, 'a shard that ended too often was given up; others have its partitions');
        break;
      }
      // A resize may begin while the move waits for its turn: it takes the shard for a good one, and gives it partitions.
      const result = await this.mover.move(thread, moves, resizeTimeoutMs, () => this.shards.get(shard) === known);
      if (result === 'over') break;
      if (result === 'late') this.log.warn({ shard, partitions: moves.length }, 'a shard that is given up still has work');
    }
    known.isMoving = false;
  }

  /** Threads of the shards that could take over. */
  private others(shard: number): number[] {
    const all = Array.from({ length: this.mover.map.seats }, (_, index) => index);
    return all.filter((index) => index !== shard && !this.shards.has(index)).map((index) => MAIN_THREAD + 1 + index);
  }
}
