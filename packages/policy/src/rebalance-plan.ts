/**
 * Plans which partitions change their shard, so that the busiest shard gets less to do. Pure. Thread: any.
 *
 * 1. While the busiest shard carries more than the limit, it gives one partition to the idlest: the one after which the busier of the two is idlest, so
 *    that few moves have the most effect and the first of them most of all.
 * 2. The hottest partition of a shard stays: behind it stands most of the work that a move holds up, and a hot key is as hot elsewhere. Its neighbours
 *    leave instead. Only when all the moves allowed are not enough, a plan that moves hot ones too is tried, except those hotter than a whole shard
 *    should be; it is taken if it leaves the busiest shard with less.
 * 3. A shard that can give nothing away, such as one with a single hot key, is set aside; the others are evened out among themselves.
 * 4. A plan goes on to halfway between the limit and the mean, so that the next small change does not call for another one.
 * Invariant: every move leaves the busier of its two shards with less than before, so no shard ends with more than the busiest had, and plans that
 * follow one another come to an end; a partition moves once at most.
 * Source: the greedy rule "longest processing time first" of R. L. Graham (1969), applied to differences; differs in: few moves count for more than
 * the last bit of evenness.
 */

/** What a rebalancing starts from. */
export interface RebalanceInput {
  /** Number of the thread that owns each partition. Partitions of threads that are not in `shards` stay and count for nobody. */
  readonly owners: ArrayLike<number>;
  /** What each partition cost lately, in any unit, finite and from 0. */
  readonly loads: ArrayLike<number>;
  /** Numbers of the threads that may own partitions. */
  readonly shards: readonly number[];
  /** How many times the mean a shard may carry before anything moves, from 1. */
  readonly threshold: number;
  /** Most moves of one plan, from 0. */
  readonly movesMax: number;
}

/** One partition that changes its owner. */
export interface PartitionMove {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** How far below the limit a plan goes on: this part of the way to the mean. */
const SLACK_PART = 1 / 2;

/**
 * Plans the next moves.
 *
 * @remarks The same input gives the same plan. Takes time in proportion to partitions times moves.
 * @returns moves in the order of their effect; none while no shard carries more than `threshold` times the mean
 */
export function planMoves(input: RebalanceInput): readonly PartitionMove[] {
  const careful = new Plan(input, false);
  if (careful.isDone) return careful.moves;
  const bold = new Plan(input, true);
  return bold.greatest < careful.greatest ? bold.moves : careful.moves;
}

/** A shard while it is planned for. */
interface Shard {
  readonly thread: number;
  load: number;
  /** Partitions that may leave. */
  readonly movable: Set<number>;
}

/** One plan, made when it is constructed. */
class Plan {
  readonly moves: PartitionMove[] = [];
  /** True when no more moves are worth it. */
  readonly isDone: boolean;
  /** What the busiest shard carries after the moves. */
  readonly greatest: number;

  private readonly input: RebalanceInput;
  /** Shards that are not set aside. */
  private readonly open: Shard[];
  private readonly mean: number;

  constructor(input: RebalanceInput, movesHot: boolean) {
    this.input = input;
    const shards = shardsOf(input);
    this.open = [...shards];
    this.mean = meanOf(shards);
    for (const shard of shards) this.hold(shard, movesHot);
    this.isDone = this.make();
    this.greatest = shards.length === 0 ? 0 : busiestOf(shards).load;
  }

  /** Returns false when the moves allowed were not enough. */
  private make(): boolean {
    let isMoving = false;
    while (this.open.length > 1) {
      const busiest = busiestOf(this.open);
      // Against the mean of all, so that small differences beside a hot shard are not chased.
      const excess = this.mean * (this.input.threshold - 1);
      const over = busiest.load - meanOf(this.open);
      if (over <= (isMoving ? excess * SLACK_PART : excess)) return true;
      const idlest = idlestOf(this.open);
      const partition = this.choose(busiest, idlest);
      if (partition !== undefined) {
        if (this.moves.length >= this.input.movesMax) return false;
        this.move(partition, busiest, idlest);
        isMoving = true;
        continue;
      }
      if (over <= excess) return true;
      this.open.splice(this.open.indexOf(busiest), 1);
      isMoving = false;
    }
    return true;
  }

  /** The partition that evens the two out best; undefined when each would only change places with the other. */
  private choose(busiest: Shard, idlest: Shard): number | undefined {
    let best: number | undefined;
    let least = busiest.load;
    for (const partition of busiest.movable) {
      const load = this.loadOf(partition);
      const after = Math.max(busiest.load - load, idlest.load + load);
      if (load === 0 || after >= least) continue;
      best = partition;
      least = after;
    }
    return best;
  }

  private move(partition: number, from: Shard, to: Shard): void {
    const load = this.loadOf(partition);
    from.movable.delete(partition);
    from.load -= load;
    to.load += load;
    this.moves.push(Object.freeze({ partition, from: from.thread, to: to.thread }));
  }

  /** Takes the hot partitions of a shard out of those that may leave. */
  private hold({ movable }: Shard, movesHot: boolean): void {
    let hottest: number | undefined;
    for (const partition of movable) {
      if (movesHot && this.loadOf(partition) > this.mean) movable.delete(partition);
      if (hottest === undefined || this.loadOf(partition) > this.loadOf(hottest)) hottest = partition;
    }
    if (!movesHot && hottest !== undefined) movable.delete(hottest);
  }

  private loadOf(partition: number): number {
    return this.input.loads[partition] ?? 0;
  }
}

function shardsOf({ owners, loads, shards }: RebalanceInput): Shard[] {
  const byThread = new Map<number, Shard>();
  for (const thread of shards) byThread.set(thread, { thread, load: 0, movable: new Set() });
  for (let partition = 0; partition < owners.length; partition++) {
    const shard = byThread.get(owners[partition] as number);
    if (shard === undefined) continue;
    shard.load += loads[partition] ?? 0;
    shard.movable.add(partition);
  }
  return [...byThread.values()];
}

function meanOf(shards: readonly Shard[]): number {
  return shards.reduce((sum, { load }) => sum + load, 0) / Math.max(1, shards.length);
}

function busiestOf(shards: readonly Shard[]): Shard {
  return shards.reduce((busiest, shard) => (shard.load > busiest.load ? shard : busiest));
}

function idlestOf(shards: readonly Shard[]): Shard {
  return shards.reduce((idlest, shard) => (shard.load < idlest.load ? shard : idlest));
}
