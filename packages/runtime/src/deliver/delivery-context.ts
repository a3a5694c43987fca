/**
 * What a handler gets beside the event: one small object per delivery. It may be frozen, also deeply, so what it holds is private to the language.
 * Thread: the consumer's.
 */
import type { PublishOutcome, SendOutcome } from '@ringmain/core';
import { LIMITS, NonRetryableError, RetryAfterError, RingmainError, describeValue } from '@ringmain/core';
import type { Logger } from 'pino';
import { checkNames } from '../check-names.ts';
import { checkEntries, checkPublishOptions, checkSendOptions } from '../publish/check-options.ts';
import type { BatchEntry, PublishOptions, SendOptions } from '../publish/options.ts';
import type { HandlerContext, NackOptions } from '../handler-context.ts';
import type { Choice, Failure } from './attempt.ts';
import { Attempt, HANDLED } from './attempt.ts';
import type { DeliveredEvent } from './delivered-event.ts';
import { INSPECT } from './delivered-event.ts';
import type { Group } from './group.ts';
import { follow, isThenable } from './thenable.ts';

const NACK_OPTIONS: ReadonlySet<string> = new Set<keyof NackOptions>(['delayMs', 'error']);

/** Context of one delivery. */
export class DeliveryContext implements HandlerContext {
  readonly #target: Group;
  readonly #event: DeliveredEvent;
  #attempt: Attempt | undefined;

  constructor(group: Group, event: DeliveredEvent, attempt?: Attempt) {
    this.#target = group;
    this.#event = event;
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

  get attempt(): number {
    return this.#event.attempt;
  }

  get log(): Logger {
    return this.#target.log;
  }

  get signal(): AbortSignal {
    return this.current().signal;
  }

  ack(): boolean {
    return this.current().choose(HANDLED);
  }

  nack(options: NackOptions = {}): boolean {
    checkNames('options', options, NACK_OPTIONS);
    const { delayMs, error } = options;
    const reason = error ?? new Error('the handler declined the event');
    const asked = delayMs === undefined ? reason : new RetryAfterError(delayMs, undefined, { cause: reason });
    return this.current().choose({ failure: { error: asked } });
  }

  deadLetter(reason: string): boolean {
    if (typeof reason !== 'string' || reason.length > LIMITS.attributeChars) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `reason is ${describeValue(reason)}`, {
        allowed: `a string of at most ${LIMITS.attributeChars} characters`,
      });
    }
    return this.current().choose({ failure: { error: new NonRetryableError(reason) } });
  }

  extend(ms: number): boolean {
    return this.current().extend(ms);
  }

  publish(type: string, data: unknown, options?: PublishOptions): PublishOutcome {
    const { publisher } = this.#target.scope;
    if (options !== undefined) checkPublishOptions(options);
    const outcome = publisher.emit(publisher.typeOf(type), data, this.inherit(options), 0);
    if (outcome.status === 'staged' || outcome.status === 'coalesced') this.current().stage(publisher.overflow.lastSettled());
    return outcome;
  }

  /**
   * @internal The same context for a handler in another thread: what it chooses waits for its end, like that of an event of a batch.
   */
  apart(): DeliveryContext {
    return new DeliveryContext(this.#target, this.#event, new Attempt(this.current()));
  }

  /** @internal The attempt that this is the context of. */
  current(): Attempt {
    return (this.#attempt ??= new Attempt());
  }

  /**
   * @internal Calls the handler. What the delivery settles with is the handler's own result, or what it chose, and not before everything it staged is
   * committed or dropped; if the thread dies earlier, the delivery comes again and publishes again.
   *
   * @param instead - called in place of the handler
   * @returns undefined when it has settled as handled, else what to follow
   * @throws what the handler throws, or failed the delivery with
   */
  run(instead?: () => unknown): unknown {
    const { breaker, bulkhead } = this.#target;
    let result: unknown;
    try {
      if (breaker === undefined && bulkhead === undefined) result = this.call(instead);
      else result = bulkhead?.isMetered === true ? bulkhead.metered(() => this.guarded(instead)) : this.guarded(instead);
    } catch (error) {
      if (this.#attempt?.hasStaged !== true) throw error;
      return this.#attempt.endStaged({ error });
    }
    return result === undefined && this.#attempt?.hasStaged === true ? this.#attempt.endStaged(undefined) : result;
  }

  /** Calls the handler, and tells its group's breaker how that ended. */
  private guarded(instead: (() => unknown) | undefined): unknown {
    const { breaker, isIsolated } = this.#target;
    if (breaker === undefined) return this.call(instead);
    const call = breaker.begin(1, isIsolated);
    if (isIsolated) {
      const begun = (): void => breaker.started(call);
      this.current().onBegin = begun;
    }
    const ended = (failure: Failure): void =>
      breaker.end(call, failure !== undefined && this.#target.isFailure(failure.error) ? 1 : 0);
    // It may end within its turn, and be followed for what it staged.
    if (instead !== undefined) this.current().onEnd = ended;
    let result: unknown;
    try {
      result = this.call(instead);
    } catch (error) {
      breaker.end(call, this.#target.isFailure(error) ? 1 : 0);
      throw error;
    }
    if (result === undefined) {
      breaker.end(call, 0);
      return undefined;
    }
    const attempt = this.current();
    if (!attempt.isClosed) attempt.onEnd = ended;
    if (!isIsolated) attempt.beganUs = call.startedUs;
    return result;
  }

  private call(instead?: () => unknown): unknown {
    let result: unknown;
    try {
      result = instead === undefined ? this.#target.handle?.(this.#event, this) : instead();
    } catch (error) {
      if (this.#attempt?.choice === undefined) throw error;
      this.#target.scope.failures.afterwards(this.#target, error);
    }
    if (result !== undefined && !isThenable(result)) result = undefined;
    if (this.#attempt?.choice === undefined) return result;
    return this.chosen(this.#attempt.choice, result as PromiseLike<unknown> | undefined);
  }

  private chosen({ failure }: Choice, result: PromiseLike<unknown> | undefined): undefined {
    const group = this.#target;
    if (result !== undefined) {
      follow(
        result,
        () => {},
        (error) => group.scope.failures.afterwards(group, error),
      );
    }
    if (failure !== undefined) throw failure.error;
    return undefined;
  }

  publishBatch(entries: readonly BatchEntry[]): PublishOutcome {
    // The id is read once, and also for an empty batch, so that a delivery that has settled is refused like with `publish`.
    const inherited = this.inherit(undefined);
    // Looked at before they are copied: a copy of what is no object is one.
    checkEntries(entries);
    return this.#target.scope.publisher.publishBatch(
      entries.map((entry) => bounded({ ...inherited, ...entry }, inherited.deadline)),
    );
  }

  send(type: string, data: unknown, options?: SendOptions): Promise<SendOutcome> {
    try {
      if (options !== undefined) checkSendOptions(options);
      return this.#target.scope.sends.send(type, data, this.inherit(options), 'handler', () => this.current().givenUp);
    } catch (error) {
      // A promise answers by itself: whoever has only a `catch` on it must not be hit by a throw, which in a timer ends the thread.
      return Promise.reject(error);
    }
  }

  /** What `JSON.stringify` and loggers write: the fields would be the runtime's whole memory. */
  toJSON(): Pick<HandlerContext, 'shard' | 'group' | 'attempt'> {
    const { shard, group, attempt } = this;
    return { shard, group, attempt };
  }

  /** What `console.log` and `util.inspect` print. */
  [INSPECT](): object {
    return this.toJSON();
  }

  /** The event that is being handled is the cause; its correlation goes on, or begins with it, and nothing outlives its deadline. */
  private inherit<Options extends PublishOptions>(options: Options | undefined): Options {
    const event = this.#event;
    if (this.#attempt?.isClosed === true) throw closed();
    const causationId = event.id;
    const inherited = { correlationId: event.correlationId ?? causationId, causationId, ...options } as Options;
    return bounded(inherited, event.deadline);
  }
}

/** What is left of a handler publishes nothing, also while the event waits for what the handler itself staged. */
function closed(): RingmainError {
  return new RingmainError('RINGMAIN_EVENT_RELEASED', 'the context of a delivery was used after its handler had ended', {
    allowed: 'calls before the handler returns, its promise settles, or it settles the delivery',
  });
}

/** The earlier of two deadlines; one that is none is left for the check of options to refuse. */
function bounded<Options extends PublishOptions>(options: Options, deadline: number | undefined): Options {
  const own = options.deadline;
  return deadline === undefined || (own !== undefined && !(deadline < own)) ? options : { ...options, deadline };
}
