/**
 * What the handlers of a scenario must know, handed to every thread of the process as environment data.
 * Thread: the main thread sets it before it starts the threads; they read it once.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

const NAME = 'ringmain.stress';

/** How the group that never finishes behaves: there is none, it holds publishers back, or it is left out. */
export type StoppedGroup = 'none' | 'backpressure' | 'shed';

/** The setting. */
export interface StressSetting {
  /** Memory of the board. */
  readonly buffer: SharedArrayBuffer;
  /** Steps of work that a handler does; 0 for none. */
  readonly spinIterations: number;
  readonly stopped: StoppedGroup;
  /** Whether there are groups that loop, take memory and exit, in threads of their own. */
  readonly noisy: boolean;
}

/** Sets it for all threads that start from now on, theirs included. */
export function setStressSetting(setting: StressSetting): void {
  setEnvironmentData(NAME, setting);
}

/** Reads it. */
export function stressSetting(): StressSetting {
  return getEnvironmentData(NAME) as unknown as StressSetting;
}
