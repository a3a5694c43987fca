/**
 * How and when shards die: twelve modes and five moments, and the plan of a run, which follows from its seed alone.
 * Thread: any; pure.
 */
import type { Random } from '@ringmain/core';

/** Ways for a thread to end. `loop` and `wait` block it until the watchdog has it replaced. */
export const MODES = [
  'terminate',
  'exit',
  'exit-zero',
  'throw',
  'throw-null',
  'next-tick',
  'reject',
  'error-event',
  'stack-overflow',
  'out-of-memory',
  'loop',
  'wait',
] as const;

/** A way to end. */
export type Mode = (typeof MODES)[number];

/**
 * Where the thread is then: it has nothing to do; it writes a record; a handler runs that has not settled; a handler has just settled; whoever waited for
 * that handler has been told.
 */
export const MOMENTS = ['idle', 'mid-write', 'before-ack', 'after-ack', 'after-notify'] as const;

/** A moment. */
export type Moment = (typeof MOMENTS)[number];

/** One death. */
export interface Fault {
  readonly mode: Mode;
  readonly moment: Moment;
  readonly key: number;
  /** Events offered before it and after it. */
  readonly load: readonly [before: number, after: number];
  /** The event that kills comes with it every time. */
  readonly poison: boolean;
}

/** What a throw ends is the handler and no thread, so these need a turn of their own and can not meet a write that is under way. */
const NEEDS_TURN: ReadonlySet<Mode> = new Set(['throw', 'throw-null', 'next-tick', 'reject', 'error-event', 'stack-overflow']);
const KEYS = 1_000_000;
const POISON_ONE_OF = 50;

/** The pairs of mode and moment that there are. */
export const CELLS: readonly (readonly [Mode, Moment])[] = MODES.flatMap((mode) =>
  MOMENTS.filter((moment) => moment !== 'mid-write' || !NEEDS_TURN.has(mode)).map((moment) => [mode, moment] as const),
);

/**
 * Plans faults: every cell once, in random order, then again.
 *
 * @param load - mean number of events between two faults
 */
export function planFaults(count: number, load: number, random: Random): Fault[] {
  const faults: Fault[] = [];
  let cells: (readonly [Mode, Moment])[] = [];
  const below = (limit: number): number => Math.floor(random.next() * limit);
  while (faults.length < count) {
    if (cells.length === 0) cells = shuffled(CELLS, below);
    const [mode, moment] = cells.pop() as readonly [Mode, Moment];
    const loads = [below(load) + 1, below(load) + 1] as const;
    const poison = faults.length % POISON_ONE_OF === POISON_ONE_OF - 1;
    faults.push(
      poison
        ? { mode: 'exit', moment: 'before-ack', key: below(KEYS), load: loads, poison }
        : { mode, moment, key: below(KEYS), load: loads, poison },
    );
  }
  return faults;
}

function shuffled<Item>(items: readonly Item[], below: (limit: number) => number): Item[] {
  const left = [...items];
  const order: Item[] = [];
  while (left.length > 0) order.push(...left.splice(below(left.length), 1));
  return order;
}
