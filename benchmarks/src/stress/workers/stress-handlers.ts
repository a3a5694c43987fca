/**
 * Handlers of the stress scenarios: one that measures and works, one for another event type, one that never finishes, and three that do harm.
 * Thread: shard; those that do harm, threads of their own.
 */
import { subscriber } from 'ringmain';
import { nowUs } from '../../measure/clock.ts';
import { spin } from '../../workload/spin-work.ts';
import { StressBoard } from '../stress-board.ts';
import { events } from '../stress-events.ts';
import { stressSetting } from '../stress-setting.ts';

const RELEASE_LOOK_MS = 20;
/** Time that a flood publishes at a stretch, and how many events go between two looks at the clock. */
const FLOOD_US = 300;
const FLOOD_EVENTS = 16;
const LOOP_MS = 200;
const HEAP_MB = 64;

const { buffer, spinIterations, stopped, noisy } = stressSetting();
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
  subscriber({
    events,
    pattern: 'load.flood',
    group: 'flood',
    timeoutMs: 0,
    async handle(event, ctx) {
      const { slot, to } = event.decode();
      for (let seq = 0; !board.released; await new Promise((resolve) => setImmediate(resolve))) {
        for (const startUs = nowUs(); nowUs() < startUs + FLOOD_US;) {
          for (let count = 0; count < FLOOD_EVENTS; count++, seq++) {
            const key = to[seq % to.length] ?? 0;
            ctx.publish('load.offered', { dueUs: startUs, key, slot, seq: 1 + Math.floor(seq / to.length) });
          }
        }
      }
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
  ...(noisy ? [noise('loops', loop), noise('hogs', hog), noise('exits', () => process.exit(1))] : []),
];

/** A group whose every call does harm. */
function noise(group: string, handle: () => unknown) {
  return subscriber({
    events,
    pattern: 'load.noise',
    group,
    whenFull: 'shed',
    timeoutMs: LOOP_MS,
    retry: { maxAttempts: 1 },
    isolation: { threads: { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } } },
    handle,
  });
}

function loop(): never {
  for (;;);
}

function hog(): never {
  const kept: number[][] = [];
  for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => index));
}

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
