/**
 * One measured part. A call does the operation many times, because a single one is shorter than the clock can see.
 * Thread: main.
 */

export interface MicroTask {
  readonly name: string;
  /** Operations per call of `run`. */
  readonly operations: number;
  run(): unknown;
}

/** Operations per call of most tasks. */
export const OPERATIONS = 1_000;

/** A task whose result is kept, so that no compiler drops the work. */
export function microTask(name: string, operation: (index: number) => unknown): MicroTask {
  return {
    name,
    operations: OPERATIONS,
    run() {
      let last: unknown;
      for (let index = 0; index < OPERATIONS; index++) last = operation(index);
      return last;
    },
  };
}
