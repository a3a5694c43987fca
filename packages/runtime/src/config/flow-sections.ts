/**
 * The sections of the configuration about flow: how threads divide their time, what happens without room, what the coordinator watches.
 * Thread: any.
 */
import { LIMITS } from '@ringmain/core';
import * as z from 'zod';
import { MIB, integer, periodMs } from './schema-parts.ts';

const WEIGHT_MAX = 1000;

/** How threads divide their time. */
export const scheduling = z
  .strictObject({
    weights: z
      .strictObject({
        high: integer(1, WEIGHT_MAX).default(8).describe('Share of events of high priority.'),
        normal: integer(1, WEIGHT_MAX).default(4).describe('Share of events of normal priority.'),
        low: integer(1, WEIGHT_MAX).default(1).describe('Share of events of low priority.'),
      })
      .prefault({})
      .describe('How a busy thread divides the time of its synchronous handlers among priorities. Critical comes first.'),
    quantumUs: integer(5, 100_000)
      .default(50)
      .describe('Time that a priority of weight 1 is served before the next one has its turn, in microseconds.'),
    criticalShareMax: z
      .number()
      .min(0.05)
      .max(0.95)
      .default(0.5)
      .describe('Largest share of a busy thread that critical events take while others wait.'),
    criticalWindowMs: periodMs()
      .default(100)
      .describe('Period over which that share is reckoned, in milliseconds: critical may take its share of one period at once.'),
    maxWaitMs: z
      .strictObject({
        high: periodMs().default(200).describe('Wait after which an event of high priority is served out of turn.'),
        normal: periodMs().default(1000).describe('The same for normal priority.'),
        low: periodMs().default(5000).describe('The same for low priority.'),
      })
      .prefault({})
      .describe('Waits after which the oldest event of a lane is served out of turn, in milliseconds.'),
    outOfTurnMs: periodMs().default(10).describe('Shortest time between two services out of turn, in milliseconds.'),
    adaptive: z
      .boolean()
      .default(true)
      .describe(
        'Raises the weight of a priority that does not get through while others do, up to four times, and takes it back; while the ladder gives service up, that of high only.',
      ),
  })
  .prefault({})
  .describe('How each thread divides its time among the priorities.');

/** What counts as overload. */
export const flow = z
  .strictObject({
    targetMs: periodMs()
      .default(20)
      .describe('Wait in a lane that is always acceptable, in milliseconds; bursts may exceed it for one interval.'),
    intervalMs: periodMs()
      .default(100)
      .describe('Time after which a lane that never got below `targetMs` counts as standing, in milliseconds.'),
    memoryLimitMb: integer(16, 16_777_216)
      .exactOptional()
      .describe(
        'Memory of the process, in MiB, at which the pressure is at its highest; it rises from 70 % on. Without it 80 % of what the machine or the container has.',
      ),
    loopDelayMs: periodMs()
      .exactOptional()
      .describe(
        'Delay of the main thread, in milliseconds, at which the pressure is at its highest; it rises from half of it on. Without it delays do not count.',
      ),
    ladder: z
      .strictObject({
        enabled: z
          .boolean()
          .default(true)
          .describe('Whether service is given up step by step under pressure. The pressure is measured in any case.'),
        stepUpMs: periodMs().default(200).describe('Time the pressure stays high before the next step up, in milliseconds.'),
        stepDownMs: periodMs().default(2000).describe('Time the pressure stays low before a step down, in milliseconds.'),
      })
      .prefault({})
      .describe('The degradation ladder: normal, throttle, coalesce, shed-low, shed-normal, critical-only.'),
  })
  .prefault({})
  .describe('How the coordinator tells overload from a burst, and what it does about it.');

/** What is said and done about handlers that block. */
export const watchdog = z
  .strictObject({
    slowMs: periodMs()
      .default(100)
      .describe(
        'Time in one synchronous handler after which it is logged by name and told as `system.handler`, in milliseconds.',
      ),
    replaceAfterChecks: integer(2, 1_000_000)
      .exactOptional()
      .describe(
        'Checks in a row, one per `coordinator.tickMs`, that find a shard in the same handler without any progress, after which its thread is replaced as after a crash. Without it never.',
      ),
  })
  .prefault({})
  .describe('What is said and done about handlers that block a shard. It rests while an inspector is open.');

/** What may become of an event for which there is no room; `spill` comes with the event store. */
const OVERFLOW_POLICIES = ['reject', 'block', 'drop-new', 'drop-old', 'coalesce', 'sample', 'circuit-break'] as const;

const overflowPolicy = (description: string) =>
  z
    .strictObject({
      policy: z
        .enum(OVERFLOW_POLICIES)
        .default('reject')
        .describe('What becomes of an event for which there is no room; see the guide to backpressure.'),
      deadlineMs: periodMs().default(1000).describe('With `block`: longest wait in the stage, in milliseconds.'),
      oneOf: integer(2, 1_000_000).default(10).describe('With `sample`: one of so many events without room is kept.'),
      failures: integer(1, LIMITS.stageEventsMax)
        .default(5)
        .describe('With `circuit-break`: refusals in a row that open the circuit breaker.'),
      cooldownMs: periodMs().default(1000).describe('With `circuit-break`: time it stays open, in milliseconds.'),
    })
    .prefault({})
    .describe(description);

/** What becomes of events for which there is no room. */
export const overflow = z
  .strictObject({
    critical: overflowPolicy('Critical events whose type names no policy.'),
    high: overflowPolicy('The same for events of high priority.'),
    normal: overflowPolicy('The same for events of normal priority.'),
    low: overflowPolicy('The same for events of low priority.'),
  })
  .prefault({})
  .describe('What `publish` does with an event for which there is no room, by priority. `send` waits, whatever stands here.');

/** Where events wait for room. */
export const stage = z
  .strictObject({
    events: integer(0, LIMITS.stageEventsMax)
      .default(1024)
      .describe('Events that wait in each publishing thread for room, where their policy stages them.'),
    bytes: integer(0, LIMITS.laneBytesMax).default(MIB).describe('Bytes of these events; the last one may exceed it.'),
    maxWaitMs: periodMs()
      .default(5000)
      .describe(
        'Longest wait in the stage, in milliseconds, of events whose policy names none; then they are dropped and counted.',
      ),
  })
  .prefault({})
  .describe('Where a publishing thread keeps events until there is room.');

/** What one thread may publish. */
export const publishRate = z
  .strictObject({
    perSecond: integer(1, 100_000_000)
      .exactOptional()
      .describe('Events that each publishing thread may publish per second; without it there is no limit.'),
    burst: integer(1, 100_000_000).default(1000).describe('Events it may publish at once after a quiet while.'),
    onLimit: z
      .enum(['reject', 'queue'])
      .default('reject')
      .describe(
        'What `publish` does with an event beyond the limit: refuses it, or keeps it in the stage until its turn comes, the highest priority first.',
      ),
  })
  .prefault({})
  .describe('Rate limit of each publishing thread; a `send` beyond it waits, whatever stands in `onLimit`.');

/** What the lower rungs of the ladder let through. */
export const admission = z
  .strictObject({
    throttlePerSecond: integer(1, 100_000_000)
      .default(1000)
      .describe('Events of low priority per second that each publishing thread may publish on the rung `throttle`.'),
    sampleOneOf: integer(2, 1_000_000)
      .default(10)
      .describe(
        'Of so many events of low priority and one type, one is let through on the rung `coalesce`; types that coalesce keep the newest of each key.',
      ),
  })
  .prefault({})
  .describe('What publishers let through on the lower rungs of the degradation ladder.');

/** When partitions leave a busy shard. */
export const rebalance = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        'Whether partitions move away from a shard that has more to do than the others. What handlers publish comes from another producer after a move.',
      ),
    intervalMs: periodMs()
      .default(1000)
      .describe('Time between two looks at what shards spend on each partition, in milliseconds.'),
    threshold: z
      .number()
      .min(1)
      .max(100)
      .default(1.25)
      .describe('How many times the mean of all shards one may have to do before partitions move.'),
    busyMin: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('Part of its time that the busiest shard must be busy; below it nothing moves, however uneven the load is.'),
    checks: integer(1, 1000)
      .default(3)
      .describe('Looks in a row that must find this before partitions move, and that are waited after.'),
    movesMax: integer(1, 256).default(16).describe('Most partitions that move at a time.'),
    timeoutMs: periodMs()
      .default(2000)
      .describe(
        'Time that the partitions of one shard have to move, in milliseconds; what did not move in time stays where it was.',
      ),
  })
  .prefault({})
  .describe(
    'How the coordinator relieves a busy shard. A key cannot be split: its partition moves as a whole, or others leave it.',
  );
