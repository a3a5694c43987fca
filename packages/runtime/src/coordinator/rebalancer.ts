/**
 * Relieves a shard that has more to do than the others: some of its partitions move away. `planMoves` decides which, `PartitionMover` moves them.
 * Thread: the coordinator.
 *
 * 1. Consumers sample what time they spend on each partition. Once per interval the differences are added up; of what was before, half remains.
 * 2. If a plan has moves, and the busiest shard is busy at all, for several intervals in a row, the moves are made, source by source.
 * 3. After that it waits as many intervals again, so that it sees what came of them; longer if a move was rolled back.
 * A single hot key cannot be split: its neighbours leave, and when all of them have, there is no plan any more.
 */
import { planMoves } from '@ringmain/policy';
import { PARTITION_COUNT } from '@ringmain/core';
import type { PartitionMove } from '@ringmain/policy';
import { MAIN_THREAD } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { RebalanceNotice } from '../events/system-events.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { PartitionMover } from './partition-mover.ts';

/** What a rebalancer reaches beside shared memory. */
export interface RebalancePorts {
  readonly log: Logger;
  readonly tell: (notice: RebalanceNotice) => void;
  /** True while partitions move for another reason. */
  readonly isBusy: () => boolean;
  /** True for a shard that gets nothing to do any more. */
  readonly isGivenUp: (shard: number) => boolean;
}

/** What remains of the loads of earlier intervals. */
const KEPT = 1 / 2;
/** Times the usual wait after a move that was rolled back: whatever held it up may do so again. */
const ROLLED_BACK_WAITS = 10;

/** Rebalancing of one runtime. */
export class Rebalancer {
  private readonly context: ThreadContext;
  private readonly mover: Pick<PartitionMover, 'map' | 'move'>;
  private readonly ports: RebalancePorts;
  private readonly words: readonly number[];
  private readonly before: readonly Int32Array[];
  private readonly loads = new Float64Array(PARTITION_COUNT);
  /** Time that `loads` stand for. */
  private spanUs = 0;
  private lookedUs: number | undefined;
  /** Looks in a row that found a plan; below 0 it waits. */
  private streak = 0;
  private moving = false;

  constructor(context: ThreadContext, mover: Pick<PartitionMover, 'map' | 'move'>, ports: RebalancePorts) {
    const { plan } = context.seed;
    this.context = context;
    this.mover = mover;
    this.ports = ports;
    this.words = plan.threads.map(({ partitionLoads }) => partitionLoads >> 2);
    this.before = this.words.map((index) => context.control.slice(index, index + PARTITION_COUNT));
  }

  /** Read where it is needed, since it may change while the runtime runs. */
  private get options(): RuntimeConfig['rebalance'] {
    return this.context.seed.config.rebalance;
  }

  /** Takes a look, if it is time. */
  tick(nowUs: number): void {
    const { enabled, intervalMs, checks } = this.options;
    if (!enabled || (this.lookedUs !== undefined && nowUs - this.lookedUs < intervalMs * 1000)) return;
    const elapsedUs = nowUs - (this.lookedUs ?? nowUs);
    this.lookedUs = nowUs;
    this.sample(elapsedUs);
    if (this.moving || this.ports.isBusy() || elapsedUs === 0) return;
    const moves = this.plan();
    if (this.streak < 0) this.streak++;
    else this.streak = moves.length === 0 ? 0 : this.streak + 1;
    if (this.streak < checks) return;
    this.moving = true;
    void this.move(moves).finally(() => {
      this.moving = false;
    });
  }

  private sample(elapsedUs: number): void {
    const { control } = this.context;
    for (let partition = 0; partition < PARTITION_COUNT; partition++) {
      let spent = 0;
      for (const [thread, index] of this.words.entries()) {
        const seen = this.before[thread] as Int32Array;
        const now = control[index + partition] as number;
        spent += (now - (seen[partition] as number)) | 0;
        seen[partition] = now;
      }
      this.loads[partition] = (this.loads[partition] as number) * KEPT + spent;
    }
    this.spanUs = this.spanUs * KEPT + elapsedUs;
  }

  private plan(): readonly PartitionMove[] {
    const { threshold, movesMax, busyMin } = this.options;
    const owners = this.mover.map.owners();
    const shards = Array.from({ length: this.mover.map.seats }, (_, shard) => MAIN_THREAD + 1 + shard).filter(
      (thread) => !this.ports.isGivenUp(thread - MAIN_THREAD - 1),
    );
    if (shards.length < 2 || Math.max(...this.busy(owners, shards)) < busyMin) return [];
    return planMoves({ owners, loads: this.loads, shards, threshold, movesMax });
  }

  /** Part of its time that each shard was busy. */
  private busy(owners: readonly number[], shards: readonly number[]): number[] {
    const busyUs = shards.map(() => 0);
    for (const [partition, owner] of owners.entries()) {
      const shard = shards.indexOf(owner);
      if (shard >= 0) busyUs[shard] = (busyUs[shard] as number) + (this.loads[partition] as number);
    }
    return busyUs.map((us) => us / this.spanUs);
  }

  private async move(moves: readonly PartitionMove[]): Promise<void> {
    const { timeoutMs, checks } = this.options;
    const { clock } = this.context;
    this.streak = -checks;
    for (const source of new Set(moves.map(({ from }) => from))) {
      const startUs = clock.monotonicUs();
      const own = moves.filter(({ from }) => from === source);
      // What a resize begins with stays as it is.
      const result = await this.mover.move(source, own, timeoutMs, () => !this.ports.isBusy());
      if (result === 'late') this.streak = -checks * ROLLED_BACK_WAITS;
      if (result === 'moved') this.report(source, own, (clock.monotonicUs() - startUs) / 1000);
    }
  }

  private report(source: number, moves: readonly PartitionMove[], tookMs: number): void {
    const from = source - MAIN_THREAD - 1;
    this.ports.log.info({ shard: from, partitions: moves.length, tookMs }, 'partitions moved to relieve a busy shard');
    const to = moves.map((move) => move.to - MAIN_THREAD - 1);
    this.ports.tell({ from, partitions: moves.map(({ partition }) => partition), to, tookMs });
  }
}
