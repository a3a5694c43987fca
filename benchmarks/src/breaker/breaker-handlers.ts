/**
 * Handlers of the breaker measurements.
 * Thread: shard, or the main thread with `shards: 0`.
 */
import { subscriber } from 'ringmain';
import { nowUs } from '../measure/clock.ts';
import { events } from './breaker-events.ts';
import { handled } from './handled-calls.ts';

const CALL_US = 20;
const fails = new Map<number, () => void>();
let startsUs: number[] = [];

const call = async (): Promise<void> => void handled.count++;

export default [
  subscriber({ events, pattern: 'call.plain', group: 'plain', timeoutMs: 0, perKeyConcurrency: 'unlimited', handle: call }),
  subscriber({
    events,
    pattern: 'call.guarded',
    group: 'guarded',
    // On a machine that stands still for a moment all calls under way would be slow, and what is measured would be an open breaker.
    breaker: { slowMs: 60_000, hangAfterMs: 60_000 },
    bulkhead: { concurrency: 1000 },
    timeoutMs: 5000,
    perKeyConcurrency: 'unlimited',
    handle: call,
  }),
  // Calls of some microseconds, all of which fail: what began is told afterwards.
  subscriber({
    events,
    pattern: 'call.failing',
    group: 'failing',
    retry: { maxAttempts: 1 },
    breaker: { windowCalls: 20, minimumCalls: 20, openMs: 60_000, onOpen: 'drop' },
    handle() {
      const startedUs = nowUs();
      startsUs.push(startedUs);
      while (nowUs() - startedUs < CALL_US);
      throw new Error('the service is away');
    },
  }),
  subscriber({
    events,
    pattern: 'starts.ask',
    group: 'starts',
    handle(_, ctx) {
      ctx.publish('starts.told', { startsUs });
      startsUs = [];
    },
  }),
  // Probes go on until they are told to fail, so that all of them are under way at once.
  subscriber({
    events,
    pattern: 'call.probe',
    group: 'probe',
    retry: { maxAttempts: 1 },
    timeoutMs: 0,
    // A round is over when the last of its probes has failed.
    breaker: {
      windowCalls: 5,
      minimumCalls: 5,
      failureRate: 1,
      combinedRate: 1,
      openMs: 1,
      openMaxMs: 1,
      hangAfterMs: 0,
      probeMs: 60_000,
      slowMs: 60_000,
    },
    handle({ data }, ctx) {
      ctx.publish('probe.began', { id: data.id });
      return new Promise<void>((_, reject) => void fails.set(data.id, () => reject(new Error('the service is away'))));
    },
  }),
  subscriber({
    events,
    pattern: 'probe.fail',
    group: 'fail',
    handle({ data: { ids } }) {
      for (const id of ids) {
        fails.get(id)?.();
        fails.delete(id);
      }
    },
  }),
];
