/**
 * What a handler gets beside the event: one small object per delivery. It may be frozen, also deeply, so what it holds is private to the language.
 * Thread: the consumer's.
 */
import type { PublishOutcome, SendOutcome } from '@ringmain/core';
import type { Logger } from 'pino';
import { checkEntries, checkPublishOptions, checkSendOptions } from '../publish/check-options.ts';
import type { BatchEntry, PublishOptions, SendOptions } from '../publish/options.ts';
import type { HandlerContext } from '../subscriber.ts';
import type { DeliveredEvent } from './delivered-event.ts';
import { INSPECT } from './delivered-event.ts';
import type { Group } from './group.ts';

/** Context of one delivery. */
export class DeliveryContext implements HandlerContext {
  readonly #target: Group;
  readonly #event: DeliveredEvent;
  /** Ends of the waits of what this delivery staged. */
  readonly #staged: Promise<void>[];

  constructor(group: Group, event: DeliveredEvent, staged: Promise<void>[] = []) {
    this.#target = group;
    this.#event = event;
    this.#staged = staged;
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

  publish(type: string, data: unknown, options?: PublishOptions): PublishOutcome {
    const { publisher } = this.#target.scope;
    if (options !== undefined) checkPublishOptions(options);
    const outcome = publisher.emit(publisher.typeOf(type), data, this.inherit(options), 0);
    if (outcome.status === 'staged' || outcome.status === 'coalesced') this.#staged.push(publisher.overflow.lastSettled());
    return outcome;
  }

  /**
   * @internal What the delivery settles with: the handler's own result, and not before everything it staged is committed or dropped; if the
   * thread dies earlier, the delivery comes again and publishes again.
   */
  resultOf(result: unknown): unknown {
    return this.#staged.length === 0 ? result : this.afterStaged(result);
  }

  private async afterStaged(result: unknown): Promise<void> {
    await result;
    // The handler may have staged more meanwhile.
    for (const settled of this.#staged) await settled;
  }

  publishBatch(entries: readonly BatchEntry[]): PublishOutcome {
    // The id is read once, and also for an empty batch, so that a delivery that has settled is refused like with `publish`.
    const inherited = this.inherit(undefined);
    // Looked at before they are copied: a copy of what is no object is one.
    checkEntries(entries);
    return this.#target.scope.publisher.publishBatch(entries.map((entry) => ({ ...inherited, ...entry })));
  }

  send(type: string, data: unknown, options?: SendOptions): Promise<SendOutcome> {
    try {
      if (options !== undefined) checkSendOptions(options);
      return this.#target.scope.sends.send(type, data, this.inherit(options));
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

  /** The event that is being handled is the cause; its correlation goes on, or begins with it. */
  private inherit<Options extends PublishOptions>(options: Options | undefined): Options {
    const event = this.#event;
    const causationId = event.id;
    return { correlationId: event.correlationId ?? causationId, causationId, ...options } as Options;
  }
}
