/**
 * Starts the threads of shards, and keeps one that waits: the warm spare, which has loaded the modules and takes over at once.
 * Thread: the coordinator. At most one spare at a time.
 */
import type { Logger } from 'pino';
import type { RuntimeSeed } from '../thread-context.ts';
import type { Sampler } from './sampler.ts';
import { ShardThread } from './shard-thread.ts';

/** Threads of one runtime. */
export class ShardThreads {
  /** True once no spare is wanted any more. */
  isOver = false;

  private readonly seed: RuntimeSeed;
  private readonly log: Logger;
  private readonly sampler: Sampler;
  private waiting: ShardThread | undefined;
  private launched = 0;

  constructor(seed: RuntimeSeed, log: Logger, sampler: Sampler) {
    this.seed = seed;
    this.log = log;
    this.sampler = sampler;
  }

  /** The thread that waits. */
  get spare(): ShardThread | undefined {
    return this.waiting;
  }

  /** Starts a thread. */
  launch(): ShardThread {
    this.launched++;
    return new ShardThread(this.seed, `ringmain-shard-${this.launched}`, this.log);
  }

  /** The spare if there is one, else a new thread. */
  next(): ShardThread {
    return this.takeSpare() ?? this.launch();
  }

  /** Has a spare wait, if that is configured and none does: several shards may have been replaced since the last one was taken. */
  keepSpare(): void {
    if (!this.seed.config.warmSpare || this.isOver || this.waiting !== undefined) return;
    const spare = this.launch();
    this.waiting = spare;
    const ready = (): void => {
      if (this.waiting === spare) this.sampler.noteSpare(true);
    };
    void spare.api.describe().then(ready, () => {});
    void spare.ended.then((reason) => {
      if (this.waiting !== spare) return;
      this.takeSpare();
      if (!this.isOver) this.log.warn({ reason }, 'the spare shard ended; the next replacement starts cold');
    });
  }

  private takeSpare(): ShardThread | undefined {
    const spare = this.waiting;
    this.waiting = undefined;
    this.sampler.noteSpare(false);
    return spare;
  }
}
