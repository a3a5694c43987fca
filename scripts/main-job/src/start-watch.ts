/**
 * Takes the time of a run, and the CPU time of the whole process: the engine compiles and collects garbage on threads of its own, so even
 * "one thread" takes more than one core.
 * Thread: any.
 */

/** Begins to take time; the result tells what has passed. */
export function startWatch(): () => { readonly seconds: number; readonly cpuSeconds: number } {
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(startCpu);
    return { seconds: (performance.now() - startMs) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
}
