/**
 * The handler that always fails, and counts its calls.
 * Thread: shard.
 */
import { subscriber } from 'ringmain';
import { events } from './failures-events.ts';

/** Attempts of each event. */
export const ATTEMPTS = 3;

let calls = 0;

export default [
  subscriber({
    events,
    pattern: 'work.failing',
    group: 'failing',
    retry: { maxAttempts: ATTEMPTS, backoff: 'fixed', initialMs: 5, jitter: 'none' },
    handle() {
      calls++;
      throw new Error('the service is away');
    },
  }),
  subscriber({
    events,
    pattern: 'calls.ask',
    group: 'calls',
    handle(_, ctx) {
      ctx.publish('calls.told', { count: calls });
      calls = 0;
    },
  }),
];
