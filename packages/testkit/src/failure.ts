/**
 * What the explorer found, and how it tells it.
 * Thread: any.
 */

/**
 * Kinds of failure. `race`: unordered accesses, one of them plain; the message names the place of each. `lost-wake-up`: everybody is blocked, somebody in a wait. `deadlock`: everybody is blocked in
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
  /**
   * Place in the code under test, as a stack writes it: `at name (file:line:column)`, or without the name in a nameless function. It is the
   * innermost frame outside of the testkit; under `--enable-source-maps` it names the source. Empty for steps that no code makes: the death of
   * a thread whose body has ended, or of one that waits.
   */
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

/** Longest trace that is shown whole; of a longer one the start and, for the most part, the end. */
const SHOWN_MAX = 200;
const SHOWN_AT_START = 40;

/** Writes a failure as text: message, trace (of a long one the start and the end), seed, schedule. */
export function formatFailure(scenario: string, failure: Failure): string {
  const wide = (text: string, width: number): string => text.padEnd(width);
  const left = failure.trace.length > SHOWN_MAX ? failure.trace.length - SHOWN_MAX : 0;
  const isShown = (index: number): boolean => left === 0 || index < SHOWN_AT_START || index >= SHOWN_AT_START + left;
  const shown = [...failure.trace.entries()].filter(([index]) => isShown(index));
  const nameWidth = Math.max(0, ...shown.map(([, step]) => title(step).length));
  const whereWidth = Math.max(0, ...shown.map(([, step]) => operation(step).length));
  const lines = shown.map(([index, step]) =>
    `${String(index).padStart(4)}  ${wide(title(step), nameWidth)}  ${wide(operation(step), whereWidth)}  ${step.at}`.trimEnd(),
  );
  if (left > 0) lines.splice(SHOWN_AT_START, 0, `      (${left} steps left out)`);
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
