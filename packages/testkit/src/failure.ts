/**
 * What the explorer found, and how it tells it.
 * Thread: any.
 */

/**
 * Kinds of failure. `race`: unordered plain access. `lost-wake-up`: everybody is blocked, somebody in a wait. `deadlock`: everybody is blocked in
 * a spin. `endless`: the execution passed its bound of steps. `thrown`: a thread threw. `check`: the scenario's check threw. `swallowed`: a
 * thread caught the signal that suspends it and went on. `diverged`: a thread did something else when it was run again.
 * `bound`: the bound on executions was reached before the end, so nothing is proved.
 */
export type FailureKind =
  | 'race'
  | 'lost-wake-up'
  | 'deadlock'
  | 'endless'
  | 'thrown'
  | 'check'
  | 'swallowed'
  | 'diverged'
  | 'bound';

/** One line of a trace. */
export interface TraceStep {
  readonly thread: string;
  readonly generation: number;
  readonly operation: string;
  /** Name of the word, empty when the step touches none. */
  readonly where: string;
  readonly value: string;
  /** Place in the code under test: the innermost frame outside of the testkit. */
  readonly at: string;
}

/** A found violation, with all it takes to see it again. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  /** Hand it to `replay`; empty when there is no single execution to show. */
  readonly schedule: string;
  readonly trace: readonly TraceStep[];
  /** Seed of the run that found it, when it was sampled. */
  readonly seed?: number;
  /** What the thread or the check threw. */
  readonly cause?: unknown;
}

/** A failure before its trace is known. */
export interface Finding {
  readonly kind: FailureKind;
  readonly message: string;
  readonly cause?: unknown;
}

/** Writes a failure as text: message, trace, schedule. */
export function formatFailure(scenario: string, failure: Failure): string {
  const wide = (text: string, width: number): string => text.padEnd(width);
  const nameWidth = Math.max(0, ...failure.trace.map((step) => title(step).length));
  const whereWidth = Math.max(0, ...failure.trace.map((step) => operation(step).length));
  const lines = failure.trace.map(
    (step, index) =>
      `${String(index).padStart(4)}  ${wide(title(step), nameWidth)}  ${wide(operation(step), whereWidth)}  ${step.at}`,
  );
  const seed = failure.seed === undefined ? '' : `\nseed: ${failure.seed}`;
  const schedule = failure.schedule === '' ? '' : `\nreplay with schedule: ${failure.schedule}`;
  return [`${scenario}: ${failure.kind}: ${failure.message}`, ...lines].join('\n') + seed + schedule;
}

function title(step: TraceStep): string {
  return step.generation === 0 ? step.thread : `${step.thread}#${step.generation}`;
}

function operation(step: TraceStep): string {
  return [step.operation, step.where, step.value].filter((part) => part !== '').join(' ');
}
