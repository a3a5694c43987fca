/**
 * What a batch handler gets beside the events: one object per batch, which also keeps which events failed. It may be frozen.
 * Thread: the consumer's.
 */
import type { PublishOutcome, RingmainEvent, SendOutcome } from '@ringmain/core';
import { RingmainError } from '@ringmain/core';
import type { Logger } from 'pino';
import { checkEntries, checkPublishOptions, checkSendOptions } from '../publish/check-options.ts';
import type { BatchEntry, PublishOptions, SendOptions } from '../publish/options.ts';
import type { BatchHandlerContext, HandlerContext } from '../handler-context.ts';
import { Attempt } from './attempt.ts';
import { DeliveryContext } from './delivery-context.ts';
import type { DeliveredEvent } from './delivered-event.ts';
import { INSPECT } from './delivered-event.ts';
import type { Group } from './group.ts';
import { isThenable } from './thenable.ts';

/** Context of one batch. */
export class BatchContext implements BatchHandlerContext {
  readonly #target: Group;
  readonly #events: ReadonlySet<RingmainEvent>;
  readonly #failures = new Map<RingmainEvent, unknown>();
  readonly #attempt: Attempt;
  #ended = false;

  constructor(group: Group, events: readonly DeliveredEvent[], attempt: Attempt) {
    this.#target = group;
    this.#events = new Set(events);
    this.#attempt = attempt;
  }

  get shard(): number {
    return this.#target.shard;
  }

  get group(): string {
    return this.#target.name;
  }

  get state(): unknown {
    return this.#target.state;
  }

  get log(): Logger {
    return this.#target.log;
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  extend(ms: number): boolean {
    return this.#attempt.extend(ms);
  }

  fail(event: RingmainEvent, error: unknown): void {
    this.checkOpen();
    const own = this.own(event);
    // The first reason counts.
    if (!this.#failures.has(own)) this.#failures.set(own, error);
  }

  of(event: RingmainEvent): HandlerContext {
    this.checkOpen();
    const own = this.own(event);
    const attempt = new Attempt(this.#attempt);
    attempt.onChoice = () => {
      const failure = attempt.choice?.failure;
      if (failure !== undefined && !this.#ended) this.fail(event, failure.error);
    };
    return new DeliveryContext(this.#target, own, attempt);
  }

  publish(type: string, data: unknown, options: PublishOptions = {}): PublishOutcome {
    this.checkOpen();
    checkPublishOptions(options);
    const { publisher } = this.#target.scope;
    const outcome = publisher.emit(publisher.typeOf(type), data, options, 0);
    if (outcome.status === 'staged' || outcome.status === 'coalesced') this.#attempt.stage(publisher.overflow.lastSettled());
    return outcome;
  }

  publishBatch(entries: readonly BatchEntry[]): PublishOutcome {
    this.checkOpen();
    checkEntries(entries);
    return this.#target.scope.publisher.publishBatch(entries);
  }

  send(type: string, data: unknown, options: SendOptions = {}): Promise<SendOutcome> {
    try {
      this.checkOpen();
      checkSendOptions(options);
      return this.#target.scope.sends.send(type, data, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** @internal The attempt that this is the context of. */
  current(): Attempt {
    return this.#attempt;
  }

  /** What the batch settles with: the handler's result, and not before everything it staged has left the stage. */
  resultOf(result: unknown): unknown {
    return !isThenable(result) && this.#attempt.hasStaged ? this.#attempt.unstaged() : result;
  }

  /** Tells whether an event failed on its own. */
  hasFailed(event: DeliveredEvent): boolean {
    return this.#failures.has(event);
  }

  /** Why an event failed on its own. */
  failureOf(event: DeliveredEvent): unknown {
    return this.#failures.get(event);
  }

  /** The batch has settled; the context is of no use any more. */
  end(): void {
    this.#ended = true;
  }

  /** What `JSON.stringify` and loggers write. */
  toJSON(): Pick<BatchHandlerContext, 'shard' | 'group'> {
    const { shard, group } = this;
    return { shard, group };
  }

  /** What `console.log` and `util.inspect` print. */
  [INSPECT](): object {
    return this.toJSON();
  }

  private own(event: RingmainEvent): DeliveredEvent {
    if (this.#events.has(event)) return event as DeliveredEvent;
    throw new RingmainError('RINGMAIN_OPTION_INVALID', 'the event is not of this batch', {
      allowed: 'one of the events given to handleBatch',
    });
  }

  private checkOpen(): void {
    if (!this.#ended) return;
    throw new RingmainError('RINGMAIN_EVENT_RELEASED', 'the context of a batch was used after the batch had settled', {
      allowed: 'calls before handleBatch returns, or its promise settles',
    });
  }
}
