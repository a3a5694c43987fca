/**
 * A piscina pool for one isolated group in one shard: each call has a thread to itself, and a call that is given up ends it.
 * Thread: the consumer's.
 *
 * There are no more permits than threads, so a call waits in the pool only for a thread that starts. Threads that end one after another are replaced ever
 * more slowly.
 * Source: https://github.com/piscinajs/piscina; the pitfalls are in docs/decisions/0022-isolated-handlers.md.
 */
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RingmainError } from '@ringmain/core';
import type * as piscina from 'piscina';
import type { HandlerThreads, HandlerThreadsParts, ThreadCall } from './handler-threads.ts';
import { unpackError } from './packed-error.ts';
import type { PoolHello, PoolOutcome, PoolTask } from './pool-messages.ts';
import { ThreadPacing, pause } from './thread-pacing.ts';

/** Bounds of a pool. */
export interface PoolBounds {
  readonly min: number;
  readonly max: number;
  readonly idleTimeoutMs: number;
}

const ENTRY = fileURLToPath(new URL(`./pool-main${extname(import.meta.url)}`, import.meta.url));

/** Loaded where there is such a group: all other threads start without it. */
const require = createRequire(import.meta.url);

/** The pool of one group in one shard. */
export class PooledThreads implements HandlerThreads {
  private readonly parts: HandlerThreadsParts;
  private readonly min: number;
  private readonly piscina: piscina.Piscina<PoolTask, PoolOutcome>;
  private readonly pacing: ThreadPacing;
  private isClosed = false;
  /** Threads that the pool has ended, for whatever reason. */
  private ended = 0;

  constructor(parts: HandlerThreadsParts, { min, max, idleTimeoutMs }: PoolBounds) {
    const { memory } = parts;
    this.parts = parts;
    this.min = min;
    this.pacing = new ThreadPacing(parts.clock);
    const { Piscina: Pool } = require('piscina') as typeof piscina;
    this.piscina = new Pool<PoolTask, PoolOutcome>({
      filename: ENTRY,
      workerData: parts.seed,
      minThreads: min,
      maxThreads: max,
      idleTimeout: idleTimeoutMs,
      // Handlers have timers and sockets; a thread that waits for its next task must not block.
      atomics: 'disabled',
      recordTiming: false,
      ...(memory !== undefined && { resourceLimits: { ...memory } }),
    });
    this.piscina.on('message', (hello: PoolHello) => parts.onHello(hello));
    this.piscina.on('workerDestroy', () => this.ended++);
    // Not while a handler ran, so that nobody else hears of it.
    this.piscina.on('error', (error: unknown) => this.lost(error));
  }

  get beginWithinMs(): number {
    return this.parts.seed.seed.config.startTimeoutMs + this.pacing.waitMs();
  }

  async start(): Promise<void> {
    const task = { id: 0, records: [], logLevel: this.parts.seed.seed.config.log.level };
    const outcomes = Array.from({ length: this.min }, () => this.piscina.run(task));
    for (const outcome of await Promise.all(outcomes)) if (outcome !== undefined) throw unpackError(outcome);
  }

  async run({ task, signal }: ThreadCall): Promise<PoolOutcome> {
    const waitMs = this.pacing.waitMs();
    if (waitMs > 0) await pause(waitMs, signal);
    // A call after `destroy` would start a thread that nobody ends.
    if (signal.aborted) throw signal.reason;
    if (this.isClosed) throw new RingmainError('RINGMAIN_CLOSED', 'the thread ends');
    const own = new AbortController();
    let costsThread = true;
    const giveUp = (): void => {
      // The pool ends the thread of a call within `abort`. One that still waits for a thread has none.
      const before = this.ended;
      own.abort(signal.reason);
      costsThread = this.ended > before;
    };
    signal.addEventListener('abort', giveUp, { once: true });
    let outcome: PoolOutcome;
    try {
      outcome = await this.piscina.run(task, { signal: own.signal });
    } catch (error) {
      if (costsThread) this.lost();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
    this.pacing.went();
    return outcome;
  }

  async destroy(): Promise<void> {
    this.isClosed = true;
    // A thread that was given up before may end after `destroy` has: it would be replaced.
    this.piscina.options.minThreads = 0;
    await this.piscina.destroy();
  }

  private lost(idleError?: unknown): void {
    if (this.isClosed) return;
    this.pacing.lost();
    this.parts.onLost(idleError);
  }
}
