/**
 * What a simulated thread can do to shared memory, and which of two operations depend on each other.
 * Thread: the explorer's own; everything simulated runs on one real thread.
 *
 * A footprint names the objects an operation touched. Every word is two objects: its value, and the queue of its waiters.
 * An entry is `word * 4 + object * 2 + isWrite`; two operations depend on each other when they share an object and one writes it.
 */

/** Kinds of logged access. `read` to `choose` are local to a step; the others are scheduling points. */
export const Op = {
  none: 0,
  read: 1,
  write: 2,
  note: 3,
  choose: 4,
  load: 5,
  store: 6,
  exchange: 7,
  compareExchange: 8,
  notify: 9,
  /** First half of a wait: compares, and registers the waiter if equal. */
  wait: 10,
  /** Second half of a wait: runs once notified. */
  wake: 11,
  waitAsync: 12,
  /** A spinning thread's next look, enabled by a write to the word. */
  reload: 13,
  /** The death of a thread that is registered as a waiter. */
  die: 14,
} as const;

/** One of {@link Op}. */
export type OpKind = (typeof Op)[keyof typeof Op];

/** Names of {@link Op} for traces, by number. */
export const OP_NAMES: readonly string[] = [
  'none',
  'read',
  'write',
  'note',
  'choose',
  'load',
  'store',
  'exchange',
  'compareExchange',
  'notify',
  'wait',
  'wake',
  'waitAsync',
  'spin',
  'die',
];

/** Objects an operation touched. */
export type Footprint = readonly number[];

/** Entry for a read of a word's value. */
export function valueRead(word: number): number {
  return word * 4;
}

/** Entry for a write of a word's value. */
export function valueWrite(word: number): number {
  return word * 4 + 1;
}

/** Entry for a change of a word's waiters. */
export function queueWrite(word: number): number {
  return word * 4 + 3;
}

/** Tells whether the order of two operations can matter. */
export function dependent(left: Footprint, right: Footprint): boolean {
  for (const one of left) {
    for (const other of right) {
      if (one >> 1 === other >> 1 && ((one | other) & 1) === 1) return true;
    }
  }
  return false;
}
