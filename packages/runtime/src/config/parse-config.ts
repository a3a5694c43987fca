/**
 * Checks a configuration and fills in its defaults.
 *
 * 1. The schema checks every key on its own and fills in defaults.
 * 2. Relations between keys are checked.
 * 3. `"auto"` becomes a number, `shardsMax` too, `$schema` is dropped, the result is frozen.
 *
 * Whatever the input is, the only thing thrown is `RINGMAIN_CONFIG_INVALID`, with every problem of the first step that has any.
 * Thread: any.
 */
import { availableParallelism } from 'node:os';
import { LIMITS, RingmainError } from '@ringmain/core';
import type { ConfigProblem } from './config-problem.ts';
import { problemsOf } from './config-problem.ts';
import { relationProblems } from './config-relations.ts';
import { configSchema } from './config-schema.ts';
import type { CheckedConfig, RuntimeConfig } from './config-schema.ts';

/** Problems written into one message; a file of a million unknown keys makes no message of a million lines. */
const PROBLEMS_SHOWN_MAX = 100;

/** Threads that `"auto"` leaves to the main thread and the coordinator. */
const THREADS_KEPT_FREE = 2;

/** What is known about an input beside its value. */
export interface ConfigOrigin {
  /** Name of the input in messages, such as the path of its file. */
  readonly source?: string;
  /** Says where in its text a problem lies, such as `line 3, column 5`. */
  readonly locate?: (problem: ConfigProblem) => string | undefined;
  /** Problems found before, such as keys given twice. */
  readonly problems?: readonly ConfigProblem[];
  /** Hardware threads of the machine. @defaultValue `os.availableParallelism()` */
  readonly parallelism?: number;
}

/**
 * Checks a configuration given as a value.
 *
 * @param input - the value, of any type
 * @param source - its name in messages
 * @returns the effective configuration, deeply frozen; parsing it again gives an equal one
 * @throws {@link RingmainError} `RINGMAIN_CONFIG_INVALID`; `details.problems` is a list of {@link ConfigProblem}
 */
export function parseConfig(input: unknown, source?: string): RuntimeConfig {
  return resolveConfig(input, source === undefined ? {} : { source });
}

/** Like {@link parseConfig}, for callers that know more about the input. */
export function resolveConfig(input: unknown, origin: ConfigOrigin): RuntimeConfig {
  const checked = check(input, origin);
  const related = relationProblems(checked);
  if (related.length > 0) throw configError(related, origin);
  const { $schema: _schema, ...rest } = checked;
  const automatic = automaticShards(origin.parallelism ?? availableParallelism());
  const shards = checked.shards === 'auto' ? Math.min(automatic, checked.shardsMax || automatic) : checked.shards;
  // Without shards there is nothing to resize.
  const shardsMax = shards === 0 ? 0 : (checked.shardsMax ?? shards);
  return deepFreeze({ ...rest, shards, shardsMax });
}

/** Number of shards that `"auto"` stands for on a machine. */
export function automaticShards(parallelism: number): number {
  return Math.min(Math.max(parallelism - THREADS_KEPT_FREE, 1), LIMITS.shardsMax);
}

/** Builds the error that lists problems. */
export function configError(problems: readonly ConfigProblem[], origin: ConfigOrigin, cause?: unknown): RingmainError {
  const shown = problems.slice(0, PROBLEMS_SHOWN_MAX).map((problem) => {
    const place = origin.locate?.(problem);
    return `${problem.path}${place === undefined ? '' : ` (${place})`}: ${problem.found} (allowed: ${problem.allowed})`;
  });
  const hidden = problems.length - shown.length;
  const lines = hidden > 0 ? [...shown, `and ${hidden} more`] : shown;
  const what = `${problems.length === 1 ? 'a problem' : `${problems.length} problems`} in ${origin.source ?? 'the configuration'}`;
  return new RingmainError('RINGMAIN_CONFIG_INVALID', `${what}\n  ${lines.join('\n  ')}`, {
    details: { source: origin.source, problems },
    cause,
  });
}

function check(input: unknown, origin: ConfigOrigin): CheckedConfig {
  const earlier = origin.problems ?? [];
  let problems: readonly ConfigProblem[];
  try {
    const result = configSchema.safeParse(input, { reportInput: true });
    if (result.success && earlier.length === 0) return result.data;
    problems = withoutRepeats([...earlier, ...(result.error?.issues.flatMap(problemsOf) ?? [])]);
  } catch (cause) {
    // Getters and proxies of the input run foreign code, which may throw.
    const unreadable = { path: '$', keys: [], found: 'cannot be read', allowed: 'plain data, as JSON holds it' };
    throw configError([unreadable], origin, cause);
  }
  throw configError(problems, origin);
}

/** A value that breaks two rules of its key, such as range and power of two, is one problem: the text names both. */
function withoutRepeats(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const distinct = new Map(problems.map((problem) => [`${problem.keys.map(String).join('\0')}\n${problem.found}`, problem]));
  return [...distinct.values()];
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
