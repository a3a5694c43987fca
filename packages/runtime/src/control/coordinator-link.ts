/**
 * The main thread's hold on the coordinator thread: starts it, calls it, and starts another one if it should die.
 * Thread: main. When the coordinator dies, its shards die with it; new ones resume from shared memory.
 */
import { extname } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { RuntimeSeed } from '../thread-context.ts';
import type { CoordinatorContract, MainContract } from './contracts.ts';
import { Peer, serve } from './peer.ts';

const ENTRY = new URL(`../coordinator/coordinator-main${extname(import.meta.url)}`, import.meta.url);
/** Coordinators in a row that die before their shards drain, after which the runtime gives up. */
const STARTS_MAX = 3;

/** Hold on the coordinator thread. */
export class CoordinatorLink {
  private readonly seed: RuntimeSeed;
  private readonly log: Logger;
  private worker: Worker | undefined;
  private peer: Peer<CoordinatorContract> | undefined;
  private ended: Promise<void> = Promise.resolve();
  private patterns: readonly string[] = [];
  private referenced = true;
  private stopping = false;

  constructor(seed: RuntimeSeed, log: Logger) {
    this.seed = seed;
    this.log = log;
  }

  /**
   * Starts the coordinator and its shards; resolves with the groups they host.
   *
   * @param main - what the coordinator may call on the main thread
   */
  async start(main: MainContract): Promise<readonly GroupDescription[]> {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(ENTRY, {
      name: 'ringmain-coordinator',
      workerData: { seed: this.seed, mainPort: port2 },
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    const peer = new Peer<CoordinatorContract>(worker, 'coordinator');
    serve(port1, main);
    port1.unref();
    let reason = 'exit';
    worker.on('error', (error) => {
      reason = String(error);
    });
    this.worker = worker;
    this.peer = peer;
    this.ended = new Promise((resolve) => {
      worker.on('exit', () => {
        port1.close();
        peer.exited(reason);
        resolve();
        if (!this.stopping && this.worker === worker) void this.restart(main, reason);
      });
    });
    if (!this.referenced) worker.unref();
    try {
      await peer.api.setMainPatterns(this.patterns);
      const { groups } = await peer.api.start();
      return groups;
    } catch (error) {
      if (this.worker === worker) this.worker = undefined;
      await worker.terminate();
      throw error;
    }
  }

  /** Tells the shards what the main thread listens to. */
  async setMainPatterns(patterns: readonly string[]): Promise<void> {
    this.patterns = patterns;
    await this.peer?.api.setMainPatterns(patterns);
  }

  /** Ends a shard's thread as a crash would. */
  async terminateShard(index: number): Promise<void> {
    await this.peer?.api.terminateShard(index);
  }

  /** Stops the shards in order, then the coordinator. */
  async stop(timeoutMs: number): Promise<void> {
    this.stopping = true;
    await this.peer?.api.stop(timeoutMs).catch(() => {});
    await this.worker?.terminate();
    await this.ended;
  }

  /** Whether the runtime's threads keep the process alive. */
  setReferenced(referenced: boolean): void {
    this.referenced = referenced;
    if (referenced) this.worker?.ref();
    else this.worker?.unref();
  }

  private async restart(main: MainContract, reason: string): Promise<void> {
    this.log.error({ reason }, 'the coordinator ended; another one takes over');
    for (let attempt = 1; attempt <= STARTS_MAX && !this.stopping; attempt++) {
      try {
        await this.start(main);
        return;
      } catch (error) {
        this.log.error({ err: error, attempt }, 'the coordinator did not start again');
      }
    }
    if (!this.stopping) main.shardFailed(-1, `the coordinator ended (${reason}) and could not be replaced`);
  }
}
