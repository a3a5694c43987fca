/**
 * The coordinator: starts the shards in parallel, keeps one warm spare, replaces a shard that ended, looks after sleepers and steers the load.
 *
 * Thread: a worker of its own, owned by the main thread; it runs no user code and never blocks, so it sees a shard's exit at once
 * also while the main thread is blocked.
 * A replaced shard: 1. its `exit` (never before); 2. charge the death to what was in flight, from shared words; 3. activate the spare,
 * which recovers and rings both sides; 4. start a new spare. More than `restart.maxRestarts` within `restart.withinMs` fails loudly.
 */
import { RingmainError } from '@ringmain/core';
import { RestartIntensity } from '@ringmain/policy';
import { MAIN_THREAD } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { CoordinatorContract, MainContract } from '../control/contracts.ts';
import type { Remote } from '../control/peer.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { RuntimeSeed, ThreadContext } from '../thread-context.ts';
import { runtimeUs, threadContext } from '../thread-context.ts';
import { chargeDeath } from './charge-death.ts';
import { Controller } from './controller.ts';
import { Sampler } from './sampler.ts';
import { ShardThread } from './shard-thread.ts';

interface Seat {
  thread: ShardThread;
  readonly intensity: RestartIntensity;
}

/** The coordinator of one runtime. */
export class CoordinatorRoom {
  private readonly seed: RuntimeSeed;
  private readonly main: Remote<MainContract>;
  private readonly log: Logger;
  private readonly context: ThreadContext;
  private readonly sampler: Sampler;
  private readonly seats: Seat[] = [];
  private spare: ShardThread | undefined;
  private mainPatterns: readonly string[] = [];
  private groupsHash = 0;
  private threads = 0;
  private stopping = false;

  constructor(seed: RuntimeSeed, main: Remote<MainContract>, log: Logger) {
    this.seed = seed;
    this.main = main;
    this.log = log;
    this.context = threadContext(seed, MAIN_THREAD);
    this.sampler = new Sampler(this.context);
    const { live } = this.context;
    live.watch(['log'], ({ log: { level } }) => (this.log.level = level));
    live.watch(['restart'], ({ restart }) => {
      for (const { intensity } of this.seats) intensity.configure(restart.maxRestarts, restart.withinMs);
    });
  }

  /**
   * Starts every shard and the spare; resolves when all shards drain.
   *
   * @param endedUs - when the exit of a predecessor was seen, which took its shards with it; nothing is charged for that
   */
  async start(endedUs?: number): Promise<{ readonly groups: readonly GroupDescription[] }> {
    const { shards, restart } = this.seed.config;
    const intensity = (): RestartIntensity => new RestartIntensity(restart.maxRestarts, restart.withinMs);
    for (let index = 0; index < shards; index++) this.seats.push({ thread: this.launch(), intensity: intensity() });
    const descriptions = await Promise.all(this.seats.map(({ thread }) => this.inTime(thread.api.describe(), thread)));
    const first = descriptions[0] ?? { groups: [], hash: 0 };
    if (descriptions.some(({ hash }) => hash !== first.hash)) {
      throw new RingmainError('RINGMAIN_EVENTS_MISMATCH', 'shards loaded different subscribers from the same modules');
    }
    this.groupsHash = first.hash;
    if (endedUs !== undefined) {
      for (let index = 0; index < shards; index++) {
        this.sampler.noteExit(index, endedUs);
        this.sampler.countRestart(index);
      }
    }
    await Promise.all(this.seats.map(({ thread }, index) => this.inTime(thread.api.activate(index, this.mainPatterns), thread)));
    for (let index = 0; index < shards; index++) this.watch(index);
    this.keepSpare();
    const controller = this.control(first.groups);
    this.sampler.start((nowUs) => controller.tick(nowUs));
    return { groups: first.groups };
  }

  /**
   * Tells every shard what the main thread listens to; resolves when all of them know.
   *
   * @throws (rejects) {@link RingmainError} `RINGMAIN_CONTROL_TIMEOUT` when a shard does not answer within `deliveryTimeoutMs`; it hangs in a handler,
   * and takes the patterns over when it goes on, or with its successor
   */
  async setMainPatterns(patterns: readonly string[]): Promise<void> {
    this.mainPatterns = patterns;
    const timeoutMs = this.seed.config.deliveryTimeoutMs;
    const silent = new Set(this.seats.keys());
    const told = this.seats.map(async ({ thread }, index) => {
      // A shard that ends meanwhile gets the patterns with its successor's activation.
      await thread.api.setMainPatterns(patterns).catch(() => {});
      silent.delete(index);
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([Promise.all(told), late]);
    clearTimeout(timer);
    if (silent.size > 0) throw hanging([...silent], timeoutMs);
  }

  /** Has this thread, every shard and the spare go by another configuration; resolves when they do. */
  async reload(config: RuntimeConfig): Promise<void> {
    // Threads that start from now on begin with it.
    this.context.live.replace(config);
    const threads = [...this.seats.map(({ thread }) => thread), ...(this.spare === undefined ? [] : [this.spare])];
    // One that ends meanwhile is followed by one that is told as well, or begins with it.
    await Promise.allSettled(threads.map((thread) => thread.api.reload(config)));
  }

  /** Ends a shard's thread as a crash would. */
  async terminateShard(index: number): Promise<void> {
    const seat = this.seats[index];
    if (seat === undefined) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `shard ${index}`, {
        allowed: `an integer from 0 to ${this.seats.length - 1}`,
      });
    }
    await seat.thread.terminate();
  }

  /** Stops every shard; those that do not stop in time are terminated. */
  async stop(timeoutMs: number): Promise<void> {
    this.stopping = true;
    this.sampler.stop();
    const threads = this.seats.map(({ thread }) => thread);
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs).unref());
    await Promise.race([Promise.allSettled(threads.map((thread) => thread.api.stop())), deadline]);
    await Promise.all(threads.map((thread) => thread.terminate()));
    await this.spare?.terminate();
    await Promise.all(threads.map((thread) => thread.flushed()));
  }

  private control(groups: readonly GroupDescription[]): Controller {
    const { main, log } = this;
    return new Controller(this.context, groups, {
      log,
      // Calls to a main thread that is on its way out fail, and nobody waits for what they would say.
      notice: (name, data) => void main.notice(name, data).catch(() => {}),
      terminate: (shard) => void this.seats[shard]?.thread.terminate(),
      inspected: () => main.inspected(),
    });
  }

  private launch(): ShardThread {
    this.threads++;
    return new ShardThread(this.seed, `ringmain-shard-${this.threads}`, this.log);
  }

  private keepSpare(): void {
    if (!this.seed.config.warmSpare || this.stopping) return;
    const spare = this.launch();
    this.spare = spare;
    const ready = (): void => {
      if (this.spare === spare) this.sampler.noteSpare(true);
    };
    void spare.api.describe().then(ready, () => {});
    void spare.ended.then((reason) => {
      if (this.spare !== spare) return;
      this.takeSpare();
      if (!this.stopping) this.log.warn({ reason }, 'the spare shard ended; the next replacement starts cold');
    });
  }

  private takeSpare(): ShardThread | undefined {
    const { spare } = this;
    this.spare = undefined;
    this.sampler.noteSpare(false);
    return spare;
  }

  private watch(index: number): void {
    const seat = this.seats[index] as Seat;
    void seat.thread.ended.then((reason) => {
      if (!this.stopping) void this.replace(index, seat, reason);
    });
  }

  private async replace(index: number, seat: Seat, reason: string): Promise<void> {
    this.sampler.noteExit(index, runtimeUs(this.context));
    chargeDeath(this.context, index + 1);
    while (!this.stopping) {
      if (!seat.intensity.request(this.context.clock.monotonicUs() / 1000)) return this.fail(index, reason);
      this.sampler.countRestart(index);
      this.log.warn({ shard: index, reason }, 'shard ended; its successor takes over');
      seat.thread = this.takeSpare() ?? this.launch();
      try {
        const { hash } = await this.inTime(seat.thread.api.describe(), seat.thread);
        if (hash !== this.groupsHash)
          throw new RingmainError('RINGMAIN_EVENTS_MISMATCH', 'the successor loaded other subscribers');
        await this.inTime(seat.thread.api.activate(index, this.mainPatterns), seat.thread);
      } catch (error) {
        // The successor may have died at its first delivery, or never have come up; both count.
        await seat.thread.terminate();
        chargeDeath(this.context, index + 1);
        reason = String(error);
        continue;
      }
      this.watch(index);
      this.keepSpare();
      return;
    }
  }

  private fail(index: number, reason: string): void {
    this.log.fatal({ shard: index, reason }, 'shard ended too often; the runtime has failed');
    void this.main.shardFailed(index, reason).catch(() => {});
  }

  private async inTime<T>(promise: Promise<T>, thread: ShardThread): Promise<T> {
    const { startTimeoutMs } = this.seed.config;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new RingmainError('RINGMAIN_START_FAILED', `a shard did not start within ${startTimeoutMs} ms`, {
            details: { startTimeoutMs },
          }),
        );
        void thread.terminate();
      }, startTimeoutMs);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function hanging(shards: readonly number[], timeoutMs: number): RingmainError {
  return new RingmainError(
    'RINGMAIN_CONTROL_TIMEOUT',
    `shard ${shards.join(', ')} did not learn within ${timeoutMs} ms what the main thread listens to`,
    { details: { shards, timeoutMs } },
  );
}

/** The coordinator's methods as the main thread may call them. */
export function coordinatorApi(room: CoordinatorRoom): { readonly [Name in keyof CoordinatorContract]: unknown } {
  return {
    start: (endedUs?: number) => room.start(endedUs),
    setMainPatterns: (patterns: readonly string[]) => room.setMainPatterns(patterns),
    reload: (config: RuntimeConfig) => room.reload(config),
    terminateShard: (index: number) => room.terminateShard(index),
    stop: (timeoutMs: number) => room.stop(timeoutMs),
  };
}
