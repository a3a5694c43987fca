/**
 * What a load is offered to: the runtime, or what it is compared with.
 * Thread: main.
 */
import type { LoadOutcome } from '@ringmain/cli/bench';
import type { StressBoard } from './stress-board.ts';

/** Something that takes events. */
export interface LoadTarget {
  readonly board: StressBoard;
  /** Offers one event, synchronously. */
  offer(slot: number, key: number, dueUs: number): LoadOutcome;
  /** Resolves when it takes events again after it refused one. */
  room(): Promise<void>;
  /** Resolves when everything it took has been handled. */
  settled(): Promise<void>;
}
