/**
 * The main thread's hold on the coordinator thread: starts it, calls it, and starts another one if it should die.
 * Thread: main. When the coordinator dies, its shards die with it, before its `exit`; new ones resume from shared memory.
 * Invariant: at most one coordinator lives, since two would run two threads as one shard.
 */
import { extname } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { RingmainError, isRingmainError } from '@ringmain/core';
import { RestartIntensity } from '@ringmain/policy';
import type { Logger } from 'pino';
import type { SystemEvents, SystemNoticeName } from '../events/system-events.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { CoordinatorContract, MainContract } from './contracts.ts';
import type { ResizeReport } from '../runtime-results.ts';
import { endInTime } from './end-in-time.ts';
import { Peer, serve } from './peer.ts';

const ENTRY = new URL(`../coordinator/coordinator-main${extname(import.meta.url)}`, import.meta.url);
/** Coordinators in a row that do not come up, after which the runtime gives up. */
const STARTS_MAX = 3;

/** What the link calls on the main thread. */
export interface CoordinatorOwner extends MainContract {
  /** The coordinator ended and is not replaced; the runtime has failed. */
  coordinatorFailed(reason: string): void;
}

/** Hold on the coordinator thread. */
export class CoordinatorLink {
  private readonly context: ThreadContext;
  private readonly log: Logger;
  private readonly intensity: RestartIntensity;
  private worker: Worker | undefined;
  private peer: Peer<CoordinatorContract> | undefined;
  private ended: Promise<void> = Promise.resolve();
  /** The replacement under way, or the last one; never rejects. */
  private replaced: Promise<void> = Promise.resolve();
  private patterns: readonly string[] = [];
  private referenced = true;
  private up = false;
  private hungReason: string | undefined;
  private stopping = false;

  constructor(context: ThreadContext, log: Logger) {
    const { maxRestarts, withinMs } = context.seed.config.restart;
    this.context = context;
    this.log = log;
    this.intensity = new RestartIntensity(maxRestarts, withinMs);
    context.live.watch(['restart'], ({ restart }) => this.intensity.configure(restart.maxRestarts, restart.withinMs));
  }

  /**
   * Starts the coordinator and its shards; resolves with the groups they host.
   *
   * @param owner - what the coordinator and this link may call on the main thread
   * @param endedUs - when the exit of a predecessor was seen, in microseconds of the runtime's time
   * @throws (rejects) {@link RingmainError} `RINGMAIN_START_FAILED` and what loading the modules throws; no thread is left then, but
   * those that hang in native code, which end when that returns
   */
  async start(owner: CoordinatorOwner, endedUs?: number): Promise<readonly GroupDescription[]> {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(ENTRY, {
      name: 'ringmain-coordinator',
      workerData: { seed: this.context.seed, mainPort: port2 },
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    const peer = new Peer<CoordinatorContract>(worker, 'coordinator');
    serve(port1, mainApi(owner));
    port1.unref();
    let reason = 'exit';
    let started = false;
    worker.on('error', (error) => {
      reason = String(error);
    });
    this.worker = worker;
    this.peer = peer;
    this.ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.up = false;
        reason = this.hungReason ?? reason;
        this.hungReason = undefined;
        port1.close();
        peer.exited(reason);
        resolve();
        // One that never came up is the business of whoever started it, and of nobody else.
        if (started && !this.stopping) this.replaced = this.replace(owner, reason);
      });
    });
    if (!this.referenced) worker.unref();
    try {
      await peer.api.setMainPatterns(this.patterns);
      const { groups } = await peer.api.start(endedUs);
      started = true;
      this.up = true;
      return groups;
    } catch (error) {
      // Whoever starts the runtime is told in any case. A successor must not start beside what is left.
      if (endedUs === undefined) await endInTime(worker);
      else await worker.terminate();
      if (!isRingmainError(error, 'RINGMAIN_PEER_EXITED')) throw error;
      throw new RingmainError('RINGMAIN_START_FAILED', `the coordinator ended before its shards were up: ${reason}`, {
        details: { reason },
        cause: error,
      });
    }
  }

  /** Tells the shards what the main thread listens to; resolves when they know, those of a next coordinator too. */
  async setMainPatterns(patterns: readonly string[]): Promise<void> {
    this.patterns = patterns;
    await this.tell(this.peer?.api.setMainPatterns(patterns));
  }

  /**
   * Has the coordinator and the shards go by the configuration of this thread; resolves when they do, those of a next coordinator too.
   *
   * @remarks The configuration is in place here before: a coordinator that starts meanwhile begins with it.
   */
  async reload(): Promise<void> {
    await this.tell(this.peer?.api.reload(this.context.seed.config));
  }

  /** Ends a shard's thread as a crash would. */
  async terminateShard(index: number): Promise<void> {
    await this.peer?.api.terminateShard(index);
  }

  /** Changes the number of shards. */
  async resize(shards: number, timeoutMs: number): Promise<ResizeReport> {
    if (this.peer === undefined) throw new Error('no coordinator was started');
    return this.peer.api.resize(shards, timeoutMs);
  }

  /** Ends moves of partitions; whoever waits for one is told. */
  async endMoves(): Promise<void> {
    // One that ends meanwhile moves nothing any more.
    await this.peer?.api.endMoves().catch(() => {});
  }

  /** Tells the handlers that are under way in the shards to stop. */
  async stopHandlers(): Promise<void> {
    // Those of a coordinator that ends meanwhile have ended.
    await this.peer?.api.stopHandlers().catch(() => {});
  }

  /**
   * Stops the shards in order; from now on nothing is replaced.
   *
   * @returns false when a shard had to be ended, or the coordinator is gone and its shards with it
   */
  async stopShards(timeoutMs: number): Promise<boolean> {
    this.stopping = true;
    const hung = await this.peer?.api.stop(timeoutMs).catch(() => undefined);
    return hung?.length === 0;
  }

  /** Ends the coordinator, and with it every shard that is left; resolves with true when they are gone. */
  async end(): Promise<boolean> {
    this.stopping = true;
    // A thread that does not end must not keep the process from ending.
    this.setReferenced(false);
    await this.worker?.terminate();
    await this.ended;
    await this.replaced;
    return true;
  }

  /** True while the coordinator has come up and not ended, as far as is known. */
  get isUp(): boolean {
    return this.up;
  }

  /** True once its shards stop, and it with them. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** Ends a coordinator that does nothing any more; another one takes over. */
  endHung(reason: string): void {
    this.hungReason = reason;
    void this.worker?.terminate();
  }

  /** Whether the runtime's threads keep the process alive. */
  setReferenced(referenced: boolean): void {
    this.referenced = referenced;
    if (referenced) this.worker?.ref();
    else this.worker?.unref();
  }

  /** Waits for a call whose subject a next coordinator begins with. If there is none, the runtime is closed or has failed, and says so itself. */
  private async tell(call: Promise<void> | undefined): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (!isRingmainError(error, 'RINGMAIN_PEER_EXITED')) throw error;
      await this.replaced;
    }
  }

  private async replace(owner: CoordinatorOwner, reason: string): Promise<void> {
    const endedUs = runtimeUs(this.context);
    this.log.error({ reason }, 'the coordinator ended; another one takes over');
    for (let attempt = 1; attempt <= STARTS_MAX && !this.stopping; attempt++) {
      if (!this.intensity.request(this.context.clock.monotonicUs() / 1000)) break;
      try {
        await this.start(owner, endedUs);
        return;
      } catch (error) {
        this.log.error({ err: error, attempt }, 'the coordinator did not start again');
      }
    }
    if (!this.stopping) owner.coordinatorFailed(reason);
  }
}

/** The main thread's methods as the coordinator may call them. */
function mainApi(owner: CoordinatorOwner): { readonly [Name in keyof MainContract]: unknown } {
  return {
    shardFailed: (index: number, reason: string) => owner.shardFailed(index, reason),
    notice: <Name extends SystemNoticeName>(name: Name, data: SystemEvents[Name]) => owner.notice(name, data),
    inspected: () => owner.inspected(),
  };
}
