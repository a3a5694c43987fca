/**
 * The threads of one isolated group in one shard: a piscina pool that runs the group's handlers, and the subscriber that its deliveries see in their place.
 *
 * Thread: the consumer's, which owns the pool: the pool's threads end with it.
 * 1. A delivery gets a permit of the group's bulkhead, of which there are no more than threads; so nothing ever waits inside the pool but for a thread that
 *    starts. Everything else waits in the bay.
 * 2. Its record is copied and handed to a thread; to the rest of the runtime the handler is an asynchronous function.
 * 3. When the attempt is given up, its signal ends the thread; the pool starts another. A thread that ends by itself fails what it was at.
 * 4. Threads that end one after another are replaced ever more slowly.
 * The time limit counts from when the handler begins: until then the thread has `startTimeoutMs` to start, load and set up.
 * Source: https://github.com/piscinajs/piscina; the pitfalls are in docs/decisions/0022-isolated-handlers.md.
 */
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RingmainError, errorText } from '@ringmain/core';
import { CELL_BYTES, GROUP_CELLS, GroupCell, addToCell, readCell } from '@ringmain/ring';
import type { Logger } from 'pino';
import type * as piscina from 'piscina';
import type { BatchContext } from '../deliver/batch-context.ts';
import type { DeliveredEvent } from '../deliver/delivered-event.ts';
import type { DeliveryContext } from '../deliver/delivery-context.ts';
import type { HandlerContext } from '../handler-context.ts';
import { inTime } from '../in-time.ts';
import { logFailure } from '../log/log-failure.ts';
import type { Subscriber } from '../subscriber.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { IsolationThreads } from './isolation-options.ts';
import { unpackError } from './packed-error.ts';
import type { PoolDesk } from './pool-calls.ts';
import { PoolCalls } from './pool-calls.ts';
import type { PoolHello, PoolOutcome, PoolSeed, PoolTask } from './pool-messages.ts';
import { ThreadPacing, pause } from './thread-pacing.ts';

/** What a pool is made of. */
export interface HandlerPoolParts {
  readonly context: ThreadContext;
  /** Number of the subscriber, which is that of its group. */
  readonly id: number;
  readonly subscriber: Subscriber;
  readonly threads: IsolationThreads;
  /** Hash of all subscribers, which the threads compare. */
  readonly hash: number;
  readonly log: Logger;
}

const ENTRY = fileURLToPath(new URL(`./pool-main${extname(import.meta.url)}`, import.meta.url));

/** Loaded where there is an isolated group: all other threads start without it. */
const require = createRequire(import.meta.url);

/** The pool of one group in one shard. */
export class HandlerPool {
  /** The subscriber as the shard runs it: its handlers, `setup` and `teardown` are those of the pool. */
  readonly hosted: Subscriber;

  private readonly parts: HandlerPoolParts;
  private readonly calls: PoolCalls;
  private readonly piscina: piscina.Piscina<PoolTask, PoolOutcome>;
  private readonly pacing: ThreadPacing;
  private readonly min: number;
  /** Word indexes of the counters. */
  private readonly threadsCell: number;
  private readonly lostCell: number;
  private tasks = 0;
  private isClosed = false;

  constructor(parts: HandlerPoolParts) {
    const { context, id, subscriber } = parts;
    const { config } = context.seed;
    const { max = config.isolation.max, min = config.isolation.min, ...own } = parts.threads;
    const { idleTimeoutMs = config.isolation.idleTimeoutMs, resourceLimits } = own;
    const memory = resourceLimits ?? config.isolation.resourceLimits ?? config.resourceLimits;
    this.parts = parts;
    this.pacing = new ThreadPacing(context.clock);
    this.min = Math.min(min, max);
    const cells = (context.seed.plan.threads[context.thread]?.groupCells ?? 0) + id * GROUP_CELLS * CELL_BYTES;
    this.threadsCell = (cells + GroupCell.isolationThreads * CELL_BYTES) >> 2;
    this.lostCell = (cells + GroupCell.isolationThreadsLost * CELL_BYTES) >> 2;
    // The predecessor's threads have ended with it.
    this.count(-readCell(context.control, this.threadsCell));
    this.calls = new PoolCalls(context.atomics);
    this.calls.onCount = (difference) => this.count(difference);
    const seed: PoolSeed = { seed: context.seed, shard: context.thread - 1, subscriber: id, hash: parts.hash };
    const { Piscina: Pool } = require('piscina') as typeof piscina;
    this.piscina = new Pool<PoolTask, PoolOutcome>({
      filename: ENTRY,
      workerData: seed,
      minThreads: this.min,
      maxThreads: max,
      idleTimeout: idleTimeoutMs,
      // Handlers have timers and sockets; a thread that waits for its next task must not block.
      atomics: 'disabled',
      recordTiming: false,
      ...(memory !== undefined && { resourceLimits: { ...memory } }),
    });
    this.piscina.on('message', (hello: PoolHello) => this.calls.connect(hello));
    this.piscina.on('error', (error: unknown) => this.idleThreadEnded(error));
    this.hosted = { ...subscriber, ...this.handlers(subscriber), bulkhead: bulkheadOf(subscriber, max) };
  }

  /** The start was given up: ends the threads. */
  abandon(): void {
    this.isClosed = true;
    void this.piscina.destroy();
  }

  private handlers({ handle, handleBatch }: Subscriber): Pick<Subscriber, 'handle' | 'handleBatch' | 'setup' | 'teardown'> {
    return {
      handle: handle && ((event, ctx) => this.handle(event as DeliveredEvent, ctx as DeliveryContext)),
      handleBatch: handleBatch && ((events, ctx) => this.handleBatch(events as readonly DeliveredEvent[], ctx as BatchContext)),
      setup: () => this.start(),
      teardown: () => this.close(),
    };
  }

  /** Has the first threads load and set up, so that what is wrong with that fails the start. */
  private async start(): Promise<void> {
    const task = { records: [], logLevel: this.logLevel };
    const outcomes = Array.from({ length: this.min }, () => this.piscina.run({ ...task, id: ++this.tasks }));
    for (const outcome of await Promise.all(outcomes)) if (outcome !== undefined) throw unpackError(outcome);
  }

  private async handle(event: DeliveredEvent, ctx: DeliveryContext): Promise<void> {
    const apart = ctx.apart();
    const attempt = ctx.current();
    const choose = (): void => {
      const { choice } = apart.current();
      if (choice !== undefined) attempt.choose(choice);
    };
    attempt.signal.addEventListener('abort', choose, { once: true });
    const desk = { context: () => apart, fail: () => {}, begin: () => this.begin(attempt) };
    try {
      await this.run([event], attempt, desk);
    } finally {
      choose();
    }
  }

  private async handleBatch(events: readonly DeliveredEvent[], ctx: BatchContext): Promise<void> {
    const contexts = new Map<number, HandlerContext>();
    const eventOf = (member: number): DeliveredEvent => events[member] as DeliveredEvent;
    const of = (member: number): HandlerContext => {
      let own = contexts.get(member);
      if (own === undefined) contexts.set(member, (own = ctx.of(eventOf(member))));
      return own;
    };
    const attempt = ctx.current();
    await this.run(events, attempt, {
      context: (member) => (member === undefined ? ctx : of(member)),
      fail: (member, error) => ctx.fail(eventOf(member), error),
      begin: () => this.begin(attempt),
    });
  }

  /** Runs one call of a handler in a thread; throws what the handler threw, or that its thread has ended. */
  private async run(events: readonly DeliveredEvent[], attempt: Begun, desk: PoolDesk): Promise<void> {
    const { seed } = this.parts.context;
    const id = ++this.tasks;
    const { signal } = attempt;
    const waitMs = this.pacing.waitMs();
    attempt.extend(seed.config.startTimeoutMs + waitMs);
    // Copied at once: the record is read in place only until this returns.
    const task = { id, records: events.map((event) => event.record()), logLevel: this.logLevel };
    if (waitMs > 0) await pause(waitMs, signal);
    if (signal.aborted) throw signal.reason;
    this.calls.add(id, desk);
    let outcome: PoolOutcome;
    try {
      outcome = await this.piscina.run(task, { signal });
    } catch (error) {
      throw this.endOf(signal, error);
    } finally {
      this.calls.delete(id);
    }
    this.pacing.went();
    if (outcome !== undefined) throw unpackError(outcome);
  }

  /** The time limit counts from here. */
  private begin(attempt: Begun): void {
    const { subscriber, context } = this.parts;
    const timeoutMs = subscriber.timeoutMs ?? context.seed.config.handlers.timeoutMs;
    if (timeoutMs > 0) attempt.extend(timeoutMs);
  }

  private endOf(signal: AbortSignal, error: unknown): unknown {
    if (this.isClosed) return new RingmainError('RINGMAIN_CLOSED', 'the thread ends');
    this.lost();
    if (signal.aborted) return signal.reason;
    const { group } = this.parts.subscriber;
    return new RingmainError(
      'RINGMAIN_HANDLER_DIED',
      `the thread of group ${group} ended while its handler ran: ${errorText(error)}`,
      {
        details: { group },
        cause: error,
      },
    );
  }

  /** Not while a handler ran, so that nobody else hears of it. */
  private idleThreadEnded(error: unknown): void {
    if (this.isClosed) return;
    this.lost();
    const { log, subscriber } = this.parts;
    logFailure(log, error, { group: subscriber.group }, 'a thread of an isolated group ended between two events', 'warn');
  }

  private lost(): void {
    this.pacing.lost();
    addToCell(this.parts.context.control, this.lostCell, 1);
  }

  private async close(): Promise<void> {
    this.isClosed = true;
    const { context, log, subscriber } = this.parts;
    const { group } = subscriber;
    const halfMs = context.seed.config.shutdownMs / 2;
    const failed = (error: unknown): void => logFailure(log, error, { group }, 'teardown failed');
    await inTime(this.calls.endAll(failed), halfMs, () => log.warn({ group, halfMs }, 'a teardown did not end in time'));
    await this.piscina.destroy();
  }

  private get logLevel(): string {
    return this.parts.context.seed.config.log.level;
  }

  private count(difference: number): void {
    addToCell(this.parts.context.control, this.threadsCell, difference);
  }
}

/** An attempt, as far as the pool needs it. */
type Begun = ReturnType<DeliveryContext['current']>;

/** One permit for each thread, or fewer. */
function bulkheadOf({ bulkhead }: Subscriber, max: number): Subscriber['bulkhead'] {
  const own = typeof bulkhead === 'object' ? bulkhead : {};
  return { ...own, concurrency: Math.min(own.concurrency ?? max, max) };
}
