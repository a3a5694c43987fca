/**
 * Handlers of the soak: they work, wait, shed, stop and go on, and publish.
 * Thread: shard.
 */
import { getHeapStatistics } from 'node:v8';
import { subscriber } from 'ringmain';
import { spin } from '../../workload/spin-work.ts';
import { SoakBoard } from '../soak-board.ts';
import { events } from '../soak-events.ts';

const LOOK_MS = 10;
/** One handler in so many publishes. */
const ECHO_ONE_OF = 16;

const board = SoakBoard.open();
const work = board.spinIterations;
let going: Promise<void> | undefined;

export default [
  subscriber({
    events,
    pattern: ['soak.urgent', 'load.*'],
    group: 'work',
    setup({ shard }) {
      setInterval(() => board.tellHeap(shard, getHeapStatistics().used_heap_size >> 10), LOOK_MS).unref();
    },
    handle({ data: { key, n } }, ctx) {
      spin(work);
      if (n % ECHO_ONE_OF === 0) ctx.publish('echo.made', { key, n });
    },
  }),
  subscriber({
    events,
    pattern: ['soak.urgent', 'load.*'],
    group: 'waiting',
    handle: ({ data }) => (data.n % 4 === 0 ? new Promise<void>((resolve) => setImmediate(resolve)) : undefined),
  }),
  subscriber({
    events,
    pattern: 'both.shed',
    group: 'shedding',
    whenFull: 'shed',
    handle: () => new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS)),
  }),
  subscriber({ events, pattern: 'both.shed', group: 'beside', handle: () => spin(work) }),
  subscriber({ events, pattern: 'gate.passed', group: 'gated', handle: () => (board.stopped ? goesOn() : undefined) }),
];

/** One promise for all deliveries of the thread that wait at the gate. */
function goesOn(): Promise<void> {
  going ??= new Promise((resolve) => {
    const timer = setInterval(() => {
      if (board.stopped) return;
      clearInterval(timer);
      going = undefined;
      resolve();
    }, LOOK_MS);
  });
  return going;
}
