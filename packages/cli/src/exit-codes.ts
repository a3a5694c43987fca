/**
 * What the exit codes of the command mean. They are part of its interface: `--help` and the documentation print this table.
 */
import { isRingmainError } from '@ringmain/core';
import type { RingmainErrorCode } from '@ringmain/core';

/** Exit codes by name. */
export const ExitCode = Object.freeze({
  ok: 0,
  incomplete: 1,
  usage: 2,
  badInput: 3,
  failed: 4,
  interrupted: 130,
  terminated: 143,
} as const);

/** One of the exit codes. */
export type ExitCodeValue = (typeof ExitCode)[keyof typeof ExitCode];

/** The codes with their meaning, for `--help` and the documentation. */
export const EXIT_CODE_TEXTS: readonly (readonly [code: ExitCodeValue, text: string])[] = Object.freeze([
  [ExitCode.ok, 'every event was read, and published and handled unless a policy dropped it'],
  [ExitCode.incomplete, 'events were lost, dead-lettered or not settled in time, or the conservation check failed'],
  [ExitCode.usage, 'wrong usage, or the configuration, one of its modules or the input cannot be used; nothing was published'],
  [ExitCode.badInput, 'the input had bad lines or broke off; everything else was published and handled'],
  [ExitCode.failed, 'the runtime failed'],
  [ExitCode.interrupted, 'interrupted by SIGINT; what was accepted until then was handled, unless a second SIGINT cut it short'],
  [ExitCode.terminated, 'the same for SIGTERM'],
]);

/** How a run ended. */
export interface RunEnd {
  /** Signal that stopped it early. */
  readonly signal: 'SIGINT' | 'SIGTERM' | undefined;
  /** True when the runtime gave up while it ran. */
  readonly failed: boolean;
  /** True when every accepted event was handled successfully and the books balance. */
  readonly complete: boolean;
  /** True when every line or entry of the input could be published. */
  readonly inputClean: boolean;
}

/** The exit code of a run; when several apply, the one that says most about what to do next. */
export function exitCodeOf(end: RunEnd): ExitCodeValue {
  if (end.failed) return ExitCode.failed;
  if (end.signal !== undefined) return end.signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated;
  if (!end.complete) return ExitCode.incomplete;
  return end.inputClean ? ExitCode.ok : ExitCode.badInput;
}

/** Errors that the user mends in the configuration, its modules or the command line. */
const USAGE_ERRORS: ReadonlySet<RingmainErrorCode> = new Set<RingmainErrorCode>([
  'RINGMAIN_CONFIG_INVALID',
  'RINGMAIN_EVENTS_MISMATCH',
  'RINGMAIN_GROUP_UNKNOWN',
  'RINGMAIN_INPUT_INVALID',
  // Before the first event: more types or groups than there may be, or more memory than the machine reserves.
  'RINGMAIN_LIMIT_EXCEEDED',
  'RINGMAIN_OPTION_INVALID',
  'RINGMAIN_PATTERN_INVALID',
  'RINGMAIN_SCHEMA_UNSUPPORTED',
  'RINGMAIN_SUBSCRIBER_INVALID',
  'RINGMAIN_SUBSCRIBER_LOAD_FAILED',
  'RINGMAIN_TOPIC_INVALID',
]);

/** The exit code for an error before the first event. */
export function exitCodeOfStart(error: unknown): ExitCodeValue {
  return isRingmainError(error) && USAGE_ERRORS.has(error.code) ? ExitCode.usage : ExitCode.failed;
}
