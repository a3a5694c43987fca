/**
 * What an isolated handler gets beside its event: the interface of `DeliveryContext`, carried out in the shard.
 * Thread: one of an isolated group's. Calls that answer at once block this thread until the shard has answered; nothing else runs here meanwhile.
 */
import type { PublishOutcome, SendOutcome } from '@ringmain/core';
import type { Logger } from 'pino';
import { INSPECT } from '../deliver/delivered-event.ts';
import type { HandlerContext, NackOptions } from '../handler-context.ts';
import { checkEntries, checkPublishOptions, checkSendOptions } from '../publish/check-options.ts';
import type { BatchEntry, PublishOptions, SendOptions } from '../publish/options.ts';
import type { DetachedData } from './detached-data.ts';
import type { IsolatedCall } from './isolated-call.ts';
import { packError } from './packed-error.ts';
import type { RemoteMethod } from './pool-messages.ts';
import type { ShardLine } from './shard-line.ts';

/** What all contexts of a thread share. */
export interface IsolatedScope {
  readonly shard: number;
  readonly group: string;
  readonly log: Logger;
  readonly line: ShardLine;
  readonly data: DetachedData;
  /** What `setup` returned in this thread. */
  readonly state: unknown;
}

/** The calls that contexts of events and of batches have in common. */
export class IsolatedCalls {
  readonly #scope: IsolatedScope;
  readonly #call: IsolatedCall;
  readonly #member: number | undefined;

  constructor(scope: IsolatedScope, call: IsolatedCall, member?: number) {
    this.#scope = scope;
    this.#call = call;
    this.#member = member;
  }

  get shard(): number {
    return this.#scope.shard;
  }

  get group(): string {
    return this.#scope.group;
  }

  get state(): unknown {
    return this.#scope.state;
  }

  get log(): Logger {
    return this.#scope.log;
  }

  /** Never aborts in a pool: the thread ends instead. */
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  extend(ms: number): boolean {
    return this.call('extend', [ms]) as boolean;
  }

  publish(type: string, data: unknown, options?: PublishOptions): PublishOutcome {
    if (options !== undefined) checkPublishOptions(options);
    return this.call('publish', [type, this.#scope.data.of(type, data), options]) as PublishOutcome;
  }

  publishBatch(entries: readonly BatchEntry[]): PublishOutcome {
    checkEntries(entries);
    const detached = entries.map((entry) => ({ ...entry, data: this.#scope.data.of(entry.type, entry.data) }));
    return this.call('publishBatch', [detached]) as PublishOutcome;
  }

  send(type: string, data: unknown, options: SendOptions = {}): Promise<SendOutcome> {
    try {
      checkSendOptions(options);
      const { signal, ...others } = options;
      const parameters = [type, this.#scope.data.of(type, data), others];
      return this.#scope.line.request(this.parts('send', parameters), signal) as Promise<SendOutcome>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What `JSON.stringify` and loggers write. */
  toJSON(): object {
    const { shard, group } = this;
    return { shard, group };
  }

  /** What `console.log` and `util.inspect` print. */
  [INSPECT](): object {
    return this.toJSON();
  }

  /** @internal Has the shard carry something out. */
  call(method: RemoteMethod, parameters: readonly unknown[]): unknown {
    return this.#scope.line.call(this.parts(method, parameters));
  }

  private parts(method: RemoteMethod, parameters: readonly unknown[]) {
    return { task: this.#call.task, member: this.#member, method, parameters };
  }
}

/** Context of one delivery. */
export class IsolatedContext extends IsolatedCalls implements HandlerContext {
  readonly attempt: number;

  constructor(scope: IsolatedScope, call: IsolatedCall, attempt: number, member?: number) {
    super(scope, call, member);
    this.attempt = attempt;
  }

  ack(): boolean {
    return this.call('ack', []) as boolean;
  }

  nack(options: NackOptions = {}): boolean {
    const { error } = Object(options) as NackOptions;
    return this.call('nack', [error === undefined ? options : { ...options, error: packError(error) }]) as boolean;
  }

  deadLetter(reason: string): boolean {
    return this.call('deadLetter', [reason]) as boolean;
  }

  override toJSON(): object {
    return { ...super.toJSON(), attempt: this.attempt };
  }
}
