/**
 * One word per thread that says whether the thread sleeps: the only shared read-modify-write of the data path.
 *
 * 1. The sleeper arms the bell (1), looks once more at every word it waits for, and waits while the bell is 1.
 * 2. A waker makes its change visible first (commits a tail, releases a head), then loads the bell; if it is armed, it takes
 *    it by exchange and notifies. At most one waker per sleep pays for the wake.
 * The two sides are a Dekker pair: with the look after arming and the load after committing, no wake-up is lost.
 * A waker that dies between the exchange and the notify leaves a sleeper whose bell nobody will ring again: whoever takes over from a
 * dead thread, or finds a consumer that lags, uses `rouse`, which notifies whatever the bell says.
 * Thread: `arm`, `disarm`, `wait…` the owner only; `ring` and `rouse` any other thread.
 */
import type { AsyncWait, AtomicsPort } from './atomics.ts';

const ASLEEP = 1;
const AWAKE = 0;

/** A thread's doorbell. */
export class Doorbell {
  private readonly atomics: AtomicsPort;
  private readonly words: Int32Array;
  private readonly index: number;

  constructor(atomics: AtomicsPort, words: Int32Array, index: number) {
    this.atomics = atomics;
    this.words = words;
    this.index = index;
  }

  /** Announces sleep; the owner must look once more at all it waits for before it waits. */
  arm(): void {
    // Pairs with the load in `ring`.
    this.atomics.store(this.words, this.index, ASLEEP);
  }

  /** Takes the announcement back. */
  disarm(): void {
    this.atomics.store(this.words, this.index, AWAKE);
  }

  /** True while the owner sleeps or is about to; for supervisors that look for sleepers with work. */
  isArmed(): boolean {
    return this.atomics.load(this.words, this.index) === ASLEEP;
  }

  /**
   * Wakes the owner if it sleeps. Call it after the change is visible.
   *
   * @returns true when this call was the one that woke it
   */
  ring(): boolean {
    // Pairs with the store in `arm`; loading before the commit would lose wake-ups.
    if (this.atomics.load(this.words, this.index) !== ASLEEP) return false;
    if (this.atomics.exchange(this.words, this.index, AWAKE) !== ASLEEP) return false;
    this.atomics.notify(this.words, this.index, 1);
    return true;
  }

  /** Wakes the owner whether or not it seems to sleep; for successors and supervisors, not for the data path. */
  rouse(): void {
    this.atomics.store(this.words, this.index, AWAKE);
    this.atomics.notify(this.words, this.index, 1);
  }

  /** Blocks the owner until it is rung or the time is over. */
  wait(timeoutMs?: number): void {
    this.atomics.wait(this.words, this.index, ASLEEP, timeoutMs);
  }

  /** Waits without blocking; never with a timeout, which would leak. */
  waitAsync(): AsyncWait {
    return this.atomics.waitAsync(this.words, this.index, ASLEEP);
  }
}
