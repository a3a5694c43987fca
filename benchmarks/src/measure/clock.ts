/**
 * One time base for all threads of a contender, so that a time taken on the main thread can be subtracted in a worker.
 * Thread: any; every thread builds its own offset when it loads this module.
 *
 * `performance.now()` is cheap but counts from a base of its own in every thread; `process.hrtime()` has one base and
 * allocates. The offset between the two is taken from the tightest of many bracketed pairs, because a cold pair can be
 * microseconds apart and would show up as latency.
 */

const PAIRS = 200;
const offsetUs = bestOffset();

/** Microseconds on the monotonic clock, with the same base in every thread of the machine. */
export function nowUs(): number {
  return offsetUs + performance.now() * 1e3;
}

function bestOffset(): number {
  let narrowest = Number.POSITIVE_INFINITY;
  let offset = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const before = performance.now();
    const [seconds, nanoseconds] = process.hrtime();
    const after = performance.now();
    if (after - before < narrowest) {
      narrowest = after - before;
      offset = seconds * 1e6 + nanoseconds / 1e3 - ((before + after) / 2) * 1e3;
    }
  }
  return offset;
}
