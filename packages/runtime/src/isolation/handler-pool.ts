/**
 * An isolated group in one shard: the threads that run its handlers, and the subscriber that its deliveries see in their place.
 *
 * Thread: the consumer's, which owns the threads: they end with it.
 * 1. A delivery gets a permit of the group's bulkhead, of which there are no more than the threads take calls; everything else waits in the bay.
 * 2. Its record is copied and handed to a thread; to the rest of the runtime the handler is an asynchronous function.
 * 3. What the end of an attempt means for its thread, and the end of a thread for its attempts, the threads decide (`HandlerThreads`).
 * The time limit counts from when the handler begins.
 */
import { RingmainError, errorText } from '@ringmain/core';
import { CELL_BYTES, GROUP_CELLS, GroupCell, addToCell, readCell } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { BatchContext } from '../deliver/batch-context.ts';
import type { DeliveredEvent } from '../deliver/delivered-event.ts';
import type { DeliveryContext } from '../deliver/delivery-context.ts';
import type { HandlerContext } from '../handler-context.ts';
import { inTime } from '../in-time.ts';
import { logFailure } from '../log/log-failure.ts';
import type { Subscriber } from '../subscriber.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { HandlerThreads, HandlerThreadsParts } from './handler-threads.ts';
import type { Place } from './isolation-options.ts';
import { OwnThread } from './own-thread.ts';
import { unpackError } from './packed-error.ts';
import type { PoolDesk } from './pool-calls.ts';
import { PoolCalls } from './pool-calls.ts';
import type { PoolOutcome, PoolSeed } from './pool-messages.ts';
import { PooledThreads } from './pooled-threads.ts';

/** What a pool is made of. */
export interface HandlerPoolParts {
  readonly context: ThreadContext;
  /** Number of the subscriber, which is that of its group. */
  readonly id: number;
  readonly subscriber: Subscriber;
  readonly place: Place;
  /** Hash of all subscribers, which the threads compare. */
  readonly hash: number;
  readonly log: Logger;
}

/** The threads of one group in one shard. */
export class HandlerPool {
  /** The subscriber as the shard runs it: its handlers, `setup` and `teardown` are those of the threads. */
  readonly hosted: Subscriber;

  private readonly parts: HandlerPoolParts;
  private readonly calls: PoolCalls;
  private readonly threads: HandlerThreads;
  /** Byte offset of the group's cells. */
  private readonly cells: number;
  private tasks = 0;
  private isClosed = false;

  constructor(parts: HandlerPoolParts) {
    const { context, id, place } = parts;
    const { isolation } = context.seed.config;
    this.parts = parts;
    this.cells = (context.seed.plan.threads[context.thread]?.groupCells ?? 0) + id * GROUP_CELLS * CELL_BYTES;
    // The predecessor's threads have ended with it.
    this.count(GroupCell.isolationThreads, -readCell(context.control, this.cellOf(GroupCell.isolationThreads)));
    this.calls = new PoolCalls(context.atomics);
    this.calls.onCount = (difference) => this.count(GroupCell.isolationThreads, difference);
    const own = this.threadsParts();
    if (place.kind === 'shard') {
      this.threads = new OwnThread(own, context.atomics);
      this.hosted = this.hostedWith(place.thread.concurrency ?? isolation.concurrency);
    } else {
      const { max = isolation.max, min = isolation.min, idleTimeoutMs = isolation.idleTimeoutMs } = place.threads;
      this.threads = new PooledThreads(own, { min: Math.min(min, max), max, idleTimeoutMs });
      this.hosted = this.hostedWith(max);
    }
  }

  /** The start was given up: ends the threads. */
  abandon(): void {
    this.isClosed = true;
    void this.threads.destroy();
  }

  private threadsParts(): HandlerThreadsParts {
    const { context, id, place, hash } = this.parts;
    const { config } = context.seed;
    const { resourceLimits } = place.kind === 'shard' ? place.thread : place.threads;
    const seed: PoolSeed = { seed: context.seed, shard: context.thread - 1, subscriber: id, hash };
    return {
      clock: context.clock,
      seed,
      memory: resourceLimits ?? config.isolation.resourceLimits ?? config.resourceLimits,
      onHello: (hello) => this.calls.connect(hello),
      onLost: (idleError) => this.lost(idleError),
    };
  }

  /** @param max - calls that the threads take at a time */
  private hostedWith(max: number): Subscriber {
    const { subscriber } = this.parts;
    const { handle, handleBatch } = subscriber;
    return {
      ...subscriber,
      handle: handle && ((event, ctx) => this.handle(event as DeliveredEvent, ctx as DeliveryContext)),
      handleBatch: handleBatch && ((events, ctx) => this.handleBatch(events as readonly DeliveredEvent[], ctx as BatchContext)),
      setup: () => this.threads.start(),
      teardown: () => this.close(),
      bulkhead: bulkheadOf(subscriber, max),
    };
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
      await this.run([event], attempt, desk, () => this.repeat(attempt, apart.current()));
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
    const desk = {
      context: (member: number | undefined) => (member === undefined ? ctx : of(member)),
      fail: (member: number, error: unknown) => ctx.fail(eventOf(member), error),
      begin: () => this.begin(attempt),
    };
    // What failed of it on its own has failed; its events come again one by one.
    await this.run(events, attempt, desk, () => false);
  }

  /** Runs one call of a handler in a thread; throws what the handler threw, or that its thread has ended. */
  private async run(events: readonly DeliveredEvent[], attempt: Begun, desk: PoolDesk, repeat: () => boolean): Promise<void> {
    const id = ++this.tasks;
    const { signal } = attempt;
    attempt.extend(this.threads.beginWithinMs);
    // Copied at once: the record is read in place only until this returns.
    const task = { id, records: events.map((event) => event.record()), logLevel: this.parts.context.seed.config.log.level };
    this.calls.add(id, desk);
    let outcome: PoolOutcome;
    try {
      outcome = await this.threads.run({ task, signal, repeat });
    } catch (error) {
      throw this.endOf(signal, error);
    } finally {
      this.calls.delete(id);
    }
    if (outcome !== undefined) throw unpackError(outcome);
  }

  /** The time limit counts from here. */
  private begin(attempt: Begun): void {
    // Heard only after the attempt was given up: its end was told already.
    if (attempt.isClosed) return;
    const { subscriber, context } = this.parts;
    attempt.onBegin?.();
    const timeoutMs = subscriber.timeoutMs ?? context.seed.config.handlers.timeoutMs;
    if (timeoutMs > 0) attempt.extend(timeoutMs);
  }

  /** A handler is called again because another ended their thread. */
  private repeat(attempt: Begun, { choice }: Begun): boolean {
    if (choice !== undefined || attempt.signal.aborted || this.parts.subscriber.delivery === 'best-effort') return false;
    attempt.extend(this.threads.beginWithinMs);
    this.count(GroupCell.redelivered, 1);
    return true;
  }

  private endOf(signal: AbortSignal, error: unknown): unknown {
    if (this.isClosed) return new RingmainError('RINGMAIN_CLOSED', 'the thread ends');
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

  private lost(idleError: unknown): void {
    if (this.isClosed) return;
    this.count(GroupCell.isolationThreadsLost, 1);
    if (idleError === undefined) return;
    const { log, subscriber } = this.parts;
    logFailure(log, idleError, { group: subscriber.group }, 'a thread of an isolated group ended between two events', 'warn');
  }

  private async close(): Promise<void> {
    this.isClosed = true;
    const { context, log, subscriber } = this.parts;
    const { group } = subscriber;
    const halfMs = context.seed.config.shutdownMs / 2;
    const failed = (error: unknown): void => logFailure(log, error, { group }, 'teardown failed');
    await inTime(this.calls.endAll(failed), halfMs, () => log.warn({ group, halfMs }, 'a teardown did not end in time'));
    await this.threads.destroy();
  }

  private count(cell: number, difference: number): void {
    addToCell(this.parts.context.control, this.cellOf(cell), difference);
  }

  /** Word index of one of the group's counters. */
  private cellOf(cell: number): number {
    return (this.cells + cell * CELL_BYTES) >> 2;
  }
}

/** An attempt, as far as the threads need it. */
type Begun = ReturnType<DeliveryContext['current']>;

/** As many permits as the threads take calls, or fewer. */
function bulkheadOf({ bulkhead }: Subscriber, max: number): Subscriber['bulkhead'] {
  const own = typeof bulkhead === 'object' ? bulkhead : {};
  return { ...own, concurrency: Math.min(own.concurrency ?? max, max) };
}
