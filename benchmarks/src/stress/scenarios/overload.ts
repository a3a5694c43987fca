/**
 * `overload`: three times what the shard gets through with a handler of about 50 us, in four priorities mixed 5, 15, 40 and 40 %.
 * Baseline: the same mix at 0.3 times the capacity.
 * Thread: main.
 */
import { constantLoad } from '@ringmain/cli/bench';
import type { PriorityName } from 'ringmain';
import { type PhaseEnd, runPhase } from '../load-phase.ts';
import { measureCapacity, spinIterationsFor } from '../measure-capacity.ts';
import { RuntimeTarget } from '../runtime-target.ts';
import type { Figures, StressContext, StressOutcome } from '../stress-result.ts';
import { prefixed } from '../stress-result.ts';

const HANDLER_US = 50;
const UNLOADED = 0.3;
const OVERLOADED = 3;
const CAPACITY_SLOT = 15;
const KEYS_PER_PRIORITY = 64;
const PRIORITIES: readonly PriorityName[] = ['critical', 'high', 'normal', 'low'];
/** Twenty events in the mix, spread so that no priority comes in clumps; indices of {@link PRIORITIES}. */
const MIX = [2, 3, 1, 2, 3, 2, 3, 1, 2, 3, 0, 2, 3, 2, 3, 1, 2, 3, 2, 3] as const;

/** Runs the scenario. */
export async function overload(context: StressContext): Promise<StressOutcome> {
  const target = await RuntimeTarget.start({ shards: 1, spinIterations: spinIterationsFor(HANDLER_US) });
  context.say('overload: capacity');
  const capacity = await measureCapacity(target, CAPACITY_SLOT, KEYS_PER_PRIORITY);
  await mixed(target, context, 'unloaded', capacity * UNLOADED, 0);
  await target.settled();
  const end = await mixed(target, context, 'overloaded', capacity * OVERLOADED, PRIORITIES.length);
  await target.settled();
  const perPriority = PRIORITIES.map((name, index) => ({ name, slot: PRIORITIES.length + index }));
  const handled = perPriority.reduce((sum, { slot }) => sum + target.board.handled(slot), 0);
  const figures: Figures = {
    capacityPerSecond: Math.round(capacity),
    offeredPerSecond: Math.round(capacity * OVERLOADED),
    acceptedPerSecond: Math.round(handled / end.seconds),
    generatorLateP99: end.lateP99,
    ...latencies(target, PRIORITIES.length),
    ...Object.fromEntries(perPriority.map(({ name, slot }) => [`${name}.acceptedShare`, share(target, slot)])),
  };
  const baseline: Figures = { offeredPerSecond: Math.round(capacity * UNLOADED), ...latencies(target, 0) };
  const outcomesByPriority = Object.fromEntries(
    perPriority.map(({ name, slot }) => [name, target.slots[slot]?.byStatus() ?? {}]),
  );
  const seen = end.degradation.length === 0 ? 'none' : end.degradation.join(', ');
  const notes = ['baseline: the same mix at 0.3 times the capacity', `degradation states seen: ${seen}`];
  return { figures, baseline, outcomesByPriority, ...(await target.close()), notes };
}

async function mixed(
  target: RuntimeTarget,
  context: StressContext,
  name: string,
  ratePerSecond: number,
  firstSlot: number,
): Promise<PhaseEnd> {
  const sampled = Object.fromEntries(PRIORITIES.map((priority, index) => [priority, firstSlot + index]));
  const schedule = constantLoad({ ratePerSecond, seconds: context.seconds });
  const publish = (index: number, dueUs: number) => {
    const level = MIX[index % MIX.length] ?? 2;
    // Each key keeps its priority: order is promised per key and priority.
    const key = (index % KEYS_PER_PRIORITY) * PRIORITIES.length + level;
    return target.offer(firstSlot + level, key, dueUs, PRIORITIES[level]);
  };
  return runPhase(target, { name, schedule, publish, sampled }, context);
}

function latencies(target: RuntimeTarget, firstSlot: number): Figures {
  return Object.assign(
    {},
    ...PRIORITIES.map((name, index) => {
      const { p50, p95 } = target.board.summary(firstSlot + index);
      return prefixed(name, { p50, p95 });
    }),
  ) as Figures;
}

function share(target: RuntimeTarget, slot: number): number {
  const counts = target.slots[slot];
  return counts === undefined || counts.total === 0 ? 0 : Number((counts.accepted / counts.total).toFixed(4));
}
