/**
 * The coordinator: starts the shards in parallel, keeps one warm spare, replaces a shard that ended, looks after sleepers and steers the load.
 *
 * Thread: a worker of its own, owned by the main thread; it runs no user code and never blocks, so it sees a shard's exit at once
 * also while the main thread is blocked.
 * A replaced shard: 1. its `exit` (never before); 2. charge the death to what was in flight, from shared words; 3. activate the spare,
 * which recovers and rings both sides; 4. start a new spare. More than `restart.maxRestarts` within `restart.withinMs`
 * fails loudly, or gives the shard up (`GivenUpShards`).
 */
import { RingmainError } from '@ringmain/core';
import type { RestartBackoffOptions } from '@ringmain/policy';
import { RestartBackoff, RestartIntensity } from '@ringmain/policy';
import { MAIN_THREAD } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { MainContract } from '../control/contracts.ts';
import type { Remote } from '../control/peer.ts';
import type { ResizeReport } from '../runtime-results.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { RuntimeSeed, ThreadContext } from '../thread-context.ts';
import { runtimeUs, threadContext } from '../thread-context.ts';
import type { Told } from './catch-up.ts';
import { catchUp } from './catch-up.ts';
import { chargeDeath } from './charge-death.ts';
import { Controller } from './controller.ts';
import { GivenUpShards } from './given-up-shards.ts';
import { PartitionMover } from './partition-mover.ts';
import { Rebalancer } from './rebalancer.ts';
import { Sampler } from './sampler.ts';
import { ShardResize } from './shard-resize.ts';
import type { Retirement } from './shard-retirement.ts';
import { retireShard } from './shard-retirement.ts';
import type { ShardThread } from './shard-thread.ts';
import { inTime } from './shard-thread.ts';
import { ShardThreads } from './shard-threads.ts';
import { endThread, stopThreads } from './stop-threads.ts';
import { tellThreads } from './tell-threads.ts';

interface Seat {
  thread: ShardThread;
  readonly intensity: RestartIntensity;
  readonly backoff: RestartBackoff;
  /** The thread ended in order, and gets no successor. */
  retired: boolean;
}

/** The coordinator of one runtime. */
export class CoordinatorRoom {
  private readonly seed: RuntimeSeed;
  private readonly main: Remote<MainContract>;
  private readonly log: Logger;
  private readonly context: ThreadContext;
  private readonly sampler: Sampler;
  private readonly mover: PartitionMover;
  private readonly resizer: ShardResize;
  private readonly seats: Seat[] = [];
  private readonly threads: ShardThreads;
  private readonly givenUp: GivenUpShards;
  private mainPatterns: readonly string[] = [];
  private groupsHash: number | undefined;
  private controller: Controller | undefined;
  private stopping = false;
  private failure: RingmainError | undefined;

  constructor(seed: RuntimeSeed, main: Remote<MainContract>, log: Logger) {
    this.seed = seed;
    this.main = main;
    this.log = log;
    this.context = threadContext(seed, MAIN_THREAD);
    this.sampler = new Sampler(this.context);
    this.mover = new PartitionMover(this.context);
    this.threads = new ShardThreads(seed, log, this.sampler);
    this.givenUp = new GivenUpShards(this.context, this.mover, this.sampler, log);
    this.resizer = new ShardResize(this.context, this.mover, {
      seats: () => this.seats.length,
      grow: (shards) => this.grow(shards),
      retireLast: (deadlineUs) => this.retireLast(deadlineUs),
      // Whoever resizes takes every shard for a good one.
      begin: () => this.givenUp.clear(),
      refusal: () => this.failure,
    });
    this.givenUp.isResizing = () => this.resizer.isActive;
    const { live } = this.context;
    live.watch(['log'], ({ log: { level } }) => (this.log.level = level));
    live.watch(['restart'], ({ restart }) => {
      for (const { intensity, backoff } of this.seats) {
        intensity.configure(restart.maxRestarts, restart.withinMs);
        backoff.configure(backoffOf(restart));
      }
    });
  }

  /**
   * Starts every shard and the spare; resolves when all shards drain.
   *
   * @param endedUs - when the exit of a predecessor was seen, which took its shards with it; nothing is charged for that
   */
  async start(endedUs?: number): Promise<{ readonly groups: readonly GroupDescription[] }> {
    this.mover.recover();
    // A coordinator that takes over finds here how many shards its predecessor had, or was about to have.
    const shards = this.mover.map.seats;
    const seats = Array.from({ length: shards }, () => this.newSeat());
    this.seats.push(...seats);
    const groups = await this.describe(seats);
    for (let index = 0; index < shards; index++) {
      if (endedUs === undefined) continue;
      this.sampler.noteExit(index, endedUs);
      this.sampler.countRestart(index);
    }
    await this.activate(seats, 0);
    for (let index = 0; index < shards; index++) this.takenUp(index);
    this.threads.keepSpare();
    const controller = this.control(groups);
    this.controller = controller;
    controller.start();
    const rebalancer = new Rebalancer(this.context, this.mover, {
      log: this.log,
      tell: (notice) => void this.main.notice('system.rebalanced', notice).catch(() => {}),
      isBusy: () => this.resizer.isActive,
      isGivenUp: (shard) => this.givenUp.has(shard),
    });
    this.sampler.start((nowUs) => {
      rebalancer.tick(nowUs);
      return controller.tick(nowUs);
    });
    return { groups };
  }

  /** Changes the number of shards; see `ShardResize`. */
  resize(shards: number, timeoutMs: number): Promise<ResizeReport> {
    return this.resizer.resize(shards, timeoutMs);
  }

  /** Ends moves of partitions; none begins any more. */
  endMoves(): void {
    this.mover.isOver = true;
    this.failure ??= new RingmainError('RINGMAIN_CLOSED', 'the runtime closes', { allowed: 'resizing until close() is called' });
  }

  /** Has every shard tell the handlers that are under way to stop. */
  stopHandlers(): void {
    for (const { thread } of this.seats) void thread.api.stopHandlers().catch(() => {});
  }

  /**
   * Tells every shard what the main thread listens to; resolves when all of them know.
   *
   * @throws (rejects) {@link RingmainError} `RINGMAIN_CONTROL_TIMEOUT` when a shard does not answer within `deliveryTimeoutMs`; it hangs in a handler,
   * and takes the patterns over when it goes on, or with its successor
   */
  async setMainPatterns(patterns: readonly string[]): Promise<void> {
    this.mainPatterns = patterns;
    await this.tell((thread) => thread.api.setMainPatterns(patterns), 'learn what the main thread listens to');
  }

  /**
   * Has this thread, every shard and the spare go by another configuration; resolves when they do.
   *
   * @throws (rejects) {@link RingmainError} `RINGMAIN_CONTROL_TIMEOUT` with the shards that hang; they go by it when they go on, as their successors do
   */
  async reload(config: RuntimeConfig): Promise<void> {
    // Threads that start from now on begin with it.
    this.context.live.replace(config);
    // The spare takes it over before it becomes a shard: it reads what it is told in that order.
    void this.threads.spare?.api.reload(config).catch(() => {});
    await this.tell((thread) => thread.api.reload(config), 'go by the new configuration');
  }

  /** Ends a shard's thread as a crash would. */
  async terminateShard(index: number): Promise<void> {
    const seat = this.seats[index];
    if (seat === undefined) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `shard ${index}`, {
        allowed: `an integer from 0 to ${this.seats.length - 1}`,
      });
    }
    await endThread(seat.thread, index, this.seed.config.shutdownMs);
  }

  /**
   * Stops every shard; those that do not stop in time are terminated.
   *
   * @returns the numbers of those
   */
  async stop(timeoutMs: number): Promise<readonly number[]> {
    this.stopping = true;
    this.threads.isOver = true;
    this.endMoves();
    this.sampler.stop();
    this.controller?.stop();
    return stopThreads(
      this.seats.map(({ thread }) => thread),
      this.threads.spare,
      timeoutMs,
    );
  }

  private control(groups: readonly GroupDescription[]): Controller {
    const { main, log } = this;
    return new Controller(this.context, groups, {
      log,
      // Calls to a main thread that is on its way out fail, and nobody waits for what they would say.
      notice: (name, data) => void main.notice(name, data).catch(() => {}),
      terminate: (shard) => void this.seats[shard]?.thread.terminate(),
      inspected: () => main.inspected(),
      hurry: () => this.sampler.hurry(),
    });
  }

  private async tell(tell: (thread: ShardThread) => Promise<void>, what: string): Promise<void> {
    const threads = this.seats.map(({ thread }) => thread);
    await tellThreads(threads, tell, this.seed.config.deliveryTimeoutMs, what);
  }

  private newSeat(): Seat {
    const { restart } = this.seed.config;
    return {
      thread: this.threads.launch(),
      intensity: new RestartIntensity(restart.maxRestarts, restart.withinMs),
      backoff: new RestartBackoff(backoffOf(restart)),
      retired: false,
    };
  }

  /** Waits until threads have loaded their modules; all must have the same groups. */
  private async describe(seats: readonly Seat[]): Promise<readonly GroupDescription[]> {
    const descriptions = await Promise.all(seats.map(({ thread }) => inTime(this.seed, thread.api.describe(), thread)));
    const first = descriptions[0] ?? { groups: [], hash: 0 };
    const hash = this.groupsHash ?? first.hash;
    if (descriptions.some((description) => description.hash !== hash)) {
      throw new RingmainError('RINGMAIN_EVENTS_MISMATCH', 'shards loaded different subscribers from the same modules');
    }
    this.groupsHash = hash;
    return first.groups;
  }

  /** Makes threads shards, with numbers from `first` on. */
  private async activate(seats: readonly Seat[], first: number): Promise<void> {
    await Promise.all(
      seats.map(({ thread }, index) => inTime(this.seed, thread.api.activate(first + index, this.mainPatterns), thread)),
    );
  }

  /** Starts further shards, all or none. They own nothing yet. */
  private async grow(shards: number): Promise<void> {
    const { map } = this.mover;
    const first = this.seats.length;
    const seats = Array.from({ length: shards - first }, () => this.newSeat());
    const current = (): Told => ({ patterns: this.mainPatterns, config: this.seed.config });
    const known = current();
    for (let index = first; index < shards; index++) this.sampler.noteFresh(index);
    try {
      await this.describe(seats);
      await this.activate(seats, first);
      const fresh = seats.map(({ thread }) => thread.api);
      await catchUp(fresh, known, current);
      if (this.failure !== undefined) throw this.failure;
    } catch (error) {
      await Promise.all(seats.map(({ thread }) => thread.terminate()));
      for (let index = first; index < shards; index++) this.sampler.noteGone(index);
      throw error;
    }
    map.seats = shards;
    this.seats.push(...seats);
    for (let index = first; index < shards; index++) this.takenUp(index);
  }

  /** Ends the last shard, which owns nothing, once it has nothing to do. */
  private async retireLast(deadlineUs: number): Promise<Retirement> {
    const shard = this.seats.length - 1;
    const seat = this.seats[shard] as Seat;
    const { context, mover } = this;
    const leaving = { context, mover, shard, thread: seat.thread, decided: () => (seat.retired = true) };
    const retirement = await retireShard(leaving, deadlineUs, this.seed.config.shutdownMs);
    if (retirement === 'busy' || this.stopping) return retirement;
    if (retirement === 'terminated') this.log.warn({ shard }, 'a teardown did not end; the thread of the shard was terminated');
    mover.map.seats = shard;
    this.seats.pop();
    this.sampler.noteGone(shard);
    return retirement;
  }

  /** The thread of a shard is up. */
  private takenUp(index: number): void {
    this.seats[index]?.backoff.started(this.nowMs());
    this.sampler.noteTaken(index);
    this.watch(index);
    void this.givenUp.handOver(index);
  }

  private nowMs(): number {
    return this.context.clock.monotonicUs() / 1000;
  }

  private watch(index: number): void {
    const seat = this.seats[index] as Seat;
    void seat.thread.ended.then((reason) => {
      if (!this.stopping && !seat.retired) void this.replace(index, seat, reason);
    });
  }

  private async replace(index: number, seat: Seat, reason: string): Promise<void> {
    this.sampler.noteExit(index, runtimeUs(this.context));
    chargeDeath(this.context, index + 1);
    while (!this.stopping) {
      if (!seat.intensity.request(this.nowMs()) && !this.givenUp.mayGoOn(index)) return this.fail(index, reason);
      const delayMs = seat.backoff.died(this.nowMs());
      this.sampler.countRestart(index);
      this.log.warn({ shard: index, reason, delayMs }, 'shard ended; its successor takes over');
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (this.stopping) return;
      seat.thread = this.threads.next();
      try {
        const { hash } = await inTime(this.seed, seat.thread.api.describe(), seat.thread);
        if (hash !== this.groupsHash)
          throw new RingmainError('RINGMAIN_EVENTS_MISMATCH', 'the successor loaded other subscribers');
        await inTime(this.seed, seat.thread.api.activate(index, this.mainPatterns), seat.thread);
      } catch (error) {
        // The successor may have died at its first delivery, or never have come up; both count.
        await seat.thread.terminate();
        chargeDeath(this.context, index + 1);
        reason = String(error);
        continue;
      }
      this.takenUp(index);
      this.threads.keepSpare();
      return;
    }
  }

  private fail(index: number, reason: string): void {
    this.log.fatal({ shard: index, reason }, 'shard ended too often; the runtime has failed');
    this.mover.isOver = true;
    this.failure ??= new RingmainError('RINGMAIN_SHARD_FAILED', `shard ${index} ended too often: ${reason}`);
    void this.main.shardFailed(index, reason).catch(() => {});
  }
}

function backoffOf({ maxRestarts, withinMs, backoffInitialMs, backoffMaxMs }: RuntimeConfig['restart']): RestartBackoffOptions {
  return { initialMs: backoffInitialMs, maxMs: backoffMaxMs, calmMs: withinMs / Math.max(1, maxRestarts) };
}
