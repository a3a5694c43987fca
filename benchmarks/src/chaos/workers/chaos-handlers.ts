/**
 * Handlers of the chaos run: two groups that keep books, and one that has its thread die as it is told.
 * Thread: shard.
 */
import { EventEmitter } from 'node:events';
import type { HandlerContext } from 'ringmain';
import { subscriber } from 'ringmain';
import { ChaosBoard } from '../chaos-board.ts';
import { events } from '../chaos-events.ts';
import type { Mode, Moment } from '../chaos-faults.ts';

const board = ChaosBoard.open();
const LOOK_MS = 1;
const ASYNC_ONE_OF = 8;

/** Ends this thread at once, or blocks it until somebody does. */
const AT_ONCE: Readonly<Partial<Record<Mode, (fault: number, shard: number) => void>>> = {
  terminate: (fault, shard) => board.hang(fault, shard),
  wait: (fault, shard) => board.hang(fault, shard),
  exit: () => process.exit(3),
  'exit-zero': () => process.exit(0),
  loop() {
    for (;;);
  },
  'out-of-memory'() {
    const retained: number[][] = [];
    for (;;) retained.push(Array.from({ length: 10_000 }, (_, index) => index + 0.5));
  },
};

function overflow(depth: number): number {
  return overflow(depth + 1) + 1;
}

/** Called in a turn of their own. */
const IN_TURN: Readonly<Partial<Record<Mode, () => void>>> = {
  throw() {
    throw new Error('thrown outside of a delivery');
  },
  'throw-null'() {
    // oxlint-disable-next-line typescript/only-throw-error
    throw null;
  },
  'next-tick'() {
    process.nextTick(() => {
      throw new Error('thrown in a tick');
    });
  },
  reject: () => void Promise.reject(new Error('nobody handles this')),
  'error-event': () => void new EventEmitter().emit('error', new Error('nobody listens')),
  'stack-overflow': () => void overflow(0),
};

function die(mode: Mode, fault: number, shard: number): void {
  board.dying = fault;
  AT_ONCE[mode]?.(fault, shard);
  IN_TURN[mode]?.();
}

const never = (): Promise<never> => new Promise(() => {});

/** Dies at its moment; what it returns is the handler's result. */
function dieAt(moment: Moment, mode: Mode, fault: number, ctx: HandlerContext): unknown {
  const { shard } = ctx;
  switch (moment) {
    case 'idle':
      // Long after whatever there was to do.
      setTimeout(() => die(mode, fault, shard), 5);
      return undefined;
    case 'mid-write':
      ctx.publish('fault.written', {
        first: fault,
        // Both are numbers, so nothing reads them before the record is written in its place.
        get deadly() {
          die(mode, fault, shard);
          return 0;
        },
      });
      return undefined;
    case 'before-ack':
      if (AT_ONCE[mode] !== undefined) die(mode, fault, shard);
      setImmediate(() => die(mode, fault, shard));
      return never();
    case 'after-ack':
      setImmediate(() => die(mode, fault, shard));
      return undefined;
    case 'after-notify': {
      const look = setInterval(() => {
        if (board.ordered !== fault) return;
        clearInterval(look);
        die(mode, fault, shard);
      }, LOOK_MS);
      return undefined;
    }
  }
}

export default [
  subscriber({
    events,
    pattern: 'load.offered',
    group: 'sync',
    handle({ data: { key, step } }) {
      board.enter(0, key, step);
    },
  }),
  subscriber({
    events,
    pattern: 'load.offered',
    group: 'async',
    handle({ data: { key, step } }) {
      if (step % ASYNC_ONE_OF !== 0) return board.enter(1, key, step);
      return new Promise<void>((resolve) => {
        setImmediate(() => {
          board.enter(1, key, step);
          resolve();
        });
      });
    },
  }),
  subscriber({
    events,
    pattern: 'fault.raised',
    group: 'faults',
    timeoutMs: 0,
    handle(event, ctx) {
      const { fault, mode, moment, poison } = event.data;
      if (event.attempt > 1 && !poison) return undefined;
      return dieAt(moment as Moment, mode as Mode, fault, ctx);
    },
  }),
  subscriber({ events, pattern: 'fault.written', group: 'written', handle: () => undefined }),
];
