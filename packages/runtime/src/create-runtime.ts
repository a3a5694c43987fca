/**
 * `createRuntime`: from options to a running runtime, all threads draining.
 * Thread: main.
 */
import { url as inspectorUrl } from 'node:inspector';
import { pathToFileURL } from 'node:url';
import { RingmainError, describeValue, systemClock, systemRandom } from '@ringmain/core';
import { MAIN_THREAD, allocateMemory, bodyBytesMaxOf, createPartitionTable, planMemory, setPositions } from '@ringmain/ring';
import type { Logger } from 'pino';
import { BreakerControl } from './breakers/breaker-control.ts';
import { memoryOptions } from './capacity/memory-options.ts';
import type { RuntimeConfig } from './config/config-schema.ts';
import { moduleUrl } from './config/module-path.ts';
import type { ConfigSource } from './config/read-config.ts';
import { readConfig } from './config/read-config.ts';
import { checkNames, refuseOption } from './check-names.ts';
import type { CloseSignal, SignalOptions } from './close-signals.ts';
import { CloseSignals, signalOptionsOf } from './close-signals.ts';
import { CoordinatorLink } from './control/coordinator-link.ts';
import type { EventRegistry } from './events/define-events.ts';
import { isEventRegistry } from './events/define-events.ts';
import { CoordinatorWatch } from './health/coordinator-watch.ts';
import type { BreakerNotice } from './events/system-events.ts';
import { inTime } from './in-time.ts';
import { createThreadLog } from './log/thread-log.ts';
import { MainRoom } from './router/main-room.ts';
import type { RuntimeParts } from './runtime-parts.ts';
import { Runtime } from './runtime.ts';
import { HostedGroups } from './subscribers/hosted-groups.ts';
import { describeGroups, loadRegistry, loadSubscribers } from './subscribers/load-subscribers.ts';
import type { RuntimeSeed } from './thread-context.ts';
import { threadContext } from './thread-context.ts';

/** Options of {@link createRuntime}. */
export interface RuntimeOptions<Events> {
  /** The event registry, or the URL of a module that exports it. Defaults to `events` of the configuration. */
  readonly events?: EventRegistry<Events> | URL;
  /** Path or URL of a JSON file, or the configuration itself. Module paths in it are relative to the file, else to the working directory. */
  readonly config?: ConfigSource;
  /** URLs of subscriber modules, beside those of the configuration. */
  readonly subscribers?: readonly (URL | string)[];
  /** Log of the main thread; other threads write to standard error at the configured level. */
  readonly logger?: Logger;
  /**
   * Signals of the process that close the runtime: `true` for SIGTERM and SIGINT, or those that are named. A second signal hurries the close.
   *
   * @defaultValue none; the runtime adds no listener
   */
  readonly signals?: boolean | readonly CloseSignal[] | SignalOptions;
  /** @internal Position at which all rings start; tests begin near the wrap. */
  readonly initialPosition?: number;
}

const OPTIONS: Readonly<Record<keyof RuntimeOptions<unknown>, true>> = {
  events: true,
  config: true,
  subscribers: true,
  logger: true,
  signals: true,
  initialPosition: true,
};
const OPTION_NAMES: ReadonlySet<string> = new Set(Object.keys(OPTIONS));

/**
 * Starts a runtime.
 *
 * @returns the runtime, once every shard drains
 * @throws (rejects) {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_CONFIG_INVALID`, `RINGMAIN_SUBSCRIBER_LOAD_FAILED`, `RINGMAIN_SUBSCRIBER_INVALID`,
 * `RINGMAIN_EVENTS_MISMATCH`, `RINGMAIN_START_FAILED`; no thread is left then
 */
export async function createRuntime<Events = Record<string, unknown>>(
  options: RuntimeOptions<Events> = {},
): Promise<Runtime<Events>> {
  checkNames('options', options, OPTION_NAMES);
  const { subscribers = [] } = options;
  if (!Array.isArray(subscribers) || !subscribers.every((url: unknown) => typeof url === 'string' || url instanceof URL))
    refuseOption(`subscribers is ${describeValue(subscribers)}`, 'an array of URLs and paths');
  const signals = signalOptionsOf(options.signals);
  const { config, baseUrl } = readConfig(options.config);
  const { registry, eventsModule } = await findRegistry(options, config, baseUrl);
  const seed = createSeed(config, registry, eventsModule, [
    ...config.subscribers.map((path) => moduleUrl(path, baseUrl).href),
    ...subscribers.map((url) => (url instanceof URL ? url.href : new URL(url, pathToFileURL(`${process.cwd()}/`)).href)),
  ]);
  if (options.initialPosition !== undefined) setPositions(seed.plan, seed.memory, options.initialPosition);
  const log = options.logger ?? createThreadLog(config.log.level, 'main');
  const context = threadContext(seed, MAIN_THREAD);
  // A log that was given has the level that its owner gave it.
  if (options.logger === undefined) context.live.watch(['log'], (changed) => (log.level = changed.log.level));
  const room = new MainRoom(context, registry, log);
  const onClosed: Array<() => void> = [];
  const onEnding: Array<() => void> = [];
  const runtime = await (config.shards === 0
    ? startInline<Events>({ context, room, log, onClosed, onEnding })
    : startThreads<Events>({ context, room, log, onClosed, onEnding }));
  runtime.monitor.start();
  onEnding.push(() => runtime.monitor.tellNow());
  onClosed.push(() => runtime.monitor.stop());
  if (signals !== undefined) {
    const listeners = new CloseSignals(runtime, signals, log);
    onClosed.push(() => listeners.dispose());
  }
  return runtime;
}

type Started = Pick<RuntimeParts, 'context' | 'room' | 'log' | 'onClosed' | 'onEnding'>;

async function startThreads<Events>(parts: Started): Promise<Runtime<Events>> {
  const { context, room, log } = parts;
  const coordinator = new CoordinatorLink(context, log);
  const runtime = new Runtime<Events>({ ...parts, coordinator, inlineGroups: undefined, breakers: undefined });
  try {
    const groups = await coordinator.start({
      shardFailed: (index, reason) =>
        runtime.fail(failureOf(`shard ${index} ended too often: ${reason}`, { shard: index, reason }, log)),
      coordinatorFailed: (reason) =>
        runtime.fail(failureOf(`the coordinator ended and was not replaced: ${reason}`, { reason }, log)),
      notice: (name, data) => room.publishing.system.publish(name, data),
      // Only the main thread can tell whether an inspector is open.
      inspected: () => inspectorUrl() !== undefined,
    });
    room.start(groups);
    runtime.monitor.coordinator = new CoordinatorWatch(context, coordinator, log);
    return runtime;
  } catch (error) {
    // No thread is left by now; only the timer that keeps the process alive is.
    runtime.unref();
    throw error;
  }
}

function failureOf(what: string, details: Readonly<Record<string, unknown>>, log: Logger): RingmainError {
  const error = new RingmainError('RINGMAIN_SHARD_FAILED', what, { details });
  log.fatal({ err: error }, 'the runtime has failed');
  return error;
}

async function startInline<Events>(parts: Started): Promise<Runtime<Events>> {
  const { context, room, log } = parts;
  const { seed } = context;
  const { startTimeoutMs } = seed.config;
  const loaded = await inTime(loadSubscribers(seed), startTimeoutMs, tooLate('loading the subscriber modules', startTimeoutMs));
  const inlineGroups = new HostedGroups(context, room.consumer, loaded, log);
  try {
    await inTime(inlineGroups.setup(), startTimeoutMs, tooLate('setup of the subscribers', startTimeoutMs));
  } catch (error) {
    inlineGroups.abandon();
    throw error;
  }
  const groups = describeGroups(loaded.subscribers);
  room.start(groups);
  const notice = (event: BreakerNotice): void => room.publishing.system.publish('system.breaker', event);
  const breakers = new BreakerControl(context, groups, { log, notice });
  breakers.startAlone();
  return new Runtime<Events>({ ...parts, coordinator: undefined, inlineGroups, breakers });
}

function tooLate(what: string, startTimeoutMs: number): () => never {
  return () => {
    throw new RingmainError('RINGMAIN_START_FAILED', `${what} took longer than ${startTimeoutMs} ms`, {
      details: { startTimeoutMs },
    });
  };
}

async function findRegistry(
  options: Pick<RuntimeOptions<unknown>, 'events'>,
  config: RuntimeConfig,
  baseUrl: URL,
): Promise<{ readonly registry: EventRegistry; readonly eventsModule: string | undefined }> {
  if (isEventRegistry(options.events)) return { registry: options.events, eventsModule: undefined };
  const module = options.events instanceof URL ? options.events.href : undefined;
  const eventsModule = module ?? (config.events === undefined ? undefined : moduleUrl(config.events, baseUrl).href);
  if (eventsModule === undefined) {
    throw new RingmainError('RINGMAIN_OPTION_INVALID', 'no event definitions', {
      allowed: '`events` as the result of defineEvents or a module URL, or `events` in the configuration',
    });
  }
  const late = tooLate(`loading ${eventsModule}`, config.startTimeoutMs);
  return { registry: await inTime(loadRegistry(eventsModule), config.startTimeoutMs, late), eventsModule };
}

function createSeed(
  config: RuntimeConfig,
  registry: EventRegistry,
  eventsModule: string | undefined,
  subscribers: readonly string[],
): RuntimeSeed {
  const plan = planMemory(memoryOptions(config));
  if (config.recordBytesMax > bodyBytesMaxOf(plan)) {
    throw new RingmainError('RINGMAIN_CONFIG_INVALID', `recordBytesMax is ${config.recordBytesMax}`, {
      allowed: `at most ${bodyBytesMaxOf(plan)} with these lanes and this bay`,
    });
  }
  const memory = allocateMemory(plan);
  createPartitionTable(plan, memory, config.shards);
  return {
    config,
    plan,
    memory,
    epochUs: systemClock.monotonicUs(),
    epochWallMs: systemClock.wallMs(),
    nonceHigh: systemRandom.int32() & 0xffff,
    nonceLow: systemRandom.int32(),
    subscribers,
    eventsModule,
    eventsHash: registry.hash,
    types: [...registry.definitions.keys()],
  };
}
