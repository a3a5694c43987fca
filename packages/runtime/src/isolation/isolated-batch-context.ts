/**
 * What an isolated batch handler gets beside its events: the interface of `BatchContext`, carried out in the shard.
 * Thread: one of an isolated group's.
 */
import type { RingmainEvent } from '@ringmain/core';
import { RingmainError } from '@ringmain/core';
import type { BatchHandlerContext, HandlerContext } from '../handler-context.ts';
import type { IsolatedCall } from './isolated-call.ts';
import type { IsolatedScope } from './isolated-context.ts';
import { IsolatedCalls, IsolatedContext } from './isolated-context.ts';
import { packError } from './packed-error.ts';

/** Context of one batch. */
export class IsolatedBatchContext extends IsolatedCalls implements BatchHandlerContext {
  readonly #scope: IsolatedScope;
  readonly #call: IsolatedCall;
  readonly #events: readonly RingmainEvent[];

  constructor(scope: IsolatedScope, call: IsolatedCall, events: readonly RingmainEvent[]) {
    super(scope, call);
    this.#scope = scope;
    this.#call = call;
    this.#events = events;
  }

  fail(event: RingmainEvent, error: unknown): void {
    new IsolatedCalls(this.#scope, this.#call, this.indexOf(event)).call('fail', [{ error: packError(error) }]);
  }

  of(event: RingmainEvent): HandlerContext {
    return new IsolatedContext(this.#scope, this.#call, event.attempt, this.indexOf(event));
  }

  private indexOf(event: RingmainEvent): number {
    const index = this.#events.indexOf(event);
    if (index >= 0) return index;
    throw new RingmainError('RINGMAIN_OPTION_INVALID', 'the event is not of this batch', {
      allowed: 'one of the events given to handleBatch',
    });
  }
}
