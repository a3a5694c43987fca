/**
 * The configuration: every key with its type, range, default and description. The JSON Schema, the reference table in
 * `docs/configuration.md`, the environment variables and the texts of errors all follow from this one definition.
 * Thread: any; the result travels to every thread as plain data.
 */
import { LIMITS } from '@ringmain/core';
import * as z from 'zod';
import { admission, flow, overflow, publishRate, rebalance, scheduling, stage, watchdog } from './flow-sections.ts';
import { breakers } from './breaker-section.ts';
import { health } from './health-section.ts';
import { isolation } from './isolation-section.ts';
import { bulkheads, handlers, retry } from './resilience-sections.ts';
import { deadLetters } from './dead-letter-section.ts';
import { dedupe } from './dedupe-section.ts';
import { MODULE_PATH_ALLOWED, isModulePath } from './module-path.ts';
import { KIB, MIB, integer, periodMs } from './schema-parts.ts';

const BUDGET_US_MAX = 1_000_000;
/** With one, all that ran beside the culprit would be set aside with it. */
const CRASHES_MIN = 2;
const CRASHES_MAX = 100;
const MODULE_PATHS_MAX = LIMITS.groupsMax;

/** Log levels in order of severity; `silent` writes nothing. */
export const LOG_LEVELS = Object.freeze(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const);

/** How a shard waits for events. */
export const WAIT_STRATEGIES = Object.freeze(['async', 'blocking', 'spinning'] as const);

function powerOfTwo(min: number, max: number) {
  const values: number[] = [];
  for (let value = min; value <= max; value *= 2) values.push(value);
  // The list lets editors complete the values; `allowed` is the same in words.
  return z
    .int()
    .min(min)
    .max(max)
    .refine((value) => values.includes(value))
    .meta({ enum: values, allowed: `a power of two from ${min} to ${max}` });
}

const megabytes = () => integer(1, 65_536).exactOptional();
const modulePath = () => z.string().min(1).max(4096).refine(isModulePath).meta({ allowed: MODULE_PATH_ALLOWED });

const lane = (description: string) =>
  z
    .strictObject({
      capacityBytes: powerOfTwo(LIMITS.laneBytesMin, LIMITS.laneBytesMax)
        .default(MIB)
        .describe('Bytes this lane from the main thread to each shard holds; a publish into a full lane is rejected.'),
    })
    .prefault({})
    .describe(description);

const lanes = z
  .strictObject({
    critical: lane('Lane of critical events, served first.'),
    high: lane('Lane of events of high priority.'),
    normal: lane('Lane of events of normal priority, the default of an event type.'),
    low: lane('Lane of events of low priority.'),
  })
  .prefault({})
  .describe('Rings from the main thread to every thread, one per priority.');

const mesh = z
  .strictObject({
    capacityBytes: powerOfTwo(LIMITS.laneBytesMin, LIMITS.laneBytesMax)
      .default(256 * KIB)
      .describe(
        'Bytes each lane between two shards, or from a shard to the main thread, holds. Its pages are committed on first use.',
      ),
  })
  .prefault({})
  .describe('Rings that carry what handlers publish.');

const bay = z
  .strictObject({
    slots: integer(LIMITS.baySlotsMin, LIMITS.baySlotsMax)
      .default(65_536)
      .describe(
        'Deliveries to asynchronous handlers that one shard keeps open at a time. Three quarters of it are the credit that publishers share.',
      ),
    bytes: powerOfTwo(16 * KIB, LIMITS.laneBytesMax)
      .default(8 * MIB)
      .describe('Bytes of event bodies these deliveries hold per shard; each body takes a power of two of 64-byte chunks.'),
  })
  .prefault({})
  .describe('Where a delivery waits that outlives its turn of the shard, such as one whose handler returned a promise.');

const coordinator = z
  .strictObject({
    tickMs: integer(1, 60_000).default(100).describe('Period at which the coordinator samples a busy runtime, in milliseconds.'),
    idleTickMs: integer(1, 60_000)
      .default(1000)
      .describe('Period to which the coordinator backs off while nothing moves, in milliseconds.'),
  })
  .prefault({})
  .describe('The thread that owns and watches the shards.');

const restart = z
  .strictObject({
    maxRestarts: integer(0, 1_000_000)
      .default(5)
      .describe(
        'Restarts of one shard, or of the coordinator, allowed within `withinMs`; with one more the runtime does what `onLimit` says. 0 allows none.',
      ),
    withinMs: periodMs().default(60_000).describe('Sliding period over which restarts are counted, in milliseconds.'),
    crashesMax: integer(CRASHES_MIN, CRASHES_MAX)
      .default(LIMITS.crashesMax)
      .describe(
        'Deaths of its thread at which an event was in flight until it is dead-lettered; one death before that it runs alone, so that it convicts nobody else. More than `maxRestarts` are never reached within `withinMs`.',
      ),
    backoffInitialMs: integer(0, 60_000)
      .default(100)
      .describe(
        'Wait before the second restart in a row of a shard whose threads live for less than `withinMs / maxRestarts`, in milliseconds; it doubles with each further one. The first restart never waits.',
      ),
    backoffMaxMs: integer(0, 60_000).default(5000).describe('Longest wait before a restart, in milliseconds.'),
    onLimit: z
      .enum(['fail', 'reassign'])
      .default('fail')
      .describe(
        'What happens when a shard dies more often: the runtime fails, or the partitions of the shard move to the others. The last shard is never given up.',
      ),
  })
  .prefault({})
  .describe('Restart intensity of each shard and of the coordinator.');

const log = z
  .strictObject({
    level: z.enum(LOG_LEVELS).default('info').describe('Least severe level that is logged, in all threads.'),
  })
  .prefault({})
  .describe('Logging.');

const output = z
  .strictObject({
    bytesPerSecondMax: integer(0, 1024 * MIB)
      .default(MIB)
      .describe(
        "Bytes per second of a shard's stdout and stderr that are passed on; the rest is dropped and counted. 0 passes nothing on.",
      ),
  })
  .prefault({})
  .describe('Bound of what handlers print.');

const resourceLimits = z
  .strictObject({
    maxOldGenerationSizeMb: megabytes().describe('Heap of long-lived objects, in MiB.'),
    maxYoungGenerationSizeMb: megabytes().describe('Heap of new objects, in MiB.'),
    codeRangeSizeMb: megabytes().describe('Memory for generated code, in MiB.'),
    stackSizeMb: integer(1, 256).exactOptional().describe('Stack of the thread, in MiB.'),
  })
  .exactOptional()
  .describe('Memory limits of each shard thread, as `resourceLimits` of a Node worker. A shard that exceeds one is replaced.');

/** The schema of the configuration as users write it. */
export const configSchema = z
  .strictObject({
    $schema: z.string().max(4096).exactOptional().describe('Where an editor finds the JSON Schema of this file; ignored.'),
    shards: z
      .union([integer(0, LIMITS.shardsMax), z.literal('auto')])
      .default('auto')
      .describe('Shard threads. `"auto"` is the available parallelism minus 2, at least 1; 0 runs handlers on the main thread.'),
    shardsMax: integer(0, LIMITS.shardsMax)
      .exactOptional()
      .describe(
        'Most shards that `resize` may ask for; memory is planned for so many, as address space until it is used. Without it as many as `shards`.',
      ),
    lanes,
    mesh,
    bay,
    recordBytesMax: integer(256, LIMITS.recordBytesMax)
      .default(64 * KIB)
      .describe(
        'Largest record (header, attributes, payload) in bytes; a larger publish throws. A lane holds at least two of them.',
      ),
    overflow,
    stage,
    publishRate,
    admission,
    drainBudgetUs: integer(10, BUDGET_US_MAX)
      .default(500)
      .describe('Time a shard spends on events before timers and I/O of its handlers run, in microseconds.'),
    mainDrainBudgetUs: integer(10, BUDGET_US_MAX).default(1000).describe('The same for the main thread, in microseconds.'),
    wait: z
      .enum(WAIT_STRATEGIES)
      .default('async')
      .describe(
        'How an idle shard waits. `blocking` and `spinning` stop timers and I/O of its handlers; `spinning` takes a core.',
      ),
    coordinator,
    restart,
    warmSpare: z
      .boolean()
      .default(true)
      .describe('Keeps one more thread with the handler modules loaded, which takes over at once when a shard dies.'),
    startTimeoutMs: periodMs().default(10_000).describe('Time each thread has to load its modules and start, in milliseconds.'),
    shutdownMs: periodMs()
      .default(30_000)
      .describe(
        'Time `close` waits for accepted events to settle before it stops the threads, and `resize` for the teardowns of a shard that leaves, in milliseconds.',
      ),
    resizeTimeoutMs: periodMs()
      .default(10_000)
      .describe(
        'Time that the partitions of one shard have to move in a `resize`, unless the call says otherwise, in milliseconds. What did not move in time stays where it was.',
      ),
    deliveryTimeoutMs: periodMs()
      .default(5000)
      .describe(
        'Time `send` waits for room or for handlers unless the call says otherwise, and a subscription or a reload for shards to learn of it, in milliseconds.',
      ),
    bulkheads,
    isolation,
    breakers,
    handlers,
    retry,
    deadLetters,
    dedupe,
    scheduling,
    flow,
    rebalance,
    watchdog,
    health,
    log,
    output,
    resourceLimits,
    events: modulePath()
      .exactOptional()
      .describe('Module that exports the event definitions, relative to this file. Needed by the command line.'),
    subscribers: z
      .array(modulePath())
      .max(MODULE_PATHS_MAX)
      .default([])
      .describe('Modules whose subscribers every shard loads, relative to this file.'),
    source: z
      .string()
      .min(1)
      .max(LIMITS.attributeChars)
      .default('ringmain')
      .describe('CloudEvents `source` of events whose publisher names none.'),
  })
  .meta({ title: 'ringmain configuration', description: 'Configuration of a ringmain runtime.' });

/** The configuration as users write it: every key is optional. */
export type RuntimeConfigInput = DeepReadonly<z.input<typeof configSchema>>;

/** What the schema accepts, before `"auto"` is resolved. */
export type CheckedConfig = z.output<typeof configSchema>;

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** The effective configuration: every default filled in, `shards` and `shardsMax` numbers, deeply frozen. */
export type RuntimeConfig = DeepReadonly<
  Omit<CheckedConfig, '$schema' | 'shards' | 'shardsMax'> & { shards: number; shardsMax: number }
>;
