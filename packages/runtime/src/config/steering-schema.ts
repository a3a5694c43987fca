/**
 * Keys of the configuration that say how time is divided, what counts as overload, and what is done about it.
 * Thread: any.
 */
import * as z from 'zod';
import { integer, periodMs } from './value-schemas.ts';

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
        'Raises the weight of a priority that does not get through while others do, up to four times, and takes it back.',
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
