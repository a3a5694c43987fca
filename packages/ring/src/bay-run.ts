/**
 * Which delivery a thread handles out of its bay right now: next attempts, deliveries that waited for their key or at a gate, batches. The delivery ledger
 * knows only records in lanes.
 *
 * Thread: the consumer only; supervisors read (`ThreadWord.run…`), and charge after its exit.
 * 1. `begin` gives the run a number, marks its slots with it, and names a slot last. Numbers tell runs apart, and that they follow one another.
 * 2. The handler runs, until it returns or has returned a promise.
 * 3. `end` names none.
 * Invariant: while a slot is named, the thread is in code of the slot's group. All words are plain: a death is charged after the thread's exit, and a
 * supervisor that reads sooner believes only what it finds twice.
 */
import { BAY_SLOT_WORDS, SlotState, SlotWord } from './bay-descriptor.ts';
import type { Slot } from './bay.ts';
import { ThreadWord } from './thread-descriptor.ts';

/** Runs out of the bay of one thread. */
export class BayRun {
  private readonly words: Int32Array;
  private readonly base: number;
  private readonly slots: Int32Array;

  /**
   * Takes over from a predecessor, whose death was charged.
   *
   * @param words - words that hold the thread block
   * @param base - index of the thread block's first word
   * @param slots - words of the bay's slots
   */
  constructor(words: Int32Array, base: number, slots: Int32Array) {
    this.words = words;
    this.base = base;
    this.slots = slots;
    this.end();
  }

  /**
   * Begins to handle deliveries together.
   *
   * @param first - one of their slots; all of them run
   * @param others - the other slots, of a batch
   * @param us - present time in microseconds, low word
   */
  begin(first: Slot, us: number, others: readonly { readonly slot: Slot }[] = []): void {
    const { words, base, slots } = this;
    // 0 stands for a handler that does not run out of the bay.
    const run = ((words[base + ThreadWord.runCount] as number) + 1) | 0 || 1;
    words[base + ThreadWord.runCount] = run;
    slots[first * BAY_SLOT_WORDS + SlotWord.run] = run;
    for (const { slot } of others) slots[slot * BAY_SLOT_WORDS + SlotWord.run] = run;
    words[base + ThreadWord.runStartedUs] = us;
    words[base + ThreadWord.runSlot] = first + 1;
  }

  /** The handler has returned. */
  end(): void {
    this.words[this.base + ThreadWord.runSlot] = 0;
  }
}

/**
 * Charges a thread's death to the deliveries that it handled out of its bay, if it did. Others that ran merely waited for their promises; all of them
 * wait then, so that the death of a successor that never came to run them is not charged to them. Supervisor only, after the thread's exit.
 *
 * @param words - words that hold the thread block
 * @param base - index of the thread block's first word
 * @param slots - words of the bay's slots
 * @returns true when a delivery was charged
 */
export function chargeRun(words: Int32Array, base: number, slots: Int32Array): boolean {
  const run = words[base + ThreadWord.runCount];
  const named = (words[base + ThreadWord.runSlot] as number) - 1;
  words[base + ThreadWord.runSlot] = 0;
  // One that had settled was not what the thread died of.
  if (named < 0 || slots[named * BAY_SLOT_WORDS] !== SlotState.running) return false;
  for (let slot = 0; slot < slots.length; slot += BAY_SLOT_WORDS) {
    if (slots[slot] !== SlotState.running) continue;
    if (slots[slot + SlotWord.run] === run) slots[slot + SlotWord.crashes] = (slots[slot + SlotWord.crashes] as number) + 1;
    slots[slot] = SlotState.waiting;
  }
  return true;
}
