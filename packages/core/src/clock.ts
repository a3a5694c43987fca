/**
 * The only file that reads the system's clocks. Everything else takes a {@link Clock}.
 * Thread: any; on one machine all threads of a process share the monotonic base.
 */

/** Time as a port, so that policies and tests decide what time it is. */
export interface Clock {
  /** Monotonic time in microseconds since a base that all threads of the process share; fractions allowed. */
  monotonicUs(): number;
  /** Wall-clock time in milliseconds since 1970-01-01T00:00:00Z. */
  wallMs(): number;
  /** Time that the event loop of the calling thread has spent waiting so far, in microseconds. Absent where nobody knows. */
  idleUs?(): number;
}

/**
 * The system's clocks. `performance.now()` counts from a base of its own in every thread, so the base of the process is
 * restored by reading `process.hrtime` once per thread: its base is the same in all threads (measured on Node 20 to 26).
 */
export const systemClock: Clock = createSystemClock();

function createSystemClock(): Clock {
  const [seconds, nanoseconds] = process.hrtime();
  const offsetUs = seconds * 1e6 + nanoseconds / 1e3 - performance.now() * 1e3;
  return {
    monotonicUs: () => offsetUs + performance.now() * 1e3,
    wallMs: () => Date.now(),
    idleUs: () => performance.eventLoopUtilization().idle * 1e3,
  };
}
