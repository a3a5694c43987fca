/**
 * A subscriber whose handlers meet faults.
 * Thread: whichever runs its handlers.
 */
import type { RingmainEvent } from '@ringmain/core';
import { SkipError } from '@ringmain/core';
import type { Fault, FaultPoint, FaultPoints } from '@ringmain/testkit';
import { isThenable } from '../deliver/thenable.ts';
import type { BatchHandlerContext, HandlerContext } from '../handler-context.ts';
import type { Subscriber } from '../subscriber.ts';
import { faultyPublishing } from './faulty-publishing.ts';
import { performFault } from './perform-fault.ts';

/** The same subscriber, with faults. */
export function faultySubscriber(subscriber: Subscriber, points: FaultPoints): Subscriber {
  const { handle, handleBatch, group } = subscriber;
  const faults = new HandlerFaults(group, points);
  return Object.freeze({
    ...subscriber,
    handle:
      handle && ((event: RingmainEvent, ctx: HandlerContext) => faults.call([event], () => handle(event, faults.contextOf(ctx)))),
    handleBatch:
      handleBatch &&
      ((events: readonly RingmainEvent[], ctx: BatchHandlerContext) =>
        faults.call(events, () => handleBatch(events, faults.contextOf(ctx)))),
  });
}

/** Faults around the handlers of one group. */
class HandlerFaults {
  private readonly group: string;
  private readonly points: FaultPoints;

  constructor(group: string, points: FaultPoints) {
    this.group = group;
    this.points = points;
  }

  contextOf<Context extends object>(ctx: Context): Context {
    return this.points.concerns('publish') ? faultyPublishing(ctx, this.points, new Map()) : ctx;
  }

  /** Calls a handler. Of a batch, the first event that meets a fault decides for the whole call. */
  call(events: readonly RingmainEvent[], handle: () => unknown): unknown {
    const before = this.faultAt('handler', events);
    if (before === undefined) return this.settled(events, handle());
    if (before.action === 'drop') throw new SkipError('the event was dropped by a fault');
    const wait = performFault(before);
    const times = before.action === 'duplicate' ? 2 : 1;
    if (wait === undefined && times === 1) return this.settled(events, handle());
    return (async () => {
      await wait;
      for (let time = 1; time < times; time++) await handle();
      return await this.settled(events, await handle());
    })();
  }

  /** What a handler that has ended well meets before its delivery settles. */
  private settled(events: readonly RingmainEvent[], result: unknown): unknown {
    if (!this.points.concerns('settle')) return result;
    if (isThenable(result)) return Promise.resolve(result).then(() => this.afterwards(events));
    return this.afterwards(events);
  }

  private afterwards(events: readonly RingmainEvent[]): unknown {
    const fault = this.faultAt('settle', events);
    return fault === undefined ? undefined : performFault(fault);
  }

  private faultAt(at: FaultPoint, events: readonly RingmainEvent[]): Fault | undefined {
    if (!this.points.concerns(at)) return undefined;
    for (const event of events) {
      const { type, attempt, key } = event;
      const fault = this.points.hit(at, { type, group: this.group, key, number: Number(event.sequence), attempt });
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
}
