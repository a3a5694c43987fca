/**
 * Has a running runtime go by another configuration: all of it or nothing.
 * Thread: main.
 *
 * 1. The configuration is read, checked and compared with the one in force. A change that needs a restart refuses all of them.
 * 2. This thread goes by it. What it starts from now on, such as a coordinator in place of one that died, begins with it.
 * 3. The coordinator goes by it, then has the shards and the spare do so, each between two turns.
 * 4. A shard that does not answer in time is named in an error. Nothing is taken back: it goes by the new values as soon as it goes on.
 * Invariant: whatever threads end meanwhile, once the promise resolves every thread goes by this configuration or a later one.
 */
import { RingmainError } from '@ringmain/core';
import type { ConfigSource } from './config/read-config.ts';
import { readConfig } from './config/read-config.ts';
import type { ConfigChange } from './config/reloadable.ts';
import { configChanges, restartProblems } from './config/reloadable.ts';
import type { RuntimeParts } from './runtime-parts.ts';

/** What a reload changed. */
export interface ReloadReport {
  /** Keys whose effective value is another one now, in the order of the schema; empty when nothing differs. */
  readonly changed: readonly ConfigChange[];
}

/**
 * Reloads.
 *
 * @throws (rejects) {@link RingmainError} `RINGMAIN_CONFIG_INVALID`, `RINGMAIN_RESTART_NEEDED`, and nothing has changed then;
 * `RINGMAIN_CONTROL_TIMEOUT` with the shards that did not answer within `deliveryTimeoutMs`
 */
export async function reloadConfig(
  { context, coordinator, log }: Pick<RuntimeParts, 'context' | 'coordinator' | 'log'>,
  source: ConfigSource,
): Promise<ReloadReport> {
  const { config } = readConfig(source);
  const changes = configChanges(context.seed.config, config);
  const problems = restartProblems(changes);
  if (problems.length > 0) {
    const lines = problems.map(({ path, found, allowed }) => `\n  ${path}: ${found} (allowed: ${allowed})`);
    throw new RingmainError('RINGMAIN_RESTART_NEEDED', `nothing was reloaded${lines.join('')}`, {
      details: { paths: problems.map(({ path }) => path), problems },
    });
  }
  const changed = changes.map(({ path, from, to }) => Object.freeze({ path, from, to }));
  if (changed.length > 0) {
    context.live.replace(config);
    try {
      await coordinator?.reload();
    } catch (err) {
      log.warn({ changed, err }, 'the configuration was reloaded, but not every shard goes by it yet');
      throw err;
    }
    log.info({ changed }, 'the configuration was reloaded');
  }
  return Object.freeze({ changed: Object.freeze(changed) });
}
