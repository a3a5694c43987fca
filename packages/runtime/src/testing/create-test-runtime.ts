/**
 * A runtime for tests: its account is settled when it closes, and faults happen where they are asked for.
 *
 * Thread: main. The runtime is the one that ships. Its subscriber modules are loaded by a module that puts faults around their handlers, and its publishing
 * calls go through a proxy; nothing of that is there in a runtime that was started by `createRuntime`.
 */
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RingmainError } from '@ringmain/core';
import type { AccountOptions, FaultRule } from '@ringmain/testkit';
import { accountFor, endsThread } from '@ringmain/testkit';
import { pino } from 'pino';
import type { RuntimeConfigInput } from '../config/config-schema.ts';
import type { RuntimeOptions } from '../create-runtime.ts';
import { createRuntime } from '../create-runtime.ts';
import type { CloseReport } from '../runtime-results.ts';
import type { Runtime } from '../runtime.ts';
import { restoreClock } from './clock-jump.ts';
import { shareFaults } from './fault-board.ts';
import { faultyPublishing } from './faulty-publishing.ts';

/** Options of {@link createTestRuntime}: those of `createRuntime`, with the configuration as a value, and faults. */
export interface TestRuntimeOptions<Events> extends Omit<RuntimeOptions<Events>, 'config'> {
  /** @defaultValue `{ shards: 0, log: { level: 'silent' } }`; what is given goes over it */
  readonly config?: Omit<RuntimeConfigInput, 'subscribers'>;
  /** What shall go wrong. Of several that concern an event, the first that fires happens. @defaultValue nothing */
  readonly faults?: readonly FaultRule[];
  /** Decides, with the events, which of them meet a fault whose rate is below 1: any 32-bit integer. @defaultValue 1 */
  readonly seed?: number;
}

/** A runtime under test. */
export interface TestRuntime<Events> {
  /** The runtime; its calls meet the faults, and are noted. */
  readonly runtime: Runtime<Events>;
  /** How often each fault has happened, in all threads, in the order in which they were given. */
  readonly injected: () => readonly number[];
  /**
   * Closes the runtime.
   *
   * @param account - with `abandons`, deliveries may be left over, for the reason it gives
   * @throws (rejects) an error with everything that does not add up in the figures of the runtime; see `accountFor`
   */
  readonly close: (account?: AccountOptions) => Promise<CloseReport>;
  /** Same as `close`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const MODULE = new URL(`./faulty-subscribers-main${extname(import.meta.url)}`, import.meta.url);

/**
 * Starts a runtime for a test.
 *
 * @throws (rejects) what `createRuntime` throws, and {@link RingmainError} `RINGMAIN_OPTION_INVALID` for faults that cannot be
 * @example
 * ```ts
 * const { runtime, injected, close } = await createTestRuntime({
 *   events,
 *   subscribers: [new URL('./handlers.ts', import.meta.url)],
 *   faults: [{ at: 'handler', action: 'throw', match: { group: 'billing' }, rate: 0.1 }],
 *   seed: 42,
 * });
 * ```
 */
export async function createTestRuntime<Events = Record<string, unknown>>(
  options: TestRuntimeOptions<Events> = {},
): Promise<TestRuntime<Events>> {
  const { faults = [], seed = 1, config, subscribers = [], ...others } = options;
  const full: RuntimeConfigInput = { shards: 0, log: { level: 'silent' }, ...config };
  checkThreads(faults, full);
  const shared = shareFaults(seed, faults);
  const runtime = await createRuntime<Events>({
    logger: pino({ level: 'silent' }),
    ...others,
    config: full,
    // Without faults nothing stands between the runtime and its handlers.
    subscribers: faults.length === 0 ? subscribers : subscribers.map((module) => faultyModule(module, shared.id)),
  }).catch((error: unknown) => {
    shared.forget();
    throw error;
  });
  const account = accountFor(runtime);
  const closeOnce = async (allowances?: AccountOptions): Promise<CloseReport> => {
    const report = await runtime.close();
    shared.forget();
    restoreClock();
    account.check(report, allowances);
    return report;
  };
  let closed: Promise<CloseReport> | undefined;
  const close = (allowances?: AccountOptions): Promise<CloseReport> => (closed ??= closeOnce(allowances));
  return {
    runtime: faultyPublishing(account.runtime, shared.points, { number: 0, attempt: 1 }),
    injected: () => shared.points.fired(),
    close,
    async [Symbol.asyncDispose]() {
      await close();
    },
  };
}

/** The URL under which a module is loaded with faults. */
function faultyModule(module: URL | string, faults: string): URL {
  const url = new URL(MODULE);
  url.searchParams.set('faults', faults);
  url.searchParams.set('module', new URL(module, pathToFileURL(`${process.cwd()}/`)).href);
  return url;
}

/** What ends or blocks a thread would end or block the test, where handlers run on the main thread. */
function checkThreads(faults: readonly FaultRule[], { shards }: RuntimeConfigInput): void {
  const index = shards === 0 ? faults.findIndex(({ action }) => endsThread(action)) : -1;
  if (index < 0) return;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `faults[${index}].action is ${faults[index]?.action} with shards: 0`, {
    allowed: 'at least one shard, whose thread it may end',
  });
}
