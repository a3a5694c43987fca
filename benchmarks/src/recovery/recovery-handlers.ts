/**
 * Handler module of the recovery measurement: counts, and ends its own thread when told so.
 * Thread: shard.
 */
import { subscriber } from 'ringmain';
import { events } from './recovery-events.ts';

export default [
  subscriber({ events, pattern: 'load.offered', group: 'sync', handle() {} }),
  subscriber({
    events,
    pattern: 'load.offered',
    group: 'async',
    async handle() {
      await Promise.resolve();
    },
  }),
  subscriber({
    events,
    pattern: 'fault.raised',
    group: 'faults',
    handle(event) {
      if (event.attempt === 1) process.exit(1);
    },
  }),
];
