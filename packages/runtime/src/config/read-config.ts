/**
 * Reads a configuration in either of the forms in which users give it: the name of a file, or the value itself.
 * Thread: main; reads files synchronously.
 */
import { pathToFileURL } from 'node:url';
import type { RuntimeConfig, RuntimeConfigInput } from './config-schema.ts';
import { loadConfig } from './load-config.ts';
import { parseConfig } from './parse-config.ts';

/** Path or URL of a JSON file, or the configuration itself. */
export type ConfigSource = string | URL | RuntimeConfigInput;

/**
 * Reads, checks and completes a configuration.
 *
 * @returns the configuration, and the URL to which module paths in it are relative
 * @throws {@link RingmainError} `RINGMAIN_CONFIG_INVALID`
 */
export function readConfig(config: ConfigSource | undefined): { readonly config: RuntimeConfig; readonly baseUrl: URL } {
  if (typeof config === 'string' || config instanceof URL) return loadConfig(config);
  return { config: parseConfig(config ?? {}), baseUrl: pathToFileURL(`${process.cwd()}/`) };
}
