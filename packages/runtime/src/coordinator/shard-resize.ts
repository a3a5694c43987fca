/**
 * Changes the number of shards while events go on: starts threads for new ones, moves as few partitions as possible, and ends those that own none.
 * Thread: the coordinator.
 *
 * Partitions move one source at a time: while a shard works off what it has, its handlers may have to publish to partitions of others.
 * Invariant: whatever goes wrong, every partition has one owner with a thread. What had moved by then stays where it is, and another `resize` goes on.
 */
import { RingmainError } from '@ringmain/core';
import { assignPartitions } from '@ringmain/policy';
import { MAIN_THREAD } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import type { ResizeReport } from '../runtime-results.ts';
import type { MoveResult, PartitionMover } from './partition-mover.ts';
import type { Retirement } from './shard-retirement.ts';

/** What a resize asks of the owner of the shards. */
export interface ResizePorts {
  /** Number of shards that have a thread. */
  readonly seats: () => number;
  /** Starts shards until there are so many; none is left of those that came up if one does not. */
  readonly grow: (shards: number) => Promise<void>;
  /** Ends the last shard, in order, if it has nothing to do; it may decide up to a deadline, in monotonic microseconds. */
  readonly retireLast: (deadlineUs: number) => Promise<Retirement>;
  /** A resize begins. */
  readonly begin: () => void;
  /** Why the runtime takes no resize any more, if that is so. */
  readonly refusal: () => RingmainError | undefined;
}

/** Resizes of one runtime. */
export class ShardResize {
  private readonly context: ThreadContext;
  private readonly mover: PartitionMover;
  private readonly ports: ResizePorts;
  private active: number | undefined;

  constructor(context: ThreadContext, mover: PartitionMover, ports: ResizePorts) {
    this.context = context;
    this.mover = mover;
    this.ports = ports;
  }

  /** True while one is under way. */
  get isActive(): boolean {
    return this.active !== undefined;
  }

  /**
   * Resizes; one at a time.
   *
   * @param timeoutMs - time that the partitions of each shard have to move, and each shard that leaves to finish
   * @throws (rejects) {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_RESIZE_ACTIVE`, `RINGMAIN_RESIZE_TIMEOUT`, `RINGMAIN_START_FAILED` and
   * what starting a shard throws, `RINGMAIN_CLOSED`
   */
  async resize(shards: number, timeoutMs: number): Promise<ResizeReport> {
    const { shardsMax } = this.context.seed.config;
    if (!Number.isInteger(shards) || shards < 1 || shards > shardsMax) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `resize to ${shards} shards`, {
        allowed: `an integer from 1 to ${shardsMax} (shardsMax)`,
      });
    }
    if (this.active !== undefined) {
      throw new RingmainError('RINGMAIN_RESIZE_ACTIVE', `a resize to ${this.active} shards is under way`, {
        allowed: 'one resize at a time',
        details: { shards: this.active },
      });
    }
    this.check();
    this.active = shards;
    this.ports.begin();
    try {
      return await this.run(shards, timeoutMs);
    } finally {
      this.active = undefined;
    }
  }

  private async run(shards: number, timeoutMs: number): Promise<ResizeReport> {
    const { clock } = this.context;
    const startUs = clock.monotonicUs();
    if (shards > this.ports.seats()) await this.ports.grow(shards);
    let movedPartitions = await this.balance(shards, timeoutMs);
    // Once more, for moves that were under way when the plan was made and ended after it; others do not begin now.
    movedPartitions += await this.balance(shards, timeoutMs);
    const terminated: number[] = [];
    while (this.ports.seats() > shards) {
      const leaving = this.ports.seats() - 1;
      if ((await this.retire(shards, timeoutMs)) === 'terminated') terminated.push(leaving);
    }
    return { shards, movedPartitions, terminated, tookMs: (clock.monotonicUs() - startUs) / 1000 };
  }

  private async balance(shards: number, timeoutMs: number): Promise<number> {
    const members = Array.from({ length: shards }, (_, shard) => MAIN_THREAD + 1 + shard);
    const moves = assignPartitions(this.mover.map.owners(), members);
    let moved = 0;
    for (const source of new Set(moves.map(({ from }) => from))) {
      const own = moves.filter(({ from }) => from === source);
      this.judge(await this.mover.move(source, own, timeoutMs), shards, moves.length - moved, timeoutMs);
      moved += own.length;
    }
    return moved;
  }

  private async retire(shards: number, timeoutMs: number): Promise<Retirement> {
    const deadlineUs = this.context.clock.monotonicUs() + timeoutMs * 1000;
    const { ports, mover } = this;
    const leaving = ports.seats();
    for (;;) {
      const retirement = await ports.retireLast(deadlineUs);
      if (retirement !== 'busy') return retirement;
      const isLate = this.context.clock.monotonicUs() >= deadlineUs;
      if (mover.isOver || isLate) this.judge(mover.isOver ? 'over' : 'late', shards, 0, timeoutMs, leaving - 1);
      await mover.until(() => false, Math.min(deadlineUs, this.context.clock.monotonicUs() + 1000));
    }
  }

  private judge(result: MoveResult, wanted: number, left: number, timeoutMs: number, shard?: number): void {
    this.check();
    if (result === 'moved') return;
    const shards = this.ports.seats();
    const what = shard === undefined ? `${left} partitions did not move` : `shard ${shard} did not finish`;
    throw new RingmainError(
      'RINGMAIN_RESIZE_TIMEOUT',
      `${what} within ${timeoutMs} ms; there are ${shards} shards of ${wanted}`,
      {
        allowed: 'handlers that settle in time and do not wait for each other in circles; another resize goes on from here',
        details: { shards, wanted, left, timeoutMs },
      },
    );
  }

  private check(): void {
    const refusal = this.ports.refusal();
    if (refusal !== undefined) throw refusal;
  }
}
