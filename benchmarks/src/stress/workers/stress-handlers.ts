/**
 * Handlers of the stress scenarios: one that measures and works, one for another event type, and one that never finishes.
 * Thread: shard.
 */
import { subscriber } from 'ringmain';
import { spin } from '../../workload/spin-work.ts';
import { StressBoard } from '../stress-board.ts';
import { events } from '../stress-events.ts';
import { stressSetting } from '../stress-setting.ts';

const RELEASE_LOOK_MS = 20;

const { buffer, spinIterations, stopped } = stressSetting();
const board = new StressBoard(buffer);
const overflow = { whenFull: stopped === 'shed' ? 'shed' : 'backpressure' } as const;
let waiting: Promise<void> | undefined;

export default [
  subscriber({
    events,
    pattern: 'load.offered',
    group: 'work',
    handle({ data: { dueUs, key, slot, seq } }, { shard }) {
      board.record(shard, { dueUs, key, slot, seq });
      if (spinIterations > 0) spin(spinIterations);
    },
  }),
  subscriber({
    events,
    pattern: 'load.beside',
    group: 'beside',
    handle({ data: { dueUs, slot } }, { shard }) {
      board.recordUnordered(shard, { dueUs }, slot);
    },
  }),
  ...(stopped === 'none'
    ? []
    : [
        subscriber({
          events,
          pattern: 'load.offered',
          group: 'stopped',
          ...overflow,
          handle: () => (board.released ? undefined : released()),
        }),
      ]),
];

/** One promise for all deliveries of the thread, so that waiting costs nothing. */
function released(): Promise<void> {
  waiting ??= new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!board.released) return;
      clearInterval(timer);
      resolve();
    }, RELEASE_LOOK_MS);
  });
  return waiting;
}
