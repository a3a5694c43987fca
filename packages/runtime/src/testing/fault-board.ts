/**
 * The faults of a runtime under test, known to all of its threads.
 * Thread: the main thread shares them, before it starts any other; whoever runs handlers opens them. They travel in the environment of new threads, so
 * that the runtime itself knows nothing of them.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { FaultRule } from '@ringmain/testkit';
import { FaultPoints } from '@ringmain/testkit';
import { systemAtomics } from '@ringmain/ring';

interface FaultBoard {
  readonly seed: number;
  readonly faults: readonly FaultRule[];
  /** A word for each fault. */
  readonly counts: SharedArrayBuffer;
}

const NAME = 'ringmain.faults';
let boards = 0;

/** Faults that were shared. */
export interface SharedFaults {
  /** Opens them in another thread. */
  readonly id: string;
  readonly points: FaultPoints;
  /** Threads that start from now on do not know them. */
  readonly forget: () => void;
}

/**
 * Shares faults with this thread and all that start from now on.
 *
 * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_PATTERN_INVALID`
 */
export function shareFaults(seed: number, faults: readonly FaultRule[]): SharedFaults {
  boards++;
  const id = `${NAME}.${boards}`;
  const board: FaultBoard = { seed, faults, counts: new SharedArrayBuffer(Math.max(1, faults.length) * 4) };
  const points = pointsOf(board);
  setEnvironmentData(id, board);
  return { id, points, forget: () => setEnvironmentData(id) };
}

/** Opens faults that were shared with this thread. */
export function openFaults(id: string): FaultPoints {
  return pointsOf(getEnvironmentData(id) as unknown as FaultBoard);
}

function pointsOf({ seed, faults, counts }: FaultBoard): FaultPoints {
  return new FaultPoints(seed, faults, new Int32Array(counts), systemAtomics);
}
