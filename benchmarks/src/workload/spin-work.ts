/**
 * A handler that burns a fixed amount of CPU: a chain of dependent integer operations that no compiler can shorten.
 * Thread: any; each thread has its own instance.
 *
 * The chain is a WebAssembly function because a JavaScript loop costs 4 us or 20 us by the compiler tier it happens to run in,
 * and by whether it was inlined: the same loop ran at one speed in the calibration and at another in the handler (Node 20 and 24).
 * The number of iterations is fixed once per run so that every contender does the same work; its cost is measured again
 * around every slice in the thread that does the work, since the speed of a virtual CPU drifts by several percent.
 */

/** Cost of the handler that the suite aims for. */
export const SPIN_TARGET_US = 20;

const CHUNKS = 21;
const SPINS_PER_CHUNK = 40;

/** What this file needs of the platform's WebAssembly, which the type definitions of Node 20 leave out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** `spin(state, n)`: n times `state = state * 1664525 + 1013904223`; gives the state. */
// prettier-ignore
// oxfmt-ignore
const CHAIN = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version 1
  0x01, 0x07, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f, // type 0: (i32, i32) -> i32
  0x03, 0x02, 0x01, 0x00, // function 0 is of type 0
  0x07, 0x08, 0x01, 0x04, 0x73, 0x70, 0x69, 0x6e, 0x00, 0x00, // export "spin" = function 0
  0x0a, 0x23, 0x01, 0x21, 0x00, // code of function 0, no locals
  0x03, 0x40, // loop
  0x20, 0x00, 0x41, 0x8d, 0xcc, 0xe5, 0x00, 0x6c, // state * 1664525
  0x41, 0xdf, 0xe6, 0xbb, 0xe3, 0x03, 0x6a, 0x21, 0x00, // + 1013904223, kept as state
  0x20, 0x01, 0x41, 0x01, 0x6b, 0x22, 0x01, 0x0d, 0x00, // n - 1, again while it is not 0
  0x0b, 0x20, 0x00, 0x0b, // end of loop, state, end of function
]);

type Chain = (state: number, iterations: number) => number;

const chain = new WebAssembly.Instance(new WebAssembly.Module(CHAIN)).exports['spin'] as Chain;
let state = 1;

/** Burns `iterations` steps, at least one. */
export function spin(iterations: number): void {
  state = chain(state, iterations);
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
  for (let round = 0; round < 3; round++) measureSpinUs(probe);
  return Math.max(1, Math.round((probe * SPIN_TARGET_US) / measureSpinUs(probe)));
}
