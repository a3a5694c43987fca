/**
 * Reads a configuration file, with environment variables laid over it.
 * Thread: main, at start; reads synchronously.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RingmainError } from '@ringmain/core';
import type { ConfigProblem } from './config-problem.ts';
import { formatPath } from './config-problem.ts';
import type { RuntimeConfig } from './config-schema.ts';
import type { Environment } from './environment.ts';
import { applyEnvironment } from './environment.ts';
import { JsonLocations, syntaxErrorPosition } from './json-locations.ts';
import type { TextPosition } from './json-locations.ts';
import { resolveConfig } from './parse-config.ts';

/** Largest configuration file read. */
export const CONFIG_FILE_BYTES_MAX = 1024 * 1024;

/** A configuration and where it came from. */
export interface LoadedConfig {
  /** The effective configuration. */
  readonly config: RuntimeConfig;
  /** URL of the file; its module paths are relative to it. */
  readonly baseUrl: URL;
  /** Environment variables with the prefix `RINGMAIN_` that name no key. */
  readonly ignoredVariables: readonly string[];
}

/** Options of {@link loadConfig}. */
export interface LoadConfigOptions {
  /** Variables that override keys. @defaultValue `process.env` */
  readonly environment?: Environment;
}

/**
 * Reads, checks and completes a configuration file.
 *
 * @param pathOrUrl - a path (relative to the working directory) or a `file:` URL
 * @throws {@link RingmainError} `RINGMAIN_CONFIG_INVALID` when the file cannot be read, is no JSON, repeats a key or does not fit
 */
export function loadConfig(pathOrUrl: string | URL, options: LoadConfigOptions = {}): LoadedConfig {
  const baseUrl = fileUrl(pathOrUrl);
  const source = fileURLToPath(baseUrl);
  const text = readText(source);
  const value = parseJson(text, source);
  const overrides = applyEnvironment(value, options.environment ?? process.env);
  const locations = locationsOf(text);
  const config = resolveConfig(overrides.input, {
    source,
    locate: (problem) => {
      const variable = overrides.variables.get(problem.path.replace(/\[\d+\]$/, ''));
      if (variable !== undefined) return `environment variable ${variable}`;
      return problem.keys.length === 0 ? undefined : describe(locations?.find(problem.keys));
    },
    problems: [...(locations?.repeated().map(repeatedProblem) ?? []), ...overrides.problems],
  });
  return Object.freeze({ config, baseUrl, ignoredVariables: Object.freeze([...overrides.ignored]) });
}

function fileUrl(pathOrUrl: string | URL): URL {
  if (typeof pathOrUrl === 'string' && !pathOrUrl.startsWith('file:')) {
    if (pathOrUrl.includes('\0')) throw unreadable(JSON.stringify(pathOrUrl), 'its path contains a NUL character');
    return pathToFileURL(pathOrUrl);
  }
  try {
    const url = new URL(pathOrUrl);
    // Throws for other schemes and hosts.
    fileURLToPath(url);
    return url;
  } catch (cause) {
    throw unreadable(String(pathOrUrl), 'it is no file: URL', cause);
  }
}

function readText(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    if (size > CONFIG_FILE_BYTES_MAX) throw unreadable(path, `it has ${size} bytes`);
    const text = readFileSync(file, 'utf8');
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  } catch (cause) {
    if (cause instanceof RingmainError) throw cause;
    throw unreadable(path, (cause as Error).message, cause);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const position = syntaxErrorPosition(text);
    const place = position === undefined ? '' : ` at ${describe(position)}`;
    throw new RingmainError('RINGMAIN_CONFIG_INVALID', `${source} is no JSON${place}: ${inOneLine((cause as Error).message)}`, {
      details: { source, ...position },
      cause,
    });
  }
}

/** The parser quotes the text around the error, line breaks included. */
function inOneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').slice(0, 200);
}

/** A text that only the second reader refuses, such as one nested too deeply for it, is reported without positions. */
function locationsOf(text: string): JsonLocations | undefined {
  try {
    return new JsonLocations(text);
  } catch {
    return undefined;
  }
}

function repeatedProblem({
  keys,
  first,
  second,
}: {
  keys: readonly PropertyKey[];
  first: TextPosition;
  second: TextPosition;
}): ConfigProblem {
  return {
    path: formatPath(keys),
    keys,
    found: `is given twice, in line ${first.line} and line ${second.line}`,
    allowed: 'each key once',
  };
}

function describe(position: TextPosition | undefined): string | undefined {
  return position === undefined ? undefined : `line ${position.line}, column ${position.column}`;
}

function unreadable(path: string, why: string, cause?: unknown): RingmainError {
  return new RingmainError('RINGMAIN_CONFIG_INVALID', `${path} cannot be read: ${why}`, {
    allowed: `a JSON file of at most ${CONFIG_FILE_BYTES_MAX} bytes`,
    details: { source: path },
    cause,
  });
}
