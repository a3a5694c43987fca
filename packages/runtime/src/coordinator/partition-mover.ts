/**
 * Moves partitions from one shard to others while events go on, one move at a time.
 * Thread: the coordinator. It only writes words and looks at words; the picture and the reasons stand in `docs/architecture.md`.
 *
 * 1. Mark the partitions; wait until every producer holds what it has for them. 2. Tell the source, and wait until it has nothing of them any more.
 * 3. Name the new owners. If the time runs out before step 3, everything stays as it was.
 * A thread that dies meanwhile is replaced as ever; its successor finds in the words how far the move has come, and the wait goes on.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { PartitionMove } from '@ringmain/ring';
import { Doorbell, MAIN_THREAD, PartitionMap, ThreadWord, partitionWords } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import { ControlWords } from './control-words.ts';

/**
 * How a move ended. `late`: not in time; `over`: the runtime closes or has failed; `withdrawn`: nobody wanted it any more when its turn came. In all
 * three cases the partitions stayed.
 */
export type MoveResult = 'moved' | 'late' | 'over' | 'withdrawn';

/** Time between two looks at the words of others. */
const POLL_MS = 1;

/** Moves of one runtime. */
export class PartitionMover {
  readonly map: PartitionMap;
  /** True once no move shall begin or go on. */
  isOver = false;

  private readonly context: ThreadContext;
  private readonly words: ControlWords;
  private readonly bells: readonly Doorbell[];
  /** Ends when the move before has. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(context: ThreadContext) {
    const { plan } = context.seed;
    this.context = context;
    this.words = new ControlWords(context);
    this.map = new PartitionMap(context.atomics, partitionWords(plan, context.control));
    this.bells = plan.threads.map(({ words }) => new Doorbell(context.atomics, context.control, (words >> 2) + ThreadWord.bell));
  }

  /** Ends what a predecessor had begun; before any shard starts. */
  recover(): void {
    if (this.map.rollBack()) this.words.count(ThreadWord.movesRolledBack);
    this.bells[MAIN_THREAD]?.rouse();
  }

  /**
   * Moves partitions; waits until the move before has ended.
   *
   * @param source - the thread that owns them
   * @param timeoutMs - time after which everything stays as it was
   * @param isWanted - asked when its turn has come
   */
  move(
    source: number,
    moves: readonly PartitionMove[],
    timeoutMs: number,
    isWanted: () => boolean = () => true,
  ): Promise<MoveResult> {
    const moved = this.last.then(() => (isWanted() ? this.moveNow(source, moves, timeoutMs) : 'withdrawn'));
    this.last = moved;
    return moved;
  }

  /** Waits for something that words tell; false when the time is over, or the runtime. */
  async until(isTrue: () => boolean, deadlineUs: number, nudge: () => void = () => {}): Promise<boolean> {
    for (;;) {
      if (isTrue()) return true;
      if (this.isOver || this.context.clock.monotonicUs() >= deadlineUs) return false;
      nudge();
      await wait(POLL_MS);
    }
  }

  private async moveNow(source: number, planned: readonly PartitionMove[], timeoutMs: number): Promise<MoveResult> {
    if (this.isOver) return 'over';
    const { map } = this;
    // The plan is of the time before it had to wait: what another move has taken from there meanwhile is not there to move.
    const owners = map.owners();
    const moves = planned.filter(({ partition }) => owners[partition] === source);
    if (moves.length === 0) return 'moved';
    const startUs = this.context.clock.monotonicUs();
    const deadlineUs = startUs + timeoutMs * 1000;
    map.begin(moves.map(({ partition }) => partition));
    const ringAll = (): void => this.ringAll();
    const isHanded =
      (await this.until(() => map.isAcknowledged(this.producers()), deadlineUs, ringAll)) &&
      (await this.handOver(source, deadlineUs));
    if (isHanded) map.finish(moves);
    else map.rollBack();
    this.ringAll();
    if (!isHanded) {
      this.words.count(ThreadWord.movesRolledBack);
      return this.isOver ? 'over' : 'late';
    }
    const { words } = this;
    words.write(MAIN_THREAD, ThreadWord.partitionMoves, (words.read(MAIN_THREAD, ThreadWord.partitionMoves) + moves.length) | 0);
    words.write(MAIN_THREAD, ThreadWord.lastMoveUs, this.context.clock.monotonicUs() - startUs);
    return 'moved';
  }

  private handOver(source: number, deadlineUs: number): Promise<boolean> {
    this.map.fence();
    return this.until(
      () => this.map.isHandedOver(source),
      deadlineUs,
      () => this.bells[source]?.ring(),
    );
  }

  /** The main thread and every shard: whoever may publish. */
  private producers(): number[] {
    return Array.from({ length: this.map.seats + 1 }, (_, thread) => thread);
  }

  private ringAll(): void {
    for (const thread of this.producers()) this.bells[thread]?.ring();
  }
}
