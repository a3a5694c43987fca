/**
 * Checks how the values of a configuration relate; each value alone is already checked by the schema.
 * Thread: any.
 */
import { LANE_RECORD_DIVISOR, LIMITS, PRIORITY_NAMES } from '@ringmain/core';
import { FRAME_BYTES } from '@ringmain/ring';
import type { ConfigProblem } from './config-problem.ts';
import { formatPath } from './config-problem.ts';
import type { CheckedConfig } from './config-schema.ts';

const MS_PER_SECOND = 1000;

/** Largest record a lane takes. */
export function laneRecordBytesMax(capacityBytes: number): number {
  return capacityBytes / LANE_RECORD_DIVISOR - FRAME_BYTES;
}

/** Returns what does not fit together, in the order of the schema. */
export function relationProblems(config: CheckedConfig): ConfigProblem[] {
  const lanes = PRIORITY_NAMES.map((name) =>
    laneProblem(config, ['lanes', name, 'capacityBytes'], config.lanes[name].capacityBytes),
  );
  return [
    shardsProblem(config),
    ...lanes,
    laneProblem(config, ['mesh', 'capacityBytes'], config.mesh.capacityBytes),
    bayProblem(config),
    tickProblem(config),
    flowProblem(config),
    rateProblem(config),
    ladderProblem(config),
  ].filter((problem) => problem !== undefined);
}

function shardsProblem({ shards, shardsMax }: CheckedConfig): ConfigProblem | undefined {
  // `"auto"` stays within `shardsMax`, but there must be one.
  const least = shards === 'auto' ? 1 : shards;
  if (shardsMax === undefined || shardsMax >= least) return undefined;
  return {
    path: 'shardsMax',
    keys: ['shardsMax'],
    found: `is ${shardsMax}, less than shards ${shards}`,
    allowed: `an integer from ${least} to ${LIMITS.shardsMax}`,
  };
}

function laneProblem(config: CheckedConfig, keys: readonly string[], capacityBytes: number): ConfigProblem | undefined {
  const largest = laneRecordBytesMax(capacityBytes);
  if (config.recordBytesMax <= largest) return undefined;
  const enough = powerOfTwoFrom((config.recordBytesMax + FRAME_BYTES) * LANE_RECORD_DIVISOR);
  return {
    path: formatPath(keys),
    keys,
    found: `is ${capacityBytes}, too small for two records of recordBytesMax ${config.recordBytesMax}`,
    allowed: `at least ${enough}, or recordBytesMax at most ${largest}`,
  };
}

function bayProblem({ bay, recordBytesMax }: CheckedConfig): ConfigProblem | undefined {
  // Bodies lie in blocks of a power of two of chunks, so this is what one body of the largest size takes.
  const blockBytes = powerOfTwoFrom(Math.max(recordBytesMax, LIMITS.bayChunkBytes));
  if (blockBytes <= bay.bytes) return undefined;
  return {
    path: 'bay.bytes',
    keys: ['bay', 'bytes'],
    found: `is ${bay.bytes}, too small for one record of recordBytesMax ${recordBytesMax}`,
    allowed: `at least ${blockBytes}, or recordBytesMax at most ${bay.bytes}`,
  };
}

function tickProblem({ coordinator }: CheckedConfig): ConfigProblem | undefined {
  if (coordinator.idleTickMs >= coordinator.tickMs) return undefined;
  return {
    path: 'coordinator.idleTickMs',
    keys: ['coordinator', 'idleTickMs'],
    found: `is ${coordinator.idleTickMs}, shorter than coordinator.tickMs ${coordinator.tickMs}`,
    allowed: `at least ${coordinator.tickMs}`,
  };
}

function rateProblem({ publishRate: { perSecond = 0, burst, onLimit } }: CheckedConfig): ConfigProblem | undefined {
  // Timers tick once a millisecond: what comes in until the next one must find room beside what is left of a token.
  const least = Math.ceil(perSecond / MS_PER_SECOND) + 1;
  if (onLimit === 'reject' || burst >= least) return undefined;
  return {
    path: 'publishRate.burst',
    keys: ['publishRate', 'burst'],
    found: `is ${burst}, too small for a queue at perSecond ${perSecond}`,
    allowed: `at least ${least}, or onLimit "reject"`,
  };
}

function flowProblem({ flow }: CheckedConfig): ConfigProblem | undefined {
  // A wait that is always acceptable cannot be longer than the time after which it no longer is.
  if (flow.intervalMs >= flow.targetMs) return undefined;
  return {
    path: 'flow.intervalMs',
    keys: ['flow', 'intervalMs'],
    found: `is ${flow.intervalMs}, shorter than flow.targetMs ${flow.targetMs}`,
    allowed: `at least ${flow.targetMs}`,
  };
}

function ladderProblem({ flow: { ladder } }: CheckedConfig): ConfigProblem | undefined {
  // Service that came back sooner than it went would go at once again.
  if (ladder.stepDownMs >= ladder.stepUpMs) return undefined;
  return {
    path: 'flow.ladder.stepDownMs',
    keys: ['flow', 'ladder', 'stepDownMs'],
    found: `is ${ladder.stepDownMs}, shorter than flow.ladder.stepUpMs ${ladder.stepUpMs}`,
    allowed: `at least ${ladder.stepUpMs}`,
  };
}

function powerOfTwoFrom(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}
