/**
 * Publishing calls that meet faults: those of a runtime, or of the context of a handler.
 * Thread: that of the calls.
 */
import type { PublishOutcome } from '@ringmain/core';
import type { Fault, FaultPoints } from '@ringmain/testkit';
import type { BatchEntry, PublishOptions, SendOptions } from '../publish/options.ts';
import { performFault } from './perform-fault.ts';

/** Calls that publish. */
interface Publishing {
  publish(type: string, data: unknown, options?: PublishOptions): PublishOutcome;
  publishBatch(entries: readonly BatchEntry[]): PublishOutcome;
  send(type: string, data: unknown, options?: SendOptions): Promise<unknown>;
}

/** What a publisher is told of an event that was dropped on its way: nothing special. */
const LOST: PublishOutcome = Object.freeze({ status: 'accepted', accepted: true, targets: 1 });

/** What publishes: the main thread, or a handler with an event, whose number and attempt tell its calls from those of others. */
export interface CallOrigin {
  readonly number: number;
  readonly attempt: number;
}

/** Calls of one type that one event has numbers for. */
const CALLS_MAX = 4096;

/** The same object, whose publishing calls meet faults. */
export function faultyPublishing<Target extends object>(target: Target, points: FaultPoints, origin: CallOrigin): Target {
  const calls = new Map<string, number>();
  const own = target as unknown as Publishing;
  const faultOf = (type: string, key: PublishOptions['key']): Fault | undefined => {
    const call = (calls.get(type) ?? 0) + 1;
    calls.set(type, call);
    const { attempt } = origin;
    return points.hit('publish', {
      type,
      number: origin.number * CALLS_MAX + call,
      attempt,
      key: key === undefined ? undefined : String(key),
    });
  };
  const faulty: Publishing = {
    publish(type, data, options) {
      const fault = faultOf(type, options?.key);
      if (fault === undefined) return own.publish(type, data, options);
      void performFault(fault);
      if (fault.action === 'drop') return LOST;
      if (fault.action === 'duplicate') own.publish(type, data, options);
      return own.publish(type, data, options);
    },
    publishBatch(entries) {
      return own.publishBatch(entries.flatMap((entry) => copiesOf(faultOf(entry.type, entry.key), entry)));
    },
    async send(type, data, options) {
      const fault = faultOf(type, options?.key);
      if (fault !== undefined) void performFault(fault);
      if (fault?.action === 'drop') return LOST;
      if (fault?.action === 'duplicate') await own.send(type, data, options);
      return own.send(type, data, options);
    },
  };
  return new Proxy(target, {
    get(_, name) {
      if (typeof name === 'string' && Object.hasOwn(faulty, name)) return faulty[name as keyof Publishing];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function copiesOf(fault: Fault | undefined, entry: BatchEntry): BatchEntry[] {
  if (fault === undefined) return [entry];
  void performFault(fault);
  if (fault.action === 'drop') return [];
  return fault.action === 'duplicate' ? [entry, entry] : [entry];
}
