/**
 * What a batch handler gets beside the events: one object per batch, which also keeps what the handler said of single events. It may be frozen.
 * Thread: the consumer's.
 * Invariant: what was said of an event first counts, whatever becomes of the batch; nothing can be said once the attempt at the batch is closed.
 */
import type { PublishOutcome, RingmainEvent, SendOutcome } from '@ringmain/core';
import { RingmainError } from '@ringmain/core';
import type { Logger } from 'pino';
import { checkEntries, checkPublishOptions, checkSendOptions } from '../publish/check-options.ts';
import type { BatchEntry, PublishOptions, SendOptions } from '../publish/options.ts';
import type { BatchHandlerContext, HandlerContext } from '../handler-context.ts';
import type { Failure } from './attempt.ts';
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
  /** Attempts at single events, as far as the handler spoke of them; bounded by the batch. */
  readonly #own = new Map<RingmainEvent, Attempt>();
  readonly #attempt: Attempt;

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
    // The first reason counts.
    this.attemptAt(this.member(event)).choose({ failure: { error } });
  }

  of(event: RingmainEvent): HandlerContext {
    this.checkOpen();
    const own = this.member(event);
    return new DeliveryContext(this.#target, own, this.attemptAt(own));
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
      return this.#target.scope.sends.send(type, data, options, 'handler', () => this.#attempt.givenUp);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** @internal The attempt that this is the context of. */
  current(): Attempt {
    return this.#attempt;
  }

  /**
   * @internal Calls the handler.
   *
   * @returns what to follow; undefined when the batch has ended, and staged nothing
   * @throws what the handler throws
   */
  run(events: readonly DeliveredEvent[]): unknown {
    const attempt = this.#attempt;
    let result: unknown;
    try {
      result = this.#target.handleBatch?.(events, this);
      if (isThenable(result)) return result;
    } catch (error) {
      if (attempt.hasStaged) return attempt.endStaged({ error });
      attempt.close();
      throw error;
    }
    if (attempt.hasStaged) return attempt.endStaged(undefined);
    attempt.close();
    return undefined;
  }

  /** @internal What becomes of an event: what the handler said of it, else what becomes of the batch. */
  verdictOn(event: RingmainEvent, failure: Failure): Failure {
    const choice = this.#own.get(event)?.choice;
    return choice === undefined ? failure : choice.failure;
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

  private attemptAt(event: DeliveredEvent): Attempt {
    let own = this.#own.get(event);
    if (own === undefined) this.#own.set(event, (own = new Attempt(this.#attempt)));
    return own;
  }

  private member(event: RingmainEvent): DeliveredEvent {
    if (this.#events.has(event)) return event as DeliveredEvent;
    throw new RingmainError('RINGMAIN_OPTION_INVALID', 'the event is not of this batch', {
      allowed: 'one of the events given to handleBatch',
    });
  }

  private checkOpen(): void {
    if (!this.#attempt.isClosed) return;
    throw new RingmainError('RINGMAIN_EVENT_RELEASED', 'the context of a batch was used after the batch had settled', {
      allowed: 'calls before handleBatch returns, or its promise settles',
    });
  }
}
