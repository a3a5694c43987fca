/**
 * `resize`: from two shards to four to one while events are published. Nothing may be lost and every key keeps its order.
 * Baseline: the same load before the first change.
 * Thread: main.
 */
import { constantLoad } from '@ringmain/cli/bench';
import { nowUs } from '../../measure/clock.ts';
import { runPhase } from '../load-phase.ts';
import { spinIterationsFor } from '../measure-capacity.ts';
import { RuntimeTarget } from '../runtime-target.ts';
import type { Figures, StressContext, StressOutcome } from '../stress-result.ts';

const RATE_PER_SECOND = 10_000;
const HANDLER_US = 10;
const SHARDS = 2;
const STEPS = [4, 1] as const;
const KEYS = 256;
const Slot = { before: 1, resized: 2 } as const;

/** Runs the scenario. */
export async function resize(context: StressContext): Promise<StressOutcome> {
  const shardsMax = Math.max(SHARDS, ...STEPS);
  const target = await RuntimeTarget.start({ shards: SHARDS, shardsMax, spinIterations: spinIterationsFor(HANDLER_US) });
  const { runtime, board } = target;
  const schedule = constantLoad({ ratePerSecond: RATE_PER_SECOND, seconds: context.seconds });
  const into = (slot: number) => (index: number, dueUs: number) => target.offer(slot, index % KEYS, dueUs);
  await runPhase(target, { name: 'two shards', schedule, publish: into(Slot.before), sampled: { all: Slot.before } }, context);
  await target.settled();
  const resizes = resizeDuring(runtime, context.seconds);
  await runPhase(target, { name: 'resized', schedule, publish: into(Slot.resized), sampled: { all: Slot.resized } }, context);
  const resizeUs = await resizes;
  await target.settled();
  const figures: Figures = {
    ...latencies(target, Slot.resized),
    resizeMsMax: Number((Math.max(...resizeUs) / 1000).toFixed(1)),
    outOfOrder: board.outOfOrder(),
  };
  const notes = ['baseline: the same load on two shards', `shards: ${[SHARDS, ...STEPS].join(', then ')}`];
  return { figures, baseline: latencies(target, Slot.before), ...(await target.close()), notes };
}

/** Resizes at even intervals of the load; the time each took. */
async function resizeDuring(runtime: Pick<RuntimeTarget['runtime'], 'resize'>, seconds: number): Promise<number[]> {
  const tookUs: number[] = [];
  for (const shards of STEPS) {
    await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / (STEPS.length + 1)));
    const startUs = nowUs();
    await runtime.resize(shards);
    tookUs.push(nowUs() - startUs);
  }
  return tookUs;
}

function latencies(target: RuntimeTarget, slot: number): Figures {
  const { p50, p90, p99, max } = target.board.summary(slot);
  return { p50, p90, p99, max };
}
