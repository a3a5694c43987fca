/**
 * A subscriber whose handlers meet faults.
 * Thread: whichever runs its handlers.
 */
import type { RingmainEvent } from '@ringmain/core';
import { SkipError } from '@ringmain/core';
import type { Fault, FaultPoint, FaultPoints, FaultSubject } from '@ringmain/testkit';
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
      handle &&
      ((event: RingmainEvent, ctx: HandlerContext) => faults.call([event], () => handle(event, faults.contextOf(ctx, event)))),
    handleBatch:
      handleBatch &&
      ((events: readonly RingmainEvent[], ctx: BatchHandlerContext) =>
        faults.call(events, () => handleBatch(events, faults.contextOf(ctx, events[0])))),
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

  /** @param event - the event, or the first one of a batch */
  contextOf<Context extends object>(ctx: Context, event: RingmainEvent | undefined): Context {
    if (event === undefined || !this.points.concerns('publish')) return ctx;
    return faultyPublishing(ctx, this.points, { number: Number(event.sequence), attempt: event.attempt });
  }

  /** Calls a handler. Of a batch, the first event that meets a fault decides for the whole call. */
  call(events: readonly RingmainEvent[], handle: () => unknown): unknown {
    // Read now: once a handler has acknowledged its event, nobody may.
    const subjects = events.map(({ type, key, sequence, attempt }) => {
      return { type, group: this.group, key, number: Number(sequence), attempt };
    });
    const before = this.faultAt('handler', subjects);
    if (before === undefined) return this.settled(subjects, handle());
    if (before.action === 'drop') throw new SkipError('the event was dropped by a fault');
    const wait = performFault(before);
    const times = before.action === 'duplicate' ? 2 : 1;
    if (wait === undefined && times === 1) return this.settled(subjects, handle());
    return (async () => {
      await wait;
      for (let time = 1; time < times; time++) await handle();
      return await this.settled(subjects, await handle());
    })();
  }

  /** What a handler that has ended well meets before its delivery settles. */
  private settled(subjects: readonly FaultSubject[], result: unknown): unknown {
    if (!this.points.concerns('settle')) return result;
    if (isThenable(result)) return Promise.resolve(result).then(() => this.afterwards(subjects));
    return this.afterwards(subjects);
  }

  private afterwards(subjects: readonly FaultSubject[]): unknown {
    const fault = this.faultAt('settle', subjects);
    return fault === undefined ? undefined : performFault(fault);
  }

  private faultAt(at: FaultPoint, subjects: readonly FaultSubject[]): Fault | undefined {
    for (const subject of subjects) {
      const fault = this.points.hit(at, subject);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
}
