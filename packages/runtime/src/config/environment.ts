/**
 * Environment variables that override keys of a configuration file: `RINGMAIN_SHARDS=8`,
 * `RINGMAIN_LANES__NORMAL__CAPACITYBYTES=65536`. The name is the path in upper case, `__` between keys.
 * Thread: main, at start.
 */
import type { ConfigProblem } from './config-problem.ts';
import { nameDistance, nearestName } from './nearest-name.ts';
import type { ConfigKey } from './config-reference.ts';
import { VARIABLE_PREFIX, configKeys } from './config-reference.ts';

/** Variables by name, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What became of the variables. */
export interface EnvironmentOverrides {
  /** The input with the overrides laid over it; the input itself is not changed. */
  readonly input: unknown;
  /** Names of the variables that set a key, by its dotted path. */
  readonly variables: ReadonlyMap<string, string>;
  /** Variables so close to a known name that they are taken for misspelt. */
  readonly problems: readonly ConfigProblem[];
  /** Other variables with the prefix. They may belong to someone else: container platforms set such names for a service called "ringmain". */
  readonly ignored: readonly string[];
}

/**
 * Lays environment variables over an input. A variable set to the empty string counts as not set.
 *
 * @param input - the parsed configuration file
 * @param environment - such as `process.env`
 */
export function applyEnvironment(input: unknown, environment: Environment): EnvironmentOverrides {
  const known = new Map(configKeys().map((key) => [key.variable, key]));
  const variables = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  const ignored: string[] = [];
  let result = input;
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(VARIABLE_PREFIX) || text === undefined || text === '') continue;
    const key = known.get(name);
    if (key !== undefined) {
      result = withValue(result, key.keys, parseText(text, key));
      variables.set(key.path, name);
      continue;
    }
    const problem = misspelt(name, [...known.keys()]);
    if (problem === undefined) ignored.push(name);
    else problems.push(problem);
  }
  return { input: result, variables, problems, ignored };
}

/** Texts stay texts; everything else is read as JSON, and kept as text when it is none, for the schema to refuse. */
function parseText(text: string, { schema }: ConfigKey): unknown {
  if (schema.type === 'string') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function withValue(input: unknown, keys: readonly string[], value: unknown): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (input !== undefined && (typeof input !== 'object' || input === null || Array.isArray(input))) return input;
  const child = input !== undefined && Object.hasOwn(input, key) ? (input as Record<string, unknown>)[key] : undefined;
  return { ...input, [key]: withValue(child, rest, value) };
}

function misspelt(name: string, known: readonly string[]): ConfigProblem | undefined {
  const nearest = nearestName(name, known);
  if (nearest === undefined) return undefined;
  const tolerated = Math.max(1, Math.floor((name.length - VARIABLE_PREFIX.length) / 4));
  if (nameDistance(name, nearest) > tolerated) return undefined;
  return {
    path: name,
    keys: [],
    found: `is an unknown environment variable, the nearest known one is "${nearest}"`,
    allowed: `${VARIABLE_PREFIX} and the path of a key in upper case, "__" between its parts`,
    nearest,
  };
}
