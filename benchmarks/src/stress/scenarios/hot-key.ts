/**
 * `hot-key`: one key gets ten times as many events as each other, at 0.6 times what two shards get through.
 * Baseline: the same rate, all keys alike. The second half stands for the time after the rebalancing.
 * Thread: main.
 */
import { constantLoad } from '@ringmain/cli/bench';
import { runPhase } from '../load-phase.ts';
import { measureCapacity, spinIterationsFor } from '../measure-capacity.ts';
import { RuntimeTarget } from '../runtime-target.ts';
import type { Figures, StressContext, StressOutcome } from '../stress-result.ts';

const HANDLER_US = 20;
const SHARDS = 2;
const LOAD = 0.6;
const KEYS = 64;
const HOT_KEY = 0;
const HOT_TIMES = 10;
/** The hot key stands ten times in a cycle, spread among the others. */
const CYCLE = hotCycle();
const Slot = { even: 1, evenHot: 2, early: 3, earlyHot: 4, late: 5, lateHot: 6, capacity: 15 } as const;

/** Runs the scenario. */
export async function hotKey(context: StressContext): Promise<StressOutcome> {
  const target = await RuntimeTarget.start({
    shards: SHARDS,
    spinIterations: spinIterationsFor(HANDLER_US),
    rebalances: true,
  });
  context.say('hot-key: capacity');
  const capacity = await measureCapacity(target, Slot.capacity, KEYS);
  const schedule = constantLoad({ ratePerSecond: capacity * LOAD, seconds: context.seconds });
  const even = (index: number, dueUs: number) => {
    const key = index % KEYS;
    return target.offer(key === HOT_KEY ? Slot.evenHot : Slot.even, key, dueUs);
  };
  await runPhase(target, { name: 'all keys alike', schedule, publish: even, sampled: { others: Slot.even } }, context);
  await target.settled();
  const half = schedule.events / 2;
  const hot = (index: number, dueUs: number) => {
    const key = CYCLE[index % CYCLE.length] ?? HOT_KEY;
    const [others, itself] = index < half ? [Slot.early, Slot.earlyHot] : [Slot.late, Slot.lateHot];
    return target.offer(key === HOT_KEY ? itself : others, key, dueUs);
  };
  const sampled = { 'others, first half': Slot.early, 'others, second half': Slot.late };
  await runPhase(target, { name: 'one hot key', schedule, publish: hot, sampled }, context);
  await target.settled();
  const { board } = target;
  const others = board.summary(Slot.even);
  const late = board.summary(Slot.late);
  const figures: Figures = {
    offeredPerSecond: Math.round(capacity * LOAD),
    'others.p50': late.p50,
    'others.p90': late.p90,
    'othersFirstHalf.p90': board.summary(Slot.early).p90,
    'hot.p90': board.summary(Slot.lateHot).p90,
    outOfOrder: board.outOfOrder(),
  };
  const baseline: Figures = {
    offeredPerSecond: Math.round(capacity * LOAD),
    'others.p50': others.p50,
    'others.p90': others.p90,
    'othersFirstHalf.p90': others.p90,
    'hot.p90': board.summary(Slot.evenHot).p90,
  };
  const notes = ['baseline: the same rate, all keys alike', 'others: the second half of the time, after any rebalancing'];
  return { figures, baseline, ...(await target.close()), notes };
}

function hotCycle(): number[] {
  const length = KEYS - 1 + HOT_TIMES;
  const cycle: number[] = [];
  let key = 0;
  for (let place = 0; place < length; place++) {
    const hotDue = Math.floor(((place + 1) * HOT_TIMES) / length) > Math.floor((place * HOT_TIMES) / length);
    cycle.push(hotDue ? HOT_KEY : ++key);
  }
  return cycle;
}
