/**
 * CPU time of the main thread alone and of the whole process. The figure of the main thread can lag by a tick (1 to 4 ms); slices of
 * 200 ms keep that below 2 %.
 * Thread: main.
 */
export { mainThreadCpuUs } from '@ringmain/cli/bench';

/** CPU microseconds of all threads of this process, garbage collection and compiler threads included. */
export function processCpuUs(): number {
  const usage = process.cpuUsage();
  return usage.user + usage.system;
}
