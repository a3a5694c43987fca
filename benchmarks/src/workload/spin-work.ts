/**
 * A handler that burns a fixed amount of CPU: a chain of dependent integer operations that no compiler can shorten.
 * Thread: any; one call site state per thread.
 *
 * The number of iterations is fixed once per run so that every contender does the same work; its cost is measured again
 * around every slice in the thread that does the work, since the speed of a virtual CPU drifts by several percent.
 */

/** Cost of the handler that the suite aims for. */
export const SPIN_TARGET_US = 20;

const CHUNKS = 21;
const SPINS_PER_CHUNK = 40;

let sink = 1;

/** Burns `iterations` steps. */
export function spin(iterations: number): void {
  // The explicit integers keep the loop in machine words wherever the compiler inlines it; without them the same loop took
  // 20 us alone and 97 us inside some handlers (Node 20).
  let state = sink | 0;
  for (let step = iterations | 0; step > 0; step = (step - 1) | 0) state = (Math.imul(state, 1664525) + 1013904223) | 0;
  // Keeping the result alive keeps the loop.
  sink = state;
}

/** Cost of one `spin(iterations)` in microseconds: the median over short chunks, so that preempted chunks do not count. */
export function measureSpinUs(iterations: number): number {
  const costs: number[] = [];
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    const start = performance.now();
    for (let call = 0; call < SPINS_PER_CHUNK; call++) spin(iterations);
    costs.push(((performance.now() - start) * 1e3) / SPINS_PER_CHUNK);
  }
  costs.sort((a, b) => a - b);
  return costs[CHUNKS >> 1] ?? Number.NaN;
}

/** Iterations that take {@link SPIN_TARGET_US} on this machine now. */
export function calibrateSpin(): number {
  const probe = 10_000;
  for (let round = 0; round < 5; round++) measureSpinUs(probe);
  return Math.max(1, Math.round((probe * SPIN_TARGET_US) / measureSpinUs(probe)));
}
