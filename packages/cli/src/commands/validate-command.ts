/** `ringmain validate`: checks a configuration and that its modules are there, without starting anything. */
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RingmainError } from '@ringmain/core';
import type { LoadedConfig } from 'ringmain';
import { loadConfig, moduleUrl } from 'ringmain';
import { ExitCode } from '../exit-codes.ts';
import type { ExitCodeValue } from '../exit-codes.ts';
import { writeOut } from '../write-out.ts';
import type { CommandIo } from './command-io.ts';

/** Options of `validate`. */
export interface ValidateOptions {
  /** Prints the effective configuration. */
  readonly print?: boolean;
}

/**
 * Runs the command.
 *
 * @throws {@link RingmainError} `RINGMAIN_CONFIG_INVALID`
 */
export async function validateCommand(path: string, options: ValidateOptions, io: CommandIo): Promise<ExitCodeValue> {
  const loaded = loadConfig(path);
  requireModules(loaded, path);
  for (const line of [...variableNotes(loaded), ...eventsNotes(loaded)]) await writeOut(io.stderr, `${line}\n`);
  const text = options.print === true ? JSON.stringify(loaded.config, undefined, 2) : `${path} is valid`;
  await writeOut(io.stdout, `${text}\n`);
  return ExitCode.ok;
}

/** Notes on environment variables that look like overrides but name no key. */
export function variableNotes({ ignoredVariables }: LoadedConfig): string[] {
  return ignoredVariables.map((name) => `note: environment variable ${name} names no configuration key and is ignored`);
}

/** A configuration without `events` is valid: `createRuntime` may be given them. The commands have no other place to find them. */
function eventsNotes({ config }: LoadedConfig): string[] {
  if (config.events !== undefined) return [];
  return ['note: events is not set; ringmain run refuses this configuration, createRuntime({ events }) takes it'];
}

/** A folder is no module: ES modules are named file by file. */
function isFile(url: URL): boolean {
  return statSync(fileURLToPath(url), { throwIfNoEntry: false })?.isFile() === true;
}

function requireModules({ config, baseUrl }: LoadedConfig, path: string): void {
  const named: [string, string][] = [
    ...(config.events === undefined ? [] : [['events', config.events] as [string, string]]),
    ...config.subscribers.map((subscriber, index) => [`subscribers[${index}]`, subscriber] as [string, string]),
  ];
  const missing = named.filter(([, module]) => !isFile(moduleUrl(module, baseUrl)));
  if (missing.length === 0) return;
  const lines = missing.map(([key, module]) => `\n  ${key}: there is no file ${JSON.stringify(module)}`);
  throw new RingmainError('RINGMAIN_CONFIG_INVALID', `modules missing in ${path}${lines.join('')}`, {
    allowed: 'paths relative to the configuration',
  });
}
