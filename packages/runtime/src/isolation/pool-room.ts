/**
 * A thread of an isolated group: loads the subscriber modules, runs `setup` once, and calls the group's handler with copies of records.
 * Thread: one of an isolated group's, owned by its shard, with one call at a time (`PooledThreads`) or several (`OwnThread`). It has no part in the runtime's memory: it may end at any time, by its own fault
 * or because its time is up, and takes nothing with it but what it was at.
 */
import { threadId } from 'node:worker_threads';
import { recordViews } from '@ringmain/codec';
import { RingmainError } from '@ringmain/core';
import { systemAtomics } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { CopiedRecord } from '../deliver/delivered-event.ts';
import { DeliveredEvent } from '../deliver/delivered-event.ts';
import { EventTypes } from '../events/event-type.ts';
import { inTime } from '../in-time.ts';
import { createThreadLog } from '../log/thread-log.ts';
import type { SetupContext, Subscriber } from '../subscriber.ts';
import { loadSubscribers } from '../subscribers/load-subscribers.ts';
import { DetachedData } from './detached-data.ts';
import { IsolatedBatchContext } from './isolated-batch-context.ts';
import { IsolatedCall } from './isolated-call.ts';
import type { IsolatedScope } from './isolated-context.ts';
import { IsolatedContext } from './isolated-context.ts';
import { packError } from './packed-error.ts';
import type { PoolOutcome, PoolSeed, PoolTask } from './pool-messages.ts';
import { ShardLine } from './shard-line.ts';

interface Ready {
  readonly subscriber: Subscriber;
  readonly types: EventTypes;
  readonly scope: IsolatedScope;
  readonly setup: SetupContext;
}

/** The room of one such thread. */
export class PoolRoom {
  private readonly pool: PoolSeed;
  private readonly line: ShardLine;
  private readonly log: Logger;
  private ready: Promise<Ready> | undefined;

  constructor(pool: PoolSeed) {
    const { seed, shard } = pool;
    this.pool = pool;
    this.log = createThreadLog(seed.config.log.level, 'isolated').child({ shard, threadId });
    this.line = new ShardLine(systemAtomics, () => this.end());
  }

  /** Runs one task; never rejects. */
  async run(task: PoolTask, call = new IsolatedCall(task.id)): Promise<PoolOutcome> {
    if (this.log.level !== task.logLevel) this.log.level = task.logLevel;
    try {
      const ready = await this.prepare();
      if (task.records.length > 0 && !call.isGivenUp) await this.handle(ready, task, call);
      return undefined;
    } catch (error) {
      return packError(error);
    }
  }

  private async handle({ subscriber, types, scope }: Ready, { id, records }: PoolTask, call: IsolatedCall): Promise<void> {
    const events = records.map((record) => this.eventOf(types, record));
    this.line.begin(id);
    try {
      await resultOf(subscriber, scope, call, events);
    } finally {
      for (const event of events) event.release();
    }
  }

  private eventOf(types: EventTypes, { bytes, producer, type, attempt }: CopiedRecord): DeliveredEvent {
    const { seed } = this.pool;
    const views = recordViews(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const topic = views.i32[0] as number;
    const known = types.closed(topic) ?? types.received(producer, topic, () => type);
    return new DeliveredEvent({ seed, producer, type: known }, views, 0, attempt);
  }

  /** Loads and sets up, once; again after a failure, with the next task. */
  private prepare(): Promise<Ready> {
    this.ready ??= this.load().catch((error: unknown) => {
      this.ready = undefined;
      throw error;
    });
    return this.ready;
  }

  private async load(): Promise<Ready> {
    const { seed, shard, subscriber: index, hash } = this.pool;
    const { startTimeoutMs } = seed.config;
    const loaded = await loadSubscribers(seed);
    const subscriber = loaded.subscribers[index];
    if (loaded.hash !== hash || subscriber === undefined || loaded.registry === undefined) {
      throw new RingmainError(
        'RINGMAIN_EVENTS_MISMATCH',
        'the thread of an isolated group loaded other subscribers than its shard',
        {
          allowed: 'modules that export the same in every thread',
        },
      );
    }
    const { group } = subscriber;
    const log = this.log.child({ group });
    const setup = { shard, group, log };
    const state = await inTime(Promise.resolve(subscriber.setup?.(setup)), startTimeoutMs, () => {
      throw new RingmainError('RINGMAIN_START_FAILED', `setup of group ${group} took longer than ${startTimeoutMs} ms`);
    });
    const types = new EventTypes(loaded.registry);
    const data = new DetachedData(types);
    return { subscriber, types, scope: { shard, group, log, line: this.line, data, state }, setup };
  }

  private async end(): Promise<void> {
    const ready = await this.ready;
    await ready?.subscriber.teardown?.(ready.scope.state, ready.setup);
  }
}

/** Calls the handler, and says while it has not returned. */
function resultOf(subscriber: Subscriber, scope: IsolatedScope, call: IsolatedCall, events: readonly DeliveredEvent[]): unknown {
  const [event] = events as readonly [DeliveredEvent];
  call.onBegin?.();
  try {
    if (subscriber.handleBatch !== undefined)
      return subscriber.handleBatch(events, new IsolatedBatchContext(scope, call, events));
    return subscriber.handle?.(event, new IsolatedContext(scope, call, event.attempt));
  } finally {
    call.onReturn?.();
  }
}
