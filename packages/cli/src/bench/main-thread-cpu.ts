/**
 * CPU time of the main thread alone.
 * Thread: main.
 *
 * Linux counts each thread in `/proc/self/task/<tid>/schedstat` (first number: nanoseconds on a CPU). The kernel brings a
 * running thread's figure up to date only at ticks and context switches, so one reading can lag by a tick (1 to 4 ms).
 * Other systems have no such figure and get null.
 */
import { readFileSync } from 'node:fs';

const schedstatPath = `/proc/self/task/${process.pid}/schedstat`;

/** CPU microseconds the main thread has used since it started, or null where the system does not say. */
export function mainThreadCpuUs(): number | null {
  try {
    return Number(readFileSync(schedstatPath, 'latin1').split(' ', 1)[0]) / 1e3;
  } catch {
    return null;
  }
}
